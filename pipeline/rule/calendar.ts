import { AppError } from '../errors.ts';
import { isWithin, type PeriodKind, type Region } from './region.ts';

/** A day of the fields' year. */
export interface FieldDay {
  /** id of the season, in which plants look alike */
  readonly season: string;
  /** plants change within the season */
  readonly isChanging: boolean;
  readonly year: string;
  readonly kinds: ReadonlySet<PeriodKind>;
}

/**
 * What a date means for the fields of a county.
 *
 * @param date ISO-8601 date or date-time; null = unknown
 * @param county 6 digits; one that the region does not know has the region's calendar
 * @returns null where the date is unknown or there is no calendar
 * @throws AppError INPUT_INVALID for what is no date
 */
export function fieldDay(date: string | null, county: string | null, region: Region | null): FieldDay | null {
  if (date === null || region === null) return null;
  if (!/^\d{4}-\d{2}-\d{2}/.test(date) || Number.isNaN(Date.parse(date)))
    throw new AppError('INPUT_INVALID', `${JSON.stringify(date)} is no date.`, 'Give an ISO-8601 date, or none.');
  const day = date.slice(5, 10);
  const own = region.counties.find(({ code }) => code === county)?.periods ?? [];
  const kinds = region.periods.flatMap((period) =>
    isWithin(day, own.find(({ id }) => id === period.id) ?? period) ? period.kinds : [],
  );
  const season = region.seasons.find((span) => isWithin(day, span))!;
  return { season: season.id, isChanging: season.isChanging, year: date.slice(0, 4), kinds: new Set(kinds) };
}

/** Whether plants of two days can be told apart from mere growth: one season, and not one harvest. */
export function areComparable(before: FieldDay, after: FieldDay): boolean {
  return before.season === after.season && !(before.isChanging && before.year === after.year);
}
