import { decodeRuns } from '../../pipeline/ledger/cell-runs.ts';
import type { LedgerPart } from '../../pipeline/ledger/part-ledger.ts';
import { observePart } from '../../pipeline/ledger/part-ledger.ts';
import { layPlaces, partDensity } from '../../pipeline/ledger/places.ts';
import type { LedgerEntry } from '../../pipeline/ledger/project-ledger.ts';
import type { CellReading } from '../../pipeline/ledger/replay.ts';
import { reportedAreas } from '../../pipeline/ledger/report-facts.ts';
import { type ParcelLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import { works } from '../../pipeline/rule/project-rules.ts';
import type { ProjectRules } from '../../pipeline/rule/project-rules.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import { outlineDigest } from '../compute/ground-reading.ts';
import type { LedgerFacts, StoredReading } from './facts-format.ts';

const cell = (layer: ParcelLayer, name: string, feature: number): string => layer.columns[name]?.[feature] ?? '';

/** Parts with their plans: of a sub-project that is cut, by the share of its outline. */
export function ledgerParts(parts: ParcelLayer, projects: ParcelLayer | null): readonly LedgerPart[] {
  const whole = new Map<string, number>();
  for (let feature = 0; feature < parts.featureCount; feature++) {
    const id = cell(parts, 'id', feature);
    whole.set(id, (whole.get(id) ?? 0) + parts.areaM2[feature]!);
  }
  return Array.from({ length: parts.featureCount }, (_, feature): LedgerPart => {
    const id = cell(parts, 'id', feature);
    const project = cell(parts, 'project', feature);
    const own = projects?.columns['id']?.indexOf(project) ?? -1;
    const of = (name: string): string => (projects === null || own < 0 ? '' : cell(projects, name, own));
    const town = cell(parts, 'town', feature);
    const groundM2 = parts.areaM2[feature]!;
    const planned = cell(parts, 'plannedM2', feature);
    const outlineM2 = whole.get(id)!;
    const work = works.find((each) => each === cell(parts, 'work', feature));
    return {
      project,
      subProject: id,
      work: work ?? 'contiguous',
      plannedCode: cell(parts, 'plannedCode', feature),
      county: town.slice(0, 6) || of('county'),
      town,
      plannedM2: planned === '' || !(outlineM2 > 0) ? groundM2 : (Number(planned) * groundM2) / outlineM2,
      groundM2,
      startDate: of('startDate') || null,
      endDate: of('endDate') || null,
    };
  });
}

/** Observations by sub-project and town, with the reading that they are of. */
function observationsBy(readings: readonly StoredReading[]) {
  const found = new Map<string, { reading: StoredReading; outline: string; cells: string }[]>();
  for (const reading of readings)
    for (const { subject, subjectId, town, outline, cells } of reading.observations) {
      if (subject !== 'sub-project' || cells === null) continue;
      const key = `${subjectId}\n${town}`;
      found.set(key, [...(found.get(key) ?? []), { reading, outline, cells }]);
    }
  return found;
}

export interface EntryOptions {
  readonly month: string;
  readonly rules: RuleSet;
  readonly projectRules: ProjectRules;
  /** works over the boundary by part (m²) */
  readonly outsideM2: Float64Array;
}

/**
 * What is known of each part at the end of a month.
 *
 * @returns entries in the order of the parts, and how many observations were of another outline and do not count
 */
export function ledgerEntries(
  layer: ParcelLayer,
  parts: readonly LedgerPart[],
  facts: LedgerFacts,
  { month, rules, projectRules, outsideM2 }: EntryOptions,
): { readonly entries: readonly LedgerEntry[]; readonly outdated: number } {
  const observations = observationsBy(facts.readings);
  const reported = reportedAreas(parts, facts.reported, month);
  let outdated = 0;
  const entries = parts.map((part, feature): LedgerEntry => {
    const polygons = polygonsOf(layer, feature);
    const all = observations.get(`${part.subProject}\n${part.town}`) ?? [];
    const outline = all.length === 0 ? '' : outlineDigest(polygons);
    const own = all.filter((each) => each.outline === outline);
    outdated += all.length - own.length;
    const cellCount = own.length === 0 ? 0 : layPlaces(polygons, part.groundM2, partDensity).positions.length;
    const readings = own.map(({ reading, cells }): CellReading => {
      const { look, date, reference, referenceDate, classes } = reading;
      const bytes = new Uint8Array(Buffer.from(cells, 'base64'));
      return { look, date, reference, referenceDate, classes, cells: decodeRuns(bytes, cellCount) };
    });
    const seen = { readings, cellCount, outsideM2: outsideM2[feature]! };
    return {
      part,
      observation: observePart(part, seen, { month, rules, projectRules }),
      reported: reported[feature]!,
    };
  });
  return { entries, outdated };
}
