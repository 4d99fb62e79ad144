import { AppError } from '../pipeline/errors.ts';
import { type Home, isShared } from './home.ts';
import { join } from 'node:path';
import type { RunRequest } from '../pipeline/request.ts';
import { type ComposeOptions, type Composed, compose, composeImages, composeRuns } from './compose.ts';
import { checkOutFolder } from './compute/out-folder.ts';
import { fetchResult } from './compute/shared-files.ts';
import type { Runs } from './database/runs.ts';
import { type Engine, cancelStored } from './engine.ts';
import { askCancel, askList, followThrough } from './queue/ask.ts';
import type { Lock } from './queue/lock.ts';
import { serveEngine } from './queue/serve.ts';
import { interrupted, reach } from './reach.ts';
import { hasDatabase } from './registry/door.ts';
import { type RunStatus, hasEnded } from './run-status.ts';

export interface SubmitOptions extends ComposeOptions {
  readonly onProgress?: (status: RunStatus) => void;
  /** Ctrl-C: the run is stopped cleanly, the same request goes on with it */
  readonly signal?: AbortSignal;
}

/**
 * Do a run and follow it to its end: in this process when the data folder is free, else in the process that
 * holds it. When that one dies or lets go, this one takes over or asks again.
 *
 * @returns the status the run ended with (`exitOf` gives the exit code)
 * @throws AppError CANCELLED when `signal` fired, UNAVAILABLE, EXHAUSTED
 */
export function submitAndFollow(request: RunRequest, options: SubmitOptions): Promise<RunStatus> {
  const { home, signal, onProgress = () => undefined } = options;
  if (isShared(home)) return composeAndFollow(request, options);
  return reach(home, {
    held: (lock) => hold(lock, request, options),
    answered: (socket) => followThrough(socket, request, onProgress, signal),
    ...(signal && { signal }),
  });
}

async function composeAndFollow(request: RunRequest, options: SubmitOptions): Promise<RunStatus> {
  const composed = await compose(options);
  try {
    return await followShared(composed, request, options);
  } finally {
    await composed.close('drain');
  }
}

/**
 * Have the workers do a run, and bring its result to `out` at the end.
 *
 * @throws AppError CANCELLED when `signal` fired: the run goes on
 */
export async function followShared(
  { engine, images }: Pick<Composed, 'engine' | 'images'>,
  request: RunRequest,
  { onProgress = () => undefined, signal }: Pick<SubmitOptions, 'onProgress' | 'signal'>,
): Promise<RunStatus> {
  const status = await followOwn(engine, request, onProgress, signal).catch((error: unknown) => {
    throw signal?.aborted ? leftToWorkers() : error;
  });
  if (hasResult(status)) await fetchResult(images, { ...status, out: request.out });
  return status;
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

/** Be the holder until the own run has ended; others' runs are then handed over, their finished chunks kept. */
async function hold(lock: Lock, request: RunRequest, options: SubmitOptions): Promise<RunStatus> {
  const { home, signal, onProgress = () => undefined } = options;
  try {
    const composed = await compose(options);
    let how: 'drain' | 'abort' = 'abort';
    const server = await serveEngine(join(home.folder, 'socket'), composed).catch(async (error: unknown) => {
      await composed.close('abort');
      throw error;
    });
    try {
      const status = await followOwn(composed.engine, request, onProgress, signal);
      how = 'drain';
      return status;
    } finally {
      server.refuse();
      await composed.close(how).catch((error: unknown) => {
        // what broke first is what is told
        if (how === 'drain') throw error;
      });
      // before the lock is let go: closing deletes the socket file, which then is the next holder's
      await server.close();
    }
  } finally {
    await lock.release();
  }
}

async function followOwn(
  engine: Engine,
  request: RunRequest,
  onProgress: (status: RunStatus) => void,
  signal?: AbortSignal,
): Promise<RunStatus> {
  const broken = engine.broken.then((error) => Promise.reject(error));
  const runId = await Promise.race([engine.startRun(request), broken]);
  const ended = new Promise<RunStatus>((resolve, reject) => {
    engine.follow(runId, (status) => {
      onProgress(status);
      if (hasEnded(status.state)) resolve(status);
    });
    // the run stays `running`: its jobs are put back, and the same command finds them there
    const stop = () => reject(interrupted());
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([ended, broken]);
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
