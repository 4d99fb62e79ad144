const dayMs = 86_400_000;

/** Days since 1970-01-01 of an ISO-8601 date. */
export const dayNumber = (date: string): number => Math.round(Date.parse(`${date}T00:00:00Z`) / dayMs);

/** ISO-8601 date of a day number. */
export const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

export interface YearDay {
  readonly year: number;
  /** 1..366 */
  readonly day: number;
}

export function yearDay(day: number): YearDay {
  const year = new Date(day * dayMs).getUTCFullYear();
  return { year, day: day - Math.round(Date.UTC(year, 0, 1) / dayMs) + 1 };
}
