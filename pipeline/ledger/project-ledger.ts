import type { AreaFigure, Figures } from './figures.ts';
import { areaFigures, figuresBy, groundFigures, muHundredths, sumsBy } from './figures.ts';
import type { LedgerPart, PartObservation } from './part-ledger.ts';
import type { ReportedArea } from './report-facts.ts';

/** A part with all that is known of it at the end of a month. */
export interface LedgerEntry {
  readonly part: LedgerPart;
  readonly observation: PartObservation;
  /** null: nothing was reported */
  readonly reported: ReportedArea | null;
}

/** A sum of entries, or one of them. */
export interface LedgerSum {
  readonly entries: number;
  /** of them, without a report */
  readonly unreported: number;
  readonly areasM2: Figures;
  /** ground = observed + underWay + deviating + tolerated + idle + unclear + unobserved */
  readonly groundM2: number;
  /** reported − observed */
  readonly gapM2: number;
  /** as planned now less as planned before the month, over the ground that both saw */
  readonly progressM2: number;
  /** two decimals, adding up over towns, counties, projects and works */
  readonly areasMu: Figures;
  readonly groundMu: number;
  readonly gapMu: number;
  /** of the ground, 0..1 */
  readonly observedFraction: number;
}

export interface ProjectLedger {
  readonly city: LedgerSum;
  /** by 6 digits, 9 digits, id, work, and each of the first three with a work after a slash */
  readonly counties: ReadonlyMap<string, LedgerSum>;
  readonly towns: ReadonlyMap<string, LedgerSum>;
  readonly projects: ReadonlyMap<string, LedgerSum>;
  readonly works: ReadonlyMap<string, LedgerSum>;
  readonly countyWorks: ReadonlyMap<string, LedgerSum>;
  readonly townWorks: ReadonlyMap<string, LedgerSum>;
  readonly projectWorks: ReadonlyMap<string, LedgerSum>;
  /** in the order of the entries */
  readonly parts: readonly LedgerSum[];
}

/**
 * What ground that was seen speaks against (m²): reported as done, and seen idle or turned into something else. What is
 * unseen, unclear or under way may still be what was reported.
 */
export function claimedNotSeenM2({ part, observation, reported }: LedgerEntry): number {
  if (reported === null) return 0;
  return Math.max(0, reported.reportedM2 - (part.groundM2 - observation.idleM2 - observation.deviatingM2));
}

function figuresOf(entry: LedgerEntry): Figures {
  const { part, observation, reported } = entry;
  const { judgement, ...seen } = observation;
  return {
    planned: part.plannedM2,
    reported: reported?.reportedM2 ?? 0,
    observed: seen.observedM2,
    underWay: seen.underWayM2,
    deviating: seen.deviatingM2,
    tolerated: seen.toleratedM2,
    idle: seen.idleM2,
    unclear: seen.unclearM2,
    unobserved: seen.unobservedM2,
    worked: seen.workedM2,
    claimedNotSeen: claimedNotSeenM2(entry),
    outside: judgement.outsideM2,
    seenInMonth: seen.seenInMonthM2,
    compared: seen.comparedM2,
  };
}

interface Leaf {
  readonly entry: LedgerEntry;
  readonly figures: Figures;
  /** hundredths of a 亩 */
  readonly mu: Figures;
}

/** All sums of the entries; every one is a sum of entries, none a remainder. */
export function addUpProjects(entries: readonly LedgerEntry[]): ProjectLedger {
  const figures = entries.map(figuresOf);
  const towns = entries.map(({ part }) => part.town);
  const mu = new Map<AreaFigure, readonly number[]>(
    areaFigures.map((figure) => [
      figure,
      muHundredths(
        figures.map((own) => own[figure]),
        towns,
      ),
    ]),
  );
  const leaves = entries.map((entry, i): Leaf => ({
    entry,
    figures: figures[i]!,
    mu: figuresBy((figure) => mu.get(figure)![i]!),
  }));
  const by = (keyOf: (part: LedgerPart) => string): ReadonlyMap<string, LedgerSum> => {
    const groups = new Map<string, Leaf[]>();
    for (const leaf of leaves) {
      const key = keyOf(leaf.entry.part);
      groups.set(key, [...(groups.get(key) ?? []), leaf]);
    }
    return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, sumOf(own)]));
  };
  return {
    city: sumOf(leaves),
    counties: by(({ county }) => county),
    towns: by(({ town }) => town),
    projects: by(({ project }) => project),
    works: by(({ work }) => work),
    countyWorks: by(({ county, work }) => `${county}/${work}`),
    townWorks: by(({ town, work }) => `${town}/${work}`),
    projectWorks: by(({ project, work }) => `${project}/${work}`),
    parts: leaves.map((leaf) => sumOf([leaf])),
  };
}

function sumOf(leaves: readonly Leaf[]): LedgerSum {
  const total = (valueOf: (leaf: Leaf) => number): number => sumsBy(leaves, () => '', valueOf).get('') ?? 0;
  const hundredths = (figure: AreaFigure): number => leaves.reduce((sum, { mu }) => sum + mu[figure], 0);
  const groundM2 = total(({ entry }) => entry.part.groundM2);
  const unobservedM2 = total(({ figures }) => figures.unobserved);
  return {
    entries: leaves.length,
    unreported: leaves.filter(({ entry }) => entry.reported === null).length,
    areasM2: figuresBy((figure) => total(({ figures }) => figures[figure])),
    groundM2,
    gapM2: total(({ figures }) => figures.reported) - total(({ figures }) => figures.observed),
    progressM2: total(({ entry }) => entry.observation.progressM2),
    areasMu: figuresBy((figure) => hundredths(figure) / 100),
    groundMu: groundFigures.reduce((sum, figure) => sum + hundredths(figure), 0) / 100,
    gapMu: (hundredths('reported') - hundredths('observed')) / 100,
    observedFraction: groundM2 > 0 ? 1 - unobservedM2 / groundM2 : 0,
  };
}
