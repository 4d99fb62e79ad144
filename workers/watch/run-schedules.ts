import { setTimeout as pause } from 'node:timers/promises';
import type { ComposeOptions } from '../compose.ts';
import { holdHome } from '../hold.ts';
import type { Lock } from '../queue/lock.ts';
import { reach } from '../reach.ts';
import { bringResult, followHeld } from '../submit.ts';
import { openArrivals } from './arrivals.ts';
import { runsAtOnce } from './session.ts';
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
  const { home, signal, onFiring, print, refreshMs } = options;
  const held = await holdHome(lock, options);
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    const serving = serveSchedules({
      timer: await held.openTimer(),
      registry: held.registry,
      openArrivals: (request) => openArrivals(request, home),
      run: (request, start) => followHeld(held, request, { signal: AbortSignal.any([either]), start }),
      bring: (pair) => bringResult(held, pair),
      runs: runsAtOnce(home),
      signal: either,
      now: () => new Date(),
      onFiring,
      print,
      ...(refreshMs !== undefined && { refreshMs }),
    });
    const broken = held.engine.broken.then((error) => Promise.reject(error));
    await Promise.race([serving, broken]).finally(async () => {
      ended.abort();
      await serving.catch(() => undefined);
    });
    return true;
  } finally {
    await held.letGo('abort');
  }
}
