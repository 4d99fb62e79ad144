/** A date so many days later (ISO dates). */
export function daysLater(date: string, days: number): string {
  return new Date(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** `2026-Q3` of an ISO date. */
export function quarterOf(date: string): string {
  return `${date.slice(0, 4)}-Q${Math.floor((Number(date.slice(5, 7)) - 1) / 3) + 1}`;
}

/** Last day of a quarter `2026-Q3`. */
export function quarterEnd(quarter: string): string {
  const month = 3 * Number(quarter.slice(6));
  return `${quarter.slice(0, 4)}-${['03-31', '06-30', '09-30', '12-31'][month / 3 - 1]}`;
}
