import { asAppError, describeError } from '../../pipeline/errors.ts';
import { countUnsent, markFailed, markSent, takeMessage } from '../database/outbox-rows.ts';
import type { Sql } from '../database/sql.ts';
import type { Sent } from '../registry/alert-record.ts';
import type { Channel } from './channel.ts';
import { messageOf } from './message.ts';

/** Longer than any channel takes for one message. */
const leaseMs = 60_000;
const firstPauseMs = 10_000;
const longestPauseMs = 3_600_000;

/** Pause after the nth failed attempt (n ≥ 1): doubled each time, at most an hour; an hour where a person is needed. */
export function pauseAfterMs(attempts: number, isPassing: boolean): number {
  return isPassing ? Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts - 1, 20)) : longestPauseMs;
}

/**
 * Try each message that is due once. What fails is due again later, so that calling this again and again is the whole of
 * retrying; several may do it at once.
 */
export async function sendMessages(
  sql: Sql,
  { channel, now, signal }: { readonly channel: Channel; readonly now: () => Date; readonly signal?: AbortSignal },
): Promise<Sent> {
  let [sent, failed] = [0, 0];
  let why: string | null = null;
  const take = () => (signal?.aborted ? null : takeMessage(sql, now(), leaseMs));
  for (let row = await take(); row !== null; row = await take()) {
    try {
      await channel.send(messageOf(row));
    } catch (error) {
      failed += 1;
      why = describeError(error);
      const pauseMs = pauseAfterMs(row.attempts, asAppError(error).code === 'UNAVAILABLE');
      await markFailed(sql, row.key, { nextTryAt: new Date(now().getTime() + pauseMs), why });
      continue;
    }
    await markSent(sql, row.key, now());
    sent += 1;
  }
  return { sent, failed, left: await countUnsent(sql), why };
}
