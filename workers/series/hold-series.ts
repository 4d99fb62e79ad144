import { setTimeout as pause } from 'node:timers/promises';
import { AppError, asAppError } from '../../pipeline/errors.ts';
import { composeSeriesRuns } from '../compose.ts';
import type { Home } from '../home.ts';
import { interrupted } from '../reach.ts';
import { toFailure } from '../run-status.ts';
import type { SeriesEnd, SeriesHold, SeriesProgress, SeriesRuns } from './series-runs.ts';
import type { SeriesRequest } from './series-request.ts';
import { namesOf, type SeriesStage, type SeriesStatus, seriesRunIdOf } from './series-status.ts';

const tellEachMs = 500;

export interface HoldOptions {
  readonly home: Home;
  /** Ctrl-C */
  readonly signal: AbortSignal;
  /** called once where another series has to end first */
  readonly onWait: (other: SeriesStatus | null) => void;
}

export interface HeldTools {
  /** fires at Ctrl-C, and when somebody cancels the series */
  readonly signal: AbortSignal;
  /** tell how far it is, for `tianwatch status` */
  readonly onStage: (stage: SeriesStage, done: number, total: number) => void;
}

const cancelledBy = (runId: string): AppError =>
  new AppError('CANCELLED', `Series ${runId} was cancelled.`, 'The same command goes on with what was computed.');

/**
 * Do a series as one of the home's: seen by `tianwatch status`, ended by `tianwatch cancel`, and alone with its scenes and
 * its folder; one that shares them waits for its turn.
 *
 * @throws AppError CANCELLED, CONFLICT when another took over while the database was away; what `work` throws
 */
export async function holdSeries<T>(
  request: SeriesRequest,
  { home, signal, onWait }: HoldOptions,
  work: (tools: HeldTools) => Promise<{ readonly value: T; readonly end: SeriesEnd }>,
): Promise<T> {
  const runs = await composeSeriesRuns(home);
  try {
    const hold = await takeTurn(runs, request, { signal, onWait });
    return await follow(hold, seriesRunIdOf(request), signal, work);
  } finally {
    await runs.close();
  }
}

async function takeTurn(
  runs: SeriesRuns,
  request: SeriesRequest,
  { signal, onWait }: Pick<HoldOptions, 'signal' | 'onWait'>,
): Promise<SeriesHold> {
  const runId = seriesRunIdOf(request);
  for (let waited: SeriesStatus | null | undefined; ;) {
    const hold = await runs.take(request);
    // who waited for itself is the same run: it ends with it
    if (hold !== null && waited?.runId === runId && hold.stateBefore === 'cancelled') {
      const error = cancelledBy(runId);
      await hold.end({ state: 'cancelled', error: toFailure(error) });
      throw error;
    }
    if (hold !== null) return hold;
    if (waited === undefined) onWait((waited = (await runs.list()).find((other) => isRival(other, request)) ?? null));
    await pause(tellEachMs, undefined, { signal }).catch(() => {
      throw interrupted();
    });
  }
}

function isRival({ state, request: other }: SeriesStatus, request: SeriesRequest): boolean {
  if (state !== 'running') return false;
  const names = namesOf(request);
  return namesOf({ ...request, scenes: other.scenes, aoi: other.aoi, out: other.out }).some((name) =>
    names.includes(name),
  );
}

async function follow<T>(
  hold: SeriesHold,
  runId: string,
  stop: AbortSignal,
  work: (tools: HeldTools) => Promise<{ readonly value: T; readonly end: SeriesEnd }>,
): Promise<T> {
  const ending = new AbortController();
  let why: AppError | null = null;
  const endWith = (error: AppError): void => {
    why ??= error;
    ending.abort();
  };
  const onStop = (): void => endWith(interrupted());
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop, { once: true });
  let progress: SeriesProgress = { stage: 'open', done: 0, total: 0 };
  let telling: Promise<void> | null = null;
  const tell = async (): Promise<void> => {
    const answer = await hold.tell(progress);
    if (answer === 'cancelled') endWith(cancelledBy(runId));
    if (answer === 'lost') endWith(lost(runId));
  };
  const timer = setInterval(() => {
    telling ??= tell()
      .catch((error: unknown) => endWith(asAppError(error)))
      .finally(() => (telling = null));
  }, tellEachMs);
  const settle = async (end: SeriesEnd): Promise<void> => {
    clearInterval(timer);
    await telling;
    await hold.end(end);
  };
  try {
    const { value, end } = await work({
      signal: ending.signal,
      onStage: (stage, done, total) => (progress = { stage, done, total }),
    });
    await settle(end);
    return value;
  } catch (error) {
    const told = why ?? asAppError(error);
    const state = told.code !== 'CANCELLED' ? 'failed' : stop.aborted ? 'interrupted' : 'cancelled';
    // what broke first is what is told
    await settle({ state, error: toFailure(told) }).catch(() => undefined);
    throw told;
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

const lost = (runId: string): AppError =>
  new AppError(
    'CONFLICT',
    `Another process began series ${runId}, or one that shares its scenes or folder, while the database was away.`,
    'See tianwatch status; give the command again when that one has ended.',
  );
