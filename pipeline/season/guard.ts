import { fieldDay } from '../rule/calendar.ts';
import type { Reason } from '../rule/reason.ts';
import type { Region } from '../rule/region.ts';
import type { SeasonGuard, SeasonRules } from './season-rules.ts';

/** What one look shows of a place. Classes are English keys of class maps. */
export interface SeasonFacts {
  readonly classBefore: string;
  readonly classSeen: string;
  /** ISO-8601 date of the look */
  readonly date: string;
  /** 6 digits; null = unknown: the region's calendar */
  readonly county: string | null;
  /** true: surveyed cropland, which guards cover whatever the image saw before */
  readonly isCropland?: boolean;
}

export interface Held {
  /** id of the guard of `config/rules/season.json` */
  readonly guard: string;
  /** first day on which a look that shows the same would count, YYYY-MM-DD; null: no day of a year */
  readonly countsFrom: string | null;
  readonly reason: Reason;
}

const dayMs = 86_400_000;

function heldBy(facts: SeasonFacts, date: string, rules: SeasonRules, region: Region): SeasonGuard | undefined {
  const kinds = fieldDay(date, facts.county, region)?.kinds;
  return rules.guards.find(
    ({ seen, kinds: wanted }) => seen.includes(facts.classSeen) && wanted.some((kind) => kinds?.has(kind)),
  );
}

/**
 * Whether the fields' year explains what a look shows, so that the look neither confirms nor refutes a change.
 *
 * Such a look is to be treated like one that did not see the ground: kept, but never counted as change or as no change.
 *
 * @param region whose calendar counts; null: nobody wrote one down, nothing is held
 * @returns null where the look counts
 * @throws AppError INPUT_INVALID for what is no date
 */
export function seasonGuard(facts: SeasonFacts, rules: SeasonRules, region: Region | null): Held | null {
  if (region === null) return null;
  const first = heldBy(facts, facts.date, rules, region);
  if (first === undefined || !(facts.isCropland === true || rules.fieldLooks.includes(facts.classBefore))) return null;
  const start = Date.parse(facts.date.slice(0, 10));
  for (let days = 1; days <= 366; days++) {
    const date = new Date(start + days * dayMs).toISOString().slice(0, 10);
    if (heldBy(facts, date, rules, region) === undefined)
      return { guard: first.id, countsFrom: date, reason: first.reason };
  }
  return { guard: first.id, countsFrom: null, reason: first.reason };
}
