import type { RunRequest } from '../../pipeline/request.ts';
import type { ComposeOptions } from '../compose.ts';
import type { StartOptions } from '../engine.ts';
import { type HeldHome, holdHome } from '../hold.ts';
import { type Home, isShared } from '../home.ts';
import { reach } from '../reach.ts';
import type { RunStatus } from '../run-status.ts';
import { bringResult, followHeld, submitAndFollow } from '../submit.ts';
import { askClaim, recallPairs, rememberPairs } from './memory.ts';
import type { WatchTools } from './watch.ts';

export interface WatchSession extends Pick<WatchTools, 'run' | 'bring' | 'recall' | 'claim' | 'remember' | 'rest'> {
  /** what was begun is put back: the same command goes on with it */
  close(): Promise<void>;
}

/** Of a shared home, whose workers take turns with them; of one process, whose stages follow each other. */
export const runsAtOnce = (home: Home): number => (isShared(home) ? 8 : 3);

/**
 * The home as a watch uses it: held while there is something to run, so that all runs share one database, its threads and
 * what those have loaded; asked through its holder where another process has it.
 */
export function openSession(options: ComposeOptions & { readonly signal: AbortSignal }): WatchSession {
  const { home, signal } = options;
  let holding: Promise<HeldHome | null> | null = null;

  /** null: another process holds it */
  function hold(): Promise<HeldHome | null> {
    holding ??= reach<HeldHome | 'elsewhere'>(home, {
      held: (lock) => holdHome(lock, options),
      answered(socket) {
        socket.destroy();
        return Promise.resolve('elsewhere' as const);
      },
      signal,
    }).then((held) => (held === 'elsewhere' ? null : held));
    return holding;
  }

  async function release(how: 'drain' | 'abort'): Promise<void> {
    const held = await holding?.catch(() => null);
    holding = null;
    await held?.letGo(how);
  }

  return {
    async run(request: RunRequest, start: StartOptions): Promise<RunStatus> {
      const held = await hold();
      // the signal of one run: listeners on the watch's own would add up
      const own = { signal: AbortSignal.any([signal]), start };
      return held === null ? submitAndFollow(request, { ...options, ...own }) : followHeld(held, request, own);
    },
    async bring(pair) {
      if (!isShared(home)) return;
      const held = await hold();
      if (held) await bringResult(held, pair);
    },
    async recall(folder) {
      const held = await holding;
      return held ? held.registry.watched(folder) : recallPairs(home, folder);
    },
    async claim(pair) {
      const held = await hold();
      return held ? held.registry.claimPair(pair) : askClaim(home, pair);
    },
    async remember(pairs) {
      const held = await holding;
      await (held ? held.registry.remember(pairs) : rememberPairs(home, pairs));
    },
    rest: () => release('drain'),
    close: () => release('abort'),
  };
}
