import { type Home, isShared } from './home.ts';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../pipeline/errors.ts';
import { type Lock, takeLock } from './queue/lock.ts';
import { connectTo } from './queue/socket.ts';

/** Between two looks whether the lock is free or its holder answers. */
const pauseMs = 60;
/** A holder that opens its database answers only afterwards. */
const patienceMs = 120_000;

/**
 * Get to the data folder: as its holder, or through the socket of the holder. A shared home is held by nobody: everybody goes
 * to its database.
 *
 * @throws AppError CANCELLED when `signal` fired, UNAVAILABLE when the holder does not answer
 */
export async function reach<T>(
  home: Home,
  how: {
    readonly held: (lock: Lock) => Promise<T>;
    /** null: the holder went away; try again */
    readonly answered: (socket: Socket) => Promise<T | null>;
    readonly signal?: AbortSignal;
  },
): Promise<T> {
  if (isShared(home)) {
    if (how.signal?.aborted) throw interrupted();
    return how.held({ release: () => Promise.resolve() });
  }
  const socketPath = join(home.folder, 'socket');
  const connect = () => connectTo(socketPath);
  const isListening = async () => {
    const socket = await connect();
    socket?.destroy();
    return socket !== null;
  };
  let silentMs = 0;
  while (silentMs < patienceMs) {
    if (how.signal?.aborted) throw interrupted();
    const lock = await takeLock(home.folder, isListening);
    if (lock) return how.held(lock);
    const socket = await connect();
    if (socket) {
      silentMs = 0;
      const answer = await how.answered(socket);
      if (answer !== null) return answer;
    }
    silentMs += pauseMs;
    await pause(pauseMs);
  }
  throw new AppError(
    'UNAVAILABLE',
    `The process that holds the data folder ${home.folder} has not answered for ${patienceMs / 1000} s.`,
    'Look whether it is stopped (Ctrl-Z), and continue or end it.',
  );
}

export function interrupted(): AppError {
  return new AppError('CANCELLED', 'Interrupted.', 'The same command goes on where this one stopped.');
}
