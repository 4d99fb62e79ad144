import { setTimeout as pause } from 'node:timers/promises';
import { type BackendClasses, type IQueueBackend, type Job, WaitingError, getNextMillis } from 'bullmq';
import { AppError, asAppError, errorTable } from '../../pipeline/errors.ts';

/** When something happens again and again. */
export interface Recurrence {
  readonly id: string;
  /** cron, five or six fields */
  readonly pattern: string;
  /** IANA time zone */
  readonly zone: string;
}

export interface Stroke {
  readonly id: string;
  /** ms since 1970 */
  readonly slotMs: number;
  /** it was given out before, to a process that died or let go */
  readonly isAgain: boolean;
}

/**
 * A clock that many processes share: each stroke is given to one of them, and to another when that one dies. What was
 * struck while nobody listened is given out once somebody does.
 */
export interface Timer {
  /** keep exactly these; those that are unchanged are left alone with the stroke they wait for */
  keep(recurrences: readonly Recurrence[]): Promise<void>;
  /** a stroke of its own; the same again is none */
  strike(id: string, slotMs: number): Promise<void>;
  /**
   * One stroke at a time; a handler that throws while `signal` is aborted gives its stroke back, and so does one that
   * could not reach a server, after a pause.
   */
  listen(handle: (stroke: Stroke) => Promise<void>, signal: AbortSignal): void;
  close(): Promise<void>;
}

/**
 * The next slot of a pattern after a moment (ms since 1970); Infinity when there is none.
 *
 * @throws AppError CONFIG_INVALID for a pattern or zone that cannot be understood
 */
export function nextSlot({ pattern, zone }: Pick<Recurrence, 'pattern' | 'zone'>, afterMs: number): number {
  try {
    return getNextMillis(afterMs, { pattern, tz: zone }) ?? Infinity;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'CONFIG_INVALID',
      `"${pattern}" in ${zone} is no pattern of times: ${reason}.`,
      'Give minute hour day month weekday, e.g. "0 3 * * *", and a zone such as Asia/Shanghai.',
      { pattern, zone },
      error,
    );
  }
}

export interface TimerOptions<B extends IQueueBackend, C> {
  readonly classes: BackendClasses<B, C>;
  readonly connection: C;
  readonly prefix?: string;
  /** how long a stroke of a process that fell silent stays its own (ms) */
  readonly lockMs?: number;
  readonly onError: (error: Error) => void;
}

const queueName = 'schedule';
const keptStrokes = 1000;
/** Before a stroke is given out again whose handler could not reach a server. */
const pauseMs = 1000;

/** The clock on BullMQ, whatever stands behind it. */
export function openBullmqTimer<B extends IQueueBackend, C>(options: TimerOptions<B, C>): Timer {
  const { classes, connection, prefix, lockMs, onError } = options;
  const shared = { connection, ...(prefix !== undefined && { prefix }) };
  const queue = new classes.Queue<{ readonly id: string }>(queueName, shared);
  queue.on('error', onError);
  const closers: (() => Promise<void>)[] = [];
  const kept = { removeOnComplete: { count: keptStrokes }, removeOnFail: { count: keptStrokes } };
  return {
    async keep(recurrences) {
      const present = new Map((await queue.getJobSchedulers()).map((one) => [one.key, one]));
      for (const { id, pattern, zone } of recurrences) {
        const known = present.get(id);
        if (known?.pattern === pattern && known.tz === zone) continue;
        await queue.upsertJobScheduler(id, { pattern, tz: zone }, { name: 'stroke', data: { id }, opts: kept });
      }
      const wanted = new Set(recurrences.map(({ id }) => id));
      for (const id of present.keys()) if (!wanted.has(id)) await queue.removeJobScheduler(id);
    },
    async strike(id, slotMs) {
      await queue.add('stroke', { id }, { ...kept, jobId: `missed-${Buffer.from(id).toString('hex')}-${slotMs}` });
    },
    listen(handle, signal) {
      const take = async (job: Job<{ readonly id: string }>, token?: string): Promise<void> => {
        try {
          await handle({ id: job.data.id, slotMs: slotOfJob(job), isAgain: job.attemptsStarted > 1 });
        } catch (error) {
          if (!signal.aborted) {
            if (errorTable[asAppError(error).code].retry === 'never') throw error;
            await pause(pauseMs, undefined, { signal }).catch(() => undefined);
          }
          await job.moveToWait(token);
          throw new WaitingError();
        }
      };
      const locks = lockMs !== undefined && { lockDuration: lockMs, stalledInterval: lockMs };
      const worker = new classes.Worker(queueName, take, {
        ...shared,
        ...locks,
        concurrency: 1,
        maxStalledCount: 1000,
      });
      worker.on('error', onError);
      closers.push(() => worker.close());
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
      await queue.close();
    },
  };
}

/** Both kinds of strokes end their ids with the slot. */
function slotOfJob({ id = '' }: Job): number {
  return Number(/[:-](\d+)$/.exec(id)?.[1] ?? 0);
}
