import type { Composed } from '../compose.ts';
import type { Home } from '../home.ts';
import { bringResult, followShared } from '../submit.ts';
import { openArrivals } from './arrivals.ts';
import { runsAtOnce } from './session.ts';
import { type ServeOptions, serveSchedules } from './serve-schedules.ts';
import type { WatchReport } from './watch.ts';

export interface WorkerSchedules extends Pick<ServeOptions, 'onFiring' | 'onTrouble' | 'refreshMs'> {
  readonly home: Home;
  /** fires when the worker is to end: what it serves is given back, its runs go on with the other workers */
  readonly signal: AbortSignal;
  /** a look showed scenes that are not ready, or others than before */
  readonly onNotReady: (names: WatchReport['notReady']) => void;
}

/**
 * Serve the schedules of a shared home with the engine of a worker, until the signal fires.
 *
 * @returns when what was begun is given back; `composed` is closed afterwards
 */
export async function serveWorkerSchedules(composed: Composed, options: WorkerSchedules): Promise<void> {
  const { home, signal, onNotReady, ...rest } = options;
  let shown = '[]';
  await serveSchedules({
    ...rest,
    timer: await composed.openTimer(),
    registry: composed.registry,
    openArrivals: (request) => openArrivals(request, home),
    run: (request, start) => followShared(composed, request, { signal: AbortSignal.any([signal]), start }),
    bring: (pair) => bringResult({ ...composed, home }, pair),
    runs: runsAtOnce(home),
    signal,
    now: () => new Date(),
    print: {
      onLook({ notReady }) {
        const text = JSON.stringify(notReady);
        if (text !== shown) onNotReady(notReady);
        shown = text;
      },
      onRun: () => undefined,
    },
  });
}
