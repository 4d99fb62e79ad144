import { join } from 'node:path';
import { type ComposeOptions, type Composed, compose } from './compose.ts';
import { type Home, isShared } from './home.ts';
import type { Lock } from './queue/lock.ts';
import { serveEngine } from './queue/serve.ts';

/** A home that this process works on: alone and answering others' commands, or as one of many where it is shared. */
export interface HeldHome extends Omit<Composed, 'close'> {
  readonly home: Home;
  /** nothing of others is taken any more; jobs taken are ended (`drain`) or put back, and the lock is released */
  letGo(how: 'drain' | 'abort'): Promise<void>;
}

/** @param lock released when the home cannot be opened, else by `letGo` */
export async function holdHome(lock: Lock, options: ComposeOptions): Promise<HeldHome> {
  const { home } = options;
  try {
    const composed = await compose(options);
    // on a shared home every command opens the database itself
    const server = isShared(home)
      ? null
      : await serveEngine(join(home.folder, 'socket'), composed).catch(async (error: unknown) => {
          await composed.close('abort');
          throw error;
        });
    return {
      ...composed,
      home,
      async letGo(how) {
        try {
          server?.refuse();
          await composed.close(how).catch((error: unknown) => {
            // what broke first is what is told
            if (how === 'drain') throw error;
          });
          // before the lock is let go: closing deletes the socket file, which then is the next holder's
          await server?.close();
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
