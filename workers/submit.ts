import { AppError } from '../pipeline/errors.ts';
import { type HeldHome, holdHome } from './hold.ts';
import { type Home, isShared } from './home.ts';
import type { RunRequest } from '../pipeline/request.ts';
import { type ComposeOptions, compose, composeImages, composeRuns } from './compose.ts';
import { checkOutFolder } from './compute/out-folder.ts';
import { fetchResult } from './compute/shared-files.ts';
import type { Runs } from './database/runs.ts';
import { type StartOptions, cancelStored } from './engine.ts';
import { askCancel, askList, followThrough } from './queue/ask.ts';
import type { Lock } from './queue/lock.ts';
import { interrupted, reach } from './reach.ts';
import { hasDatabase } from './registry/door.ts';
import { type RunStatus, hasEnded } from './run-status.ts';

export interface SubmitOptions extends ComposeOptions {
  readonly onProgress?: (status: RunStatus) => void;
  /** Ctrl-C: the run is stopped cleanly, the same request goes on with it */
  readonly signal?: AbortSignal;
  readonly start?: StartOptions;
}
type FollowOptions = Pick<SubmitOptions, 'onProgress' | 'signal' | 'start'>;

/**
 * Do a run and follow it to its end: in this process when the data folder is free, else in the process that
 * holds it. When that one dies or lets go, this one takes over or asks again.
 *
 * @returns the status the run ended with (`exitOf` gives the exit code)
 * @throws AppError CANCELLED when `signal` fired, UNAVAILABLE, EXHAUSTED
 */
export function submitAndFollow(request: RunRequest, options: SubmitOptions): Promise<RunStatus> {
  const { home, signal, onProgress = () => undefined, start } = options;
  return reach(home, {
    async held(lock) {
      const held = await holdHome(lock, options);
      const status = await followHeld(held, request, options).catch(async (error: unknown) => {
        await held.letGo('abort');
        throw error;
      });
      // others' runs are handed over, their finished chunks kept
      await held.letGo('drain');
      return status;
    },
    answered: (socket) => followThrough(socket, { request, start }, onProgress, signal),
    ...(signal && { signal }),
  });
}

/** Do a run on a home that is held. @throws AppError as `submitAndFollow` */
export function followHeld(held: HeldHome, request: RunRequest, how: FollowOptions): Promise<RunStatus> {
  return isShared(held.home) ? followShared(held, request, how) : followOwn(held, request, how);
}

/**
 * Have the workers do a run, and bring its result to `out` at the end.
 *
 * @throws AppError CANCELLED when `signal` fired: the run goes on
 */
export async function followShared(
  held: Pick<HeldHome, 'engine' | 'images'>,
  request: RunRequest,
  how: FollowOptions,
): Promise<RunStatus> {
  const status = await followOwn(held, request, how).catch((error: unknown) => {
    throw how.signal?.aborted ? leftToWorkers() : error;
  });
  if (hasResult(status)) await fetchResult(held.images, { ...status, out: request.out });
  return status;
}

/**
 * Bring the result of a run of a shared home that has ended while nobody of us followed it; others have theirs already.
 *
 * @throws AppError as `fetchResult`
 */
export async function bringResult(
  { home, runs, images }: Pick<HeldHome, 'home' | 'runs' | 'images'>,
  { runId, out }: { readonly runId: string; readonly out: string },
): Promise<void> {
  if (!isShared(home)) return;
  const status = await runs.get(runId);
  if (hasResult(status)) await fetchResult(images, { ...status, out });
}

const hasResult = ({ state }: RunStatus): boolean => state === 'done' || state === 'partial';

function leftToWorkers(): AppError {
  const todo = 'tianwatch status shows how far it is, tianwatch fetch brings its result, tianwatch cancel ends it.';
  return new AppError('CANCELLED', 'No longer followed; the workers go on with the run.', todo);
}

/**
 * Begin a run of a shared home and leave it to the workers.
 *
 * @throws AppError CONFIG_INVALID for an embedded home, whose runs end with the command
 */
export async function submitDetached(request: RunRequest, options: SubmitOptions): Promise<RunStatus> {
  requireShared(options.home);
  const composed = await compose(options);
  try {
    return await composed.runs.get(await composed.engine.startRun(request));
  } finally {
    await composed.close('drain');
  }
}

/** Bring the result of a run that has ended. @throws AppError CONFIG_INVALID, NOT_FOUND, CONFLICT */
export async function fetchRun(home: Home, start: string, out: string, force: boolean): Promise<RunStatus> {
  requireShared(home);
  const { runs, close } = await composeRuns(home);
  try {
    const status = await runs.find(start);
    if (!hasResult(status))
      throw new AppError(
        'CONFLICT',
        `Run ${status.runId} is ${status.state}: it has no result.`,
        'See tianwatch status.',
      );
    await checkOutFolder(out, force);
    await fetchResult(await composeImages(home), { ...status, out });
    return status;
  } finally {
    await close();
  }
}

function requireShared(home: Home): void {
  if (isShared(home)) return;
  const todo = 'Set TIANWATCH_DATABASE to a PostgreSQL server, and start tianwatch worker.';
  throw new AppError('CONFIG_INVALID', 'The data folder is of this command alone: it has no workers.', todo);
}

/** All runs, or the one whose id begins with `run`. @throws AppError NOT_FOUND, CONFLICT */
export async function listRuns(home: Home, run?: string): Promise<readonly RunStatus[]> {
  if (run === undefined && !(await hasDatabase(home))) return [];
  return reach(home, {
    held: (lock) =>
      withRuns(lock, home, async (runs) => {
        const found = run === undefined ? await runs.list() : [await runs.find(run)];
        return isShared(home) ? found : found.map(asLeftBehind);
      }),
    answered: (socket) => askList(socket, run),
  });
}

/** Nobody else holds the folder, so nobody is doing it. */
function asLeftBehind(status: RunStatus): RunStatus {
  return status.state === 'running' ? { ...status, state: 'interrupted' } : status;
}

/** End a run for good. @throws AppError NOT_FOUND, CONFLICT when it has ended already */
export function cancelRun(home: Home, run: string): Promise<RunStatus> {
  return reach(home, {
    held: (lock) => withRuns(lock, home, (runs) => cancelStored(runs, run)),
    answered: (socket) => askCancel(socket, run),
  });
}

async function followOwn(
  { engine }: Pick<HeldHome, 'engine'>,
  request: RunRequest,
  { onProgress = () => undefined, signal, start }: FollowOptions,
): Promise<RunStatus> {
  const broken = engine.broken.then((error) => Promise.reject(error));
  const runId = await Promise.race([engine.startRun(request, start), broken]);
  const over = new AbortController();
  const ended = new Promise<RunStatus>((resolve, reject) => {
    const leave = engine.follow(runId, (status) => {
      onProgress(status);
      if (!hasEnded(status.state)) return;
      leave();
      resolve(status);
    });
    // the run stays `running`: its jobs are put back, and the same command finds them there
    const stop = () => reject(interrupted());
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true, signal: over.signal });
  });
  return Promise.race([ended, broken]).finally(() => over.abort());
}

async function withRuns<T>(lock: Lock, home: Home, work: (runs: Runs) => Promise<T>): Promise<T> {
  try {
    const { runs, close } = await composeRuns(home);
    try {
      return await work(runs);
    } finally {
      await close();
    }
  } finally {
    await lock.release();
  }
}
