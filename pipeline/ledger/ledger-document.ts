import { toMu } from '../parcel/mu.ts';
import type { ProjectRules } from '../rule/project-rules.ts';
import { subProjectStateZh } from '../rule/project.ts';
import type { Town } from '../rule/region.ts';
import type { Balance, BalanceRow } from './balance.ts';
import { areaFigures, type AreaFigure } from './figures.ts';
import type { LedgerDocument } from './ledger-format.ts';
import type { LedgerRules } from './ledger-rules.ts';
import { lastDayOf } from './month.ts';
import type { LedgerEntry, LedgerSum, ProjectLedger } from './project-ledger.ts';
import { addUpProjects } from './project-ledger.ts';

export interface LedgerMatter {
  readonly month: string;
  readonly entries: readonly LedgerEntry[];
  readonly projects: readonly {
    readonly id: string;
    readonly name: string;
    readonly county: string;
    readonly towns: readonly string[];
    readonly stage: string;
  }[];
  readonly looks: LedgerDocument['looks'];
  readonly balance: {
    readonly year: string;
    readonly survey: string;
    readonly city: BalanceRow;
    readonly counties: ReadonlyMap<string, BalanceRow>;
    readonly towns: ReadonlyMap<string, BalanceRow>;
    readonly projects: ReadonlyMap<string, BalanceRow>;
  } | null;
  readonly notes: LedgerDocument['notes'];
  readonly tending: readonly LedgerDocument['tending'][number][];
  readonly counties: readonly { readonly code: string; readonly zh: string }[];
  readonly towns: ReadonlyMap<string, Town>;
  readonly projectRules: ProjectRules;
  readonly ledgerRules: LedgerRules;
}

type Row = LedgerDocument['city'];

const nothing = addUpProjects([]).city;

function rowOf(sum: LedgerSum = nothing): Row {
  const figures = areaFigures.flatMap((figure) => [
    [`${figure}M2`, sum.areasM2[figure]],
    [`${figure}Mu`, sum.areasMu[figure]],
  ]) as [`${AreaFigure}${'M2' | 'Mu'}`, number][];
  const { groundM2, groundMu, gapM2, gapMu, progressM2, observedFraction } = sum;
  return {
    parts: sum.entries,
    unreported: sum.unreported,
    ...(Object.fromEntries(figures) as Record<`${AreaFigure}${'M2' | 'Mu'}`, number>),
    groundM2,
    groundMu,
    gapM2,
    gapMu,
    progressM2,
    observedFraction,
  };
}

/** The ledger of a month as it is printed: every county and town of the region, whether or not it has a project. */
export function ledgerDocument(matter: LedgerMatter): LedgerDocument {
  const { month, entries, towns, projectRules, ledgerRules } = matter;
  const ledger = addUpProjects(entries);
  const workZh = (work: string): string => projectRules.works.find((rule) => rule.work === work)?.zh ?? work;
  const projectsOf = (isOf: (entry: LedgerEntry) => boolean): number =>
    new Set(entries.filter(isOf).map(({ part }) => part.project)).size;
  const partFields = ({ part }: LedgerEntry) => ({
    project: part.project,
    subProject: part.subProject,
    work: part.work,
    workZh: workZh(part.work),
    county: part.county,
    town: part.town,
    townName: towns.get(part.town)?.name ?? part.town,
  });
  const elsewhere = [...ledger.towns.keys()].filter((town) => !towns.has(town));
  const townCodes = [...towns.keys(), ...elsewhere];
  return {
    format: 'tianwatch-ledger/1',
    month,
    asOf: lastDayOf(month),
    looks: matter.looks,
    city: rowOf(ledger.city),
    counties: countyCodes(matter, ledger).map(({ code, name }) => ({
      code,
      name,
      projects: projectsOf(({ part }) => part.county === code),
      ...rowOf(ledger.counties.get(code)),
    })),
    towns: townCodes.map((code) => ({
      code,
      name: towns.get(code)?.name ?? code,
      county: code.slice(0, 6),
      projects: projectsOf(({ part }) => part.town === code),
      ...rowOf(ledger.towns.get(code)),
    })),
    works: projectRules.works.map(({ work, zh }) => ({ work, workZh: zh, ...rowOf(ledger.works.get(work)) })),
    countyWorks: countyCodes(matter, ledger).flatMap(({ code, name }) =>
      projectRules.works.map(({ work, zh }) => ({
        code,
        name,
        work,
        workZh: zh,
        ...rowOf(ledger.countyWorks.get(`${code}/${work}`)),
      })),
    ),
    townWorks: townCodes.flatMap((code) => {
      const name = towns.get(code)?.name ?? code;
      return worksOf(ledger.townWorks, code, matter).map((row) => ({ code, name, ...row }));
    }),
    projectWorks: matter.projects.flatMap(({ id }) =>
      worksOf(ledger.projectWorks, id, matter).map((row) => ({ project: id, ...row })),
    ),
    tending: [...matter.tending],
    projects: matter.projects.map(({ id, name, county, towns: own, stage }) => ({
      project: id,
      name,
      county,
      towns: [...own],
      stage,
      ...datesOf(entries.filter(({ part }) => part.project === id)),
      ...rowOf(ledger.projects.get(id)),
    })),
    parts: entries.map((entry, i) => {
      const { judgement, startedOn, finishedOn, lastLook } = entry.observation;
      return {
        ...partFields(entry),
        state: judgement.state,
        stateZh: subProjectStateZh[judgement.state],
        isOverBoundary: judgement.isOverBoundary,
        remarks: [...judgement.reasons],
        reportMonth: entry.reported?.month ?? null,
        startedOn,
        finishedOn,
        lastLook,
        ...rowOf(ledger.parts[i]),
      };
    }),
    claimedNotSeen: entries
      .map((entry, i) => ({
        ...partFields(entry),
        areaM2: ledger.parts[i]!.areasM2.claimedNotSeen,
        areaMu: ledger.parts[i]!.areasMu.claimedNotSeen,
      }))
      .filter(({ areaM2 }) => areaM2 >= ledgerRules.claimedNotSeenM2.value)
      .toSorted((a, b) => b.areaM2 - a.areaM2 || (a.subProject < b.subProject ? -1 : 1)),
    balance: balanceOf(matter),
    targets: targetsOf(matter, ledger),
    notes: matter.notes,
  };
}

/** Rows of a town or project, one for each work that it has. */
function worksOf(sums: ReadonlyMap<string, LedgerSum>, key: string, { projectRules }: LedgerMatter) {
  return projectRules.works.flatMap(({ work, zh }) => {
    const sum = sums.get(`${key}/${work}`);
    return sum === undefined ? [] : [{ work, workZh: zh, ...rowOf(sum) }];
  });
}

function countyCodes({ counties }: LedgerMatter, ledger: ProjectLedger): readonly { code: string; name: string }[] {
  const known = counties.map(({ code, zh }) => ({ code, name: zh }));
  const elsewhere = [...ledger.counties.keys()].filter((code) => !counties.some((county) => county.code === code));
  return [...known, ...elsewhere.map((code) => ({ code, name: code }))];
}

/** Of a project: begun with its first part, finished with its last. */
function datesOf(entries: readonly LedgerEntry[]): { startedOn: string | null; finishedOn: string | null } {
  const started = entries.flatMap(({ observation }) => observation.startedOn ?? []).toSorted();
  const finished = entries.map(({ observation }) => observation.finishedOn);
  const isFinished = finished.length > 0 && finished.every((date) => date !== null);
  return { startedOn: started[0] ?? null, finishedOn: isFinished ? (finished.toSorted().at(-1) ?? null) : null };
}

function balanceOf({ balance, counties, towns }: LedgerMatter): LedgerDocument['balance'] {
  if (balance === null) return null;
  const plain = ({ outByM2, gainByM2, balanceByM2, ...rest }: Balance) => ({
    ...rest,
    outByM2: { ...outByM2 },
    gainByM2: { ...gainByM2 },
    balanceByM2: { ...balanceByM2 },
  });
  const both = ({ cropland, water }: BalanceRow) => ({ cropland: plain(cropland), water: plain(water) });
  const nameOf = (code: string): string =>
    counties.find((county) => county.code === code)?.zh ?? towns.get(code)?.name ?? code;
  const rows = (of: ReadonlyMap<string, BalanceRow>) =>
    [...of].map(([code, row]) => ({ code, name: nameOf(code), ...both(row) }));
  return {
    year: balance.year,
    survey: balance.survey,
    city: both(balance.city),
    counties: rows(balance.counties),
    towns: rows(balance.towns),
    projects: [...balance.projects].map(([project, row]) => ({ project, ...both(row) })),
  };
}

function targetsOf(
  { projects, projectRules, ledgerRules, entries }: LedgerMatter,
  ledger: ProjectLedger,
): LedgerDocument['targets'] {
  const { targets } = ledgerRules;
  const count = (
    target: string,
    zh: string,
    target2027: number,
    planned: number,
  ): LedgerDocument['targets'][number] => ({
    target,
    zh,
    unit: '个',
    target2027,
    planned,
    reported: null,
    observed: null,
    reportedFraction: null,
    observedFraction: null,
  });
  const townsOf = (id: string): number =>
    new Set(entries.filter(({ part }) => part.project === id).map(({ part }) => part.town)).size;
  const crossTown = projects.filter(({ id, towns }) => towns.length > 1 || townsOf(id) > 1).length;
  return [
    count('projects', '整治项目', targets.projects, projects.length),
    count('cross-town', '跨镇项目', targets.crossTown, crossTown),
    ...projectRules.works.map(({ work, zh }): LedgerDocument['targets'][number] => {
      const target2027 = targets.worksMu[work];
      const own = ledger.works.get(work);
      const mu = own?.areasMu;
      return {
        target: work,
        zh,
        unit: '亩',
        target2027,
        planned: mu?.planned ?? 0,
        reported: mu?.reported ?? 0,
        observed: mu?.observed ?? 0,
        reportedFraction: toMu(own?.areasM2.reported ?? 0) / target2027,
        observedFraction: toMu(own?.areasM2.observed ?? 0) / target2027,
      };
    }),
  ];
}
