import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ComposeOptions, compose } from '../compose.ts';
import { isShared } from '../home.ts';
import type { Lock } from '../queue/lock.ts';
import { serveEngine } from '../queue/serve.ts';
import { reach } from '../reach.ts';
import { submitAndFollow } from '../submit.ts';
import { openArrivals } from './arrivals.ts';
import { type ServeOptions, serveSchedules } from './serve-schedules.ts';

export interface RunSchedulesOptions extends ComposeOptions, Pick<ServeOptions, 'onFiring' | 'print' | 'refreshMs'> {
  readonly signal: AbortSignal;
  /** another process holds the data folder; its end is waited for */
  readonly onWait: () => void;
}

/** Between two looks whether the data folder is free (ms). */
const waitMs = 2000;

/**
 * Hold the data folder and serve its schedules until the signal fires; other commands go through this process meanwhile.
 *
 * @throws AppError of a database or disk that is gone
 */
export async function runSchedules(options: RunSchedulesOptions): Promise<void> {
  const { home, signal, onWait } = options;
  let isTold = false;
  await reach<true>(home, {
    held: (lock) => holdAndServe(lock, options),
    async answered(socket) {
      socket.destroy();
      if (!isTold) onWait();
      isTold = true;
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      return null;
    },
    signal,
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

async function holdAndServe(lock: Lock, options: RunSchedulesOptions): Promise<true> {
  const { home, threads, createWork, signal, onFiring, print, refreshMs } = options;
  try {
    const composed = await compose(options);
    // on a shared home every command opens the database itself
    const server = isShared(home)
      ? null
      : await serveEngine(join(home.folder, 'socket'), composed).catch(async (error: unknown) => {
          await composed.close('abort');
          throw error;
        });
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const serving = serveSchedules({
      timer: await composed.openTimer(),
      registry: composed.registry,
      openArrivals: (request) => openArrivals(request, home.folder),
      run: (request) => submitAndFollow(request, { home, threads, createWork, signal: AbortSignal.any([either]) }),
      signal: either,
      now: () => new Date(),
      onFiring,
      print,
      ...(refreshMs !== undefined && { refreshMs }),
    });
    const broken = composed.engine.broken.then((error) => Promise.reject(error));
    try {
      await Promise.race([serving, broken]);
    } finally {
      ended.abort();
      await serving.catch(() => undefined);
      server?.refuse();
      await composed.close('abort');
      await server?.close();
    }
    return true;
  } finally {
    await lock.release();
  }
}
