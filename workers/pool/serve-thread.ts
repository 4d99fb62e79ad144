import { parentPort, workerData } from 'node:worker_threads';
import { AppError, asAppError } from '../../pipeline/errors.ts';
import { toFailure } from '../run-status.ts';
import type { FromThread, ThreadStart, ToThread } from './rpc.ts';

/** What a thread answers; `transfer` lists buffers that are moved instead of copied. */
export interface ThreadAnswer<O> {
  readonly output: O;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Plain data the pool was opened with, for the entry to parse. */
export function threadData(): unknown {
  return (workerData as ThreadStart).data;
}

/**
 * Answer the pool's calls, one after the other. An entry calls this once, last.
 *
 * @param handle looks at `signal` between its parts: it fires when the call is given up, but only once the
 *   thread comes back to its loop
 */
export function serveThread<I, O>(handle: (input: I, signal: AbortSignal) => Promise<ThreadAnswer<O>>): void {
  const port = parentPort;
  if (!port) throw new AppError('BUG', 'serveThread was called outside a worker thread.', '');
  const aborts = new Map<number, AbortController>();
  const say = (message: FromThread, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);

  port.on('message', (message: ToThread) => {
    if (message.kind === 'abort') {
      aborts.get(message.id)?.abort();
      return;
    }
    const { id, input } = message;
    const controller = new AbortController();
    aborts.set(id, controller);
    handle(input as I, controller.signal)
      .then(({ output, transfer }) => say({ kind: 'result', id, output }, transfer))
      .catch((error: unknown) => say({ kind: 'failure', id, failure: toFailure(asAppError(error)) }))
      .finally(() => aborts.delete(id));
  });
  say({ kind: 'ready' });
}
