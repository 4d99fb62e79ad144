import type { ProjectRules, Work } from '../rule/project-rules.ts';
import type { SubProjectJudgement } from '../rule/project.ts';
import { groundContext, judgeSums, sharesOf } from '../rule/project.ts';
import type { RuleSet } from '../rule/rule-set.ts';
import { isWithinMonth, lastDayOf } from './month.ts';
import type { CellReading, CellStates } from './replay.ts';
import { countKinds, inOrder, replayCells } from './replay.ts';

/** A sub-project, or its part in one town. */
export interface LedgerPart {
  readonly project: string;
  readonly subProject: string;
  readonly work: Work;
  readonly plannedCode: string;
  /** 6 and 9 digits */
  readonly county: string;
  readonly town: string;
  /** as the plan gives it; of a part, by its share of the outline (m²) */
  readonly plannedM2: number;
  /** of the outline (m²) */
  readonly groundM2: number;
  readonly startDate: string | null;
  readonly endDate: string | null;
}

/**
 * What was seen of a part up to the end of a month (m²). ground = observed + underWay + deviating + tolerated + idle +
 * unclear + unobserved.
 */
export interface PartObservation {
  /** looks as planned */
  readonly observedM2: number;
  readonly underWayM2: number;
  /** changed into what was not planned */
  readonly deviatingM2: number;
  /** new roads and the like */
  readonly toleratedM2: number;
  /** seen, and nothing was begun */
  readonly idleM2: number;
  /** seen, but class or season say nothing */
  readonly unclearM2: number;
  /** never seen up to now */
  readonly unobservedM2: number;
  /** works were seen there at some time: the only proof of works that leave no mark */
  readonly workedM2: number;
  /** seen in the month itself */
  readonly seenInMonthM2: number;
  /** seen in the month and before it: over this ground alone the months are compared */
  readonly comparedM2: number;
  /** of it, as planned now less as planned before the month */
  readonly progressM2: number;
  /** ISO dates of looks, null = not seen */
  readonly startedOn: string | null;
  readonly finishedOn: string | null;
  readonly lastLook: string | null;
  readonly judgement: SubProjectJudgement;
}

export interface PartFacts {
  /** in any order; those after the month are left out */
  readonly readings: Iterable<CellReading>;
  readonly cellCount: number;
  /** works over the boundary (m²) */
  readonly outsideM2: number;
}

/** What was seen of a part up to the end of a month (yyyy-mm). */
export function observePart(
  part: LedgerPart,
  facts: PartFacts,
  {
    month,
    rules,
    projectRules,
  }: { readonly month: string; readonly rules: RuleSet; readonly projectRules: ProjectRules },
): PartObservation {
  const readings = inOrder(facts.readings).filter(({ date }) => date <= lastDayOf(month));
  const { limits } = projectRules;
  const m2 = facts.cellCount === 0 ? 0 : part.groundM2 / facts.cellCount;
  const contextOf = (dateAfter: string | null) =>
    groundContext({ ...part, dateAfter, county: part.county || null }, projectRules, rules);
  const before = readings.findIndex(({ date }) => isWithinMonth(date, month)) - 1;
  const dates = openDates(limits, contextOf(null).rule.leavesMark);
  let earlier: Uint8Array | null = null;
  const states = replayCells(readings, facts.cellCount, {
    contextOf,
    onLook(now, position) {
      if (position === before) earlier = now.kinds.slice();
      const isLastOfDay = readings[position + 1]?.date !== readings[position]!.date;
      if (isLastOfDay) dates.look(readings[position]!.date, now);
    },
  });
  const count = countKinds(states);
  const shares = sharesOf((kind) => m2 * count(kind));
  const unobservedM2 = facts.cellCount === 0 ? part.groundM2 : m2 * count(null);
  const judgement = judgeSums(
    {
      plannedM2: part.groundM2,
      unobservedM2,
      outsideM2: facts.outsideM2,
      dateAfter: readings.at(-1)?.date ?? null,
      startDate: part.startDate,
      endDate: part.endDate,
      shares,
      seenM2: part.groundM2 - unobservedM2,
      changedM2: m2 * (count('turned') + count('under-way') + count('deviating') + count('tolerated')),
    },
    contextOf(null).rule,
    projectRules,
  );
  return {
    observedM2: shares.plannedM2,
    underWayM2: shares.underWayM2,
    deviatingM2: shares.deviatingM2,
    toleratedM2: shares.toleratedM2,
    idleM2: shares.idleM2,
    unclearM2: shares.unclearM2,
    unobservedM2,
    workedM2: m2 * states.worked.reduce((sum, each) => sum + each, 0),
    ...compared(states, { earlier, before, m2 }),
    ...dates.found(),
    lastLook: lastLookOf(readings, states),
    judgement,
  };
}

/** Position before the first reading of a month that has none. */
const noLook = -2;

const isDone = (value: number): boolean => value === 1 || value === 2;

/** Months side by side, over what both saw. */
function compared(
  { kinds, lastSeen }: CellStates,
  { earlier, before, m2 }: { readonly earlier: Uint8Array | null; readonly before: number; readonly m2: number },
): Pick<PartObservation, 'seenInMonthM2' | 'comparedM2' | 'progressM2'> {
  let [seen, both, progress] = [0, 0, 0];
  if (before === noLook) return { seenInMonthM2: 0, comparedM2: 0, progressM2: 0 };
  for (let i = 0; i < kinds.length; i++) {
    if (lastSeen[i]! <= before || lastSeen[i]! < 0) continue;
    seen++;
    if (earlier === null || earlier[i] === 0) continue;
    both++;
    progress += Number(isDone(kinds[i]!)) - Number(isDone(earlier[i]!));
  }
  return { seenInMonthM2: m2 * seen, comparedM2: m2 * both, progressM2: m2 * progress };
}

function lastLookOf(readings: readonly CellReading[], { lastSeen }: CellStates): string | null {
  const last = lastSeen.reduce((latest, position) => Math.max(latest, position), -1);
  return readings[last]?.date ?? null;
}

/** When works were first seen, and since when they have looked finished. */
function openDates({ startedFraction, doneFraction }: ProjectRules['limits'], leavesMark: boolean) {
  let startedOn: string | null = null;
  let finishedOn: string | null = null;
  return {
    look(date: string, states: CellStates): void {
      const count = countKinds(states);
      const known = states.kinds.length - count(null) - count('unclear');
      if (known === 0) return;
      const worked = leavesMark
        ? count('turned') + count('under-way') + count('deviating')
        : states.worked.reduce((sum, each) => sum + each, 0);
      if (worked / known >= startedFraction) startedOn ??= date;
      const done = (count('as-planned') + count('turned')) / known >= doneFraction;
      finishedOn = done && startedOn !== null ? (finishedOn ?? date) : null;
    },
    found: () => ({ startedOn, finishedOn }),
  };
}
