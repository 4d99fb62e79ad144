import type { Home } from '../home.ts';
import { gsdOfFacts, notesOf } from './ledger-notes.ts';
import type { LedgerDocument } from '../../pipeline/ledger/ledger-format.ts';
import { ledgerDocument } from '../../pipeline/ledger/ledger-document.ts';
import { standingSightings } from '../../pipeline/ledger/flow.ts';
import { inOrder } from '../../pipeline/ledger/replay.ts';
import { lastDayOf } from '../../pipeline/ledger/month.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { projectTending, type ProjectTending } from '../../pipeline/season/tending-group.ts';
import type { ImageStore } from '../images/store.ts';
import type { LedgerFacts } from './facts-format.ts';
import { openOverBoundary } from '../compute/over-boundary.ts';
import { splitByTown } from '../compute/project-parts.ts';
import { ledgerFactsOf, listProjects } from '../registry/door.ts';
import {
  loadLedgerRules,
  loadProjectRules,
  loadRegion,
  loadRules,
  loadSeasonRules,
  loadTowns,
} from '../rule/load-rules.ts';
import { balanceSheet, flowReadings } from './balance-sheet.ts';
import { loadLedgerLayers } from './ledger-layers.ts';
import { ledgerEntries, ledgerParts } from './part-entries.ts';

export interface MadeLedger {
  readonly ledger: LedgerDocument;
  /** outlines of `ledger.parts`, in their order; null where no sub-project takes part */
  readonly outlines: ParcelLayer | null;
}

/**
 * The ledger of a month (yyyy-mm): plan, report and observation of every sub-project and town, and what cropland and
 * water went and came; made anew out of facts each time.
 *
 * @throws AppError NOT_FOUND when an imported layer is missing from the image store
 */
export async function makeLedger(home: Home, images: ImageStore, month: string): Promise<MadeLedger> {
  const region = loadRegion();
  const rules = loadRules(region);
  const [projectRules, ledgerRules] = [loadProjectRules(rules), loadLedgerRules(rules)];
  const layers = await loadLedgerLayers(home, images, lastDayOf(month));
  const facts = await ledgerFactsOf(home, month);
  const subProjects = layers.subProjects?.layer ?? null;
  const parts = subProjects && splitByTown(subProjects, layers.survey?.layer ?? null);
  const projects = layers.projects?.layer ?? null;
  const lastYear = layers.lastYear && { id: layers.lastYear.ref.id, layer: layers.lastYear.layer };
  const centre = (subProjects ?? lastYear?.layer)?.centre ?? region.frame;
  const { readings, elsewhere } = flowReadings(facts, lastYear, centre);
  const ledger = parts === null ? [] : ledgerParts(parts, projects);
  const outsideM2 = new Float64Array(parts?.featureCount ?? 0);
  if (parts !== null) {
    const over = openOverBoundary({ parts, projects }, { toleranceM: gsdOfFacts(facts), limits: projectRules.limits });
    for (const { sighting, polygons } of standingSightings(inOrder(readings)))
      if (projectRules.outside.includes(sighting.category)) for (const polygon of polygons) over.add(polygon);
    outsideM2.set(over.outsideM2);
  }
  const { entries, outdated } =
    parts === null
      ? { entries: [], outdated: 0 }
      : ledgerEntries(parts, ledger, facts, { month, rules, projectRules, outsideM2 });
  const sheet = balanceSheet(readings, layers, { month, rules, ledgerRules });
  const known = new Set(projects?.columns['id'] ?? ledger.map(({ project }) => project));
  const stored = (await listProjects(home)).projects.filter(({ id }) => known.has(id));
  const document = ledgerDocument({
    month,
    entries,
    projects: stored,
    tending: tendingOf(stored, facts, lastDayOf(month)),
    looks: facts.readings.map(({ look, date, kind, sensor, gsdM, referenceDate }) => ({
      look,
      date,
      kind,
      sensor,
      gsdM,
      referenceDate,
    })),
    balance: sheet && { ...sheet, survey: layers.lastYear!.ref.asOf },
    notes: notesOf({ month, projects: stored.map(({ id }) => id), facts, layers, entries, outdated, elsewhere }),
    counties: region.counties,
    towns: loadTowns(region),
    projectRules,
    ledgerRules,
  });
  return { ledger: document, outlines: parts };
}

/** Tending of each project on a day. */
function tendingOf(
  projects: readonly { readonly id: string; readonly endDate: string | null }[],
  facts: Pick<LedgerFacts, 'tending'>,
  on: string,
): readonly ProjectTending[] {
  const { planting, tending: rules } = loadSeasonRules();
  return projects.map((project) => {
    const own = facts.tending.filter((year) => year.project === project.id);
    return projectTending(project, own, { on, yearTo: planting.yearTo, rules });
  });
}
