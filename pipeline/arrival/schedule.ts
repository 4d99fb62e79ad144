/** When a schedule fires. */
export interface Timing {
  /** the first slot after a moment (ms since 1970) */
  readonly next: (afterMs: number) => number;
  /** whether the season window holds a moment */
  readonly isInSeason: (atMs: number) => boolean;
}

const dayMs = 86_400_000;
/** Older slots are not looked for. */
const memoryDays = 400;

/** The last slot after `sinceMs` and not after `nowMs`, or null; some sixty questions, however often it fires. */
export function latestSlot(next: Timing['next'], sinceMs: number, nowMs: number): number | null {
  let first = next(sinceMs);
  if (!(first <= nowMs)) return null;
  // the last slot lies in [first, end)
  for (let end = nowMs + 1; ;) {
    const middle = Math.floor((first + end) / 2);
    if (middle <= first) return first;
    const slot = next(middle - 1);
    if (slot <= nowMs) first = slot;
    else end = middle;
  }
}

/**
 * The one slot that is caught up: the latest in season that nobody served. However many were missed, it is one.
 *
 * @param sinceMs the last slot that was served, or when the schedule was added
 */
export function missedSlot({ next, isInSeason }: Timing, sinceMs: number, nowMs: number): number | null {
  const from = Math.max(sinceMs, nowMs - memoryDays * dayMs);
  let untilMs = nowMs;
  for (let slot = latestSlot(next, from, untilMs); slot !== null; slot = latestSlot(next, from, untilMs)) {
    if (isInSeason(slot)) return slot;
    // a season begins and ends with a day
    untilMs = Math.min(slot - 1, untilMs - dayMs / 2);
  }
  return null;
}

/** Month and day of a moment in a time zone, MM-DD. */
export function monthDayIn(timeZone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, month: '2-digit', day: '2-digit' }).formatToParts(atMs);
  const part = (type: 'month' | 'day'): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('month')}-${part('day')}`;
}
