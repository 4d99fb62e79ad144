import { type Timing, missedSlot } from './schedule.ts';

/** A slot later than this is missed, not due. */
const graceMs = 60_000;

/** What is known of a schedule when its clock strikes. */
export interface Struck {
  /** the slot that the clock says */
  readonly slotMs: number;
  /** whether the same stroke was begun before, by a process that died or let go */
  readonly isAgain: boolean;
  readonly addedMs: number;
  /** last slot that was begun, and whether it ended */
  readonly last: { readonly slotMs: number; readonly hasEnded: boolean } | null;
}

/**
 * Which slot a stroke serves: its own when it comes in time; the latest that was missed when it comes late, so that any
 * number of missed ones are caught up once; the one that broke off when the stroke is given out again.
 *
 * @returns null: nothing is to be done
 */
export function slotOf(
  { slotMs, isAgain, addedMs, last }: Struck,
  timing: Timing,
  nowMs: number,
): { readonly slotMs: number; readonly cause: 'due' | 'caught-up' } | null {
  const causeOf = (slot: number) => (nowMs - slot > graceMs ? 'caught-up' : 'due');
  if (isAgain && last !== null && !last.hasEnded) return { slotMs: last.slotMs, cause: causeOf(last.slotMs) };
  const since = Math.max(addedMs, last?.slotMs ?? 0);
  if (nowMs - slotMs > graceMs) {
    const missed = missedSlot(timing, since, nowMs);
    return missed === null ? null : { slotMs: missed, cause: 'caught-up' };
  }
  return slotMs > since && timing.isInSeason(slotMs) ? { slotMs, cause: 'due' } : null;
}
