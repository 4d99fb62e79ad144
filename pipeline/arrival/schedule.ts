/** When a schedule fires. */
export interface Timing {
  /** the first slot after a moment (ms since 1970) */
  readonly next: (afterMs: number) => number;
  /** whether the season window holds a moment */
  readonly isInSeason: (atMs: number) => boolean;
}

const hourMs = 3_600_000;
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
  const from = Math.max(sinceMs, nowMs - memoryDays * 24 * hourMs);
  let untilMs = nowMs;
  for (;;) {
    const slot = latestSlot(next, from, untilMs);
    if (slot === null || isInSeason(slot)) return slot;
    untilMs = lastInSeason(isInSeason, from, slot);
  }
}

/** The last moment of a season that is over at `atMs`, or `fromMs` where there is none after it. */
function lastInSeason(isInSeason: Timing['isInSeason'], fromMs: number, atMs: number): number {
  let out = atMs;
  while (out > fromMs && !isInSeason(out - hourMs)) out -= hourMs;
  let within = out - hourMs;
  while (out - within > 1) {
    const middle = Math.floor((within + out) / 2);
    if (isInSeason(middle)) within = middle;
    else out = middle;
  }
  return Math.max(fromMs, within);
}

/** Month and day of a moment in a time zone, MM-DD. */
export function monthDayIn(timeZone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, month: '2-digit', day: '2-digit' }).formatToParts(atMs);
  const part = (type: 'month' | 'day'): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('month')}-${part('day')}`;
}
