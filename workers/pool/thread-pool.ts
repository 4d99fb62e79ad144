import { Worker } from 'node:worker_threads';
import { AppError } from '../../pipeline/errors.ts';
import { fromFailure } from '../run-status.ts';
import type { FromThread, ThreadStart, ToThread } from './rpc.ts';

export interface ThreadPoolOptions {
  /** URL of the .ts entry that calls `serveThread` */
  readonly entry: URL;
  /** ≥ 1 */
  readonly threads: number;
  /** plain data, given to every thread */
  readonly data?: unknown;
  /** limit of a thread's JavaScript heap (MB) */
  readonly heapMb?: number;
}

export interface ThreadPool<I, O> {
  /**
   * Hand a call to the next free thread; calls wait in order.
   *
   * @throws AppError what the entry threw, UNAVAILABLE when the thread died (another takes its place),
   *   CANCELLED when `signal` fired
   */
  run(input: I, options?: { readonly signal?: AbortSignal; readonly transfer?: readonly ArrayBuffer[] }): Promise<O>;
  close(): Promise<void>;
}

interface Call {
  readonly id: number;
  readonly input: unknown;
  readonly transfer: readonly ArrayBuffer[];
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Seat {
  readonly worker: Worker;
  call: Call | null;
}

const cancelled = () => new AppError('CANCELLED', 'The computation was given up.', '');

/** N threads that each load one entry. Threads start with the first call and are replaced when they die. */
export function openThreadPool<I, O>(options: ThreadPoolOptions): ThreadPool<I, O> {
  const { entry, threads, data, heapMb } = options;
  const start: ThreadStart = { entry: entry.href, data };
  const seats = new Set<Seat>();
  const queue: Call[] = [];
  let lastId = 0;
  let isClosed = false;

  function seat(): Seat {
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), {
      workerData: start,
      ...(heapMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
    });
    const made: Seat = { worker, call: null };
    let cause: unknown;
    worker.on('message', (message: FromThread) => settle(made, message));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (code) => bury(made, code, cause));
    seats.add(made);
    return made;
  }

  function settle(made: Seat, message: FromThread): void {
    const { call } = made;
    if (message.kind === 'ready' || call?.id !== message.id) return;
    made.call = null;
    if (message.kind === 'result') call.resolve(message.output);
    else call.reject(fromFailure(message.failure));
    hand();
  }

  function bury(made: Seat, code: number, cause: unknown): void {
    seats.delete(made);
    const reason = cause instanceof Error ? cause.message : `exit code ${code}`;
    const todo = 'Give the same command again; with less memory at hand, use fewer --threads.';
    made.call?.reject(new AppError('UNAVAILABLE', `A compute thread died: ${reason}.`, todo, {}, cause));
    made.call = null;
    if (!isClosed) hand();
  }

  function hand(): void {
    while (queue.length > 0) {
      const free = [...seats].find(({ call }) => call === null) ?? (seats.size < threads ? seat() : null);
      const call = free && queue.shift();
      if (!free || !call) return;
      free.call = call;
      const message: ToThread = { kind: 'call', id: call.id, input: call.input };
      free.worker.postMessage(message, [...call.transfer]);
    }
  }

  function giveUp(id: number): void {
    const waiting = queue.findIndex((call) => call.id === id);
    if (waiting >= 0) queue.splice(waiting, 1)[0]?.reject(cancelled());
    // a call under way is told and its caller let go at once; the thread stays taken until it has come back
    const busy = [...seats].find(({ call }) => call?.id === id);
    busy?.worker.postMessage({ kind: 'abort', id } satisfies ToThread, []);
    busy?.call?.reject(cancelled());
  }

  return {
    run(input, { signal, transfer = [] } = {}) {
      if (isClosed || signal?.aborted) return Promise.reject(cancelled());
      const id = (lastId += 1);
      const abort = () => giveUp(id);
      const result = new Promise<O>((resolve, reject) => {
        queue.push({ id, input, transfer, resolve: (output) => resolve(output as O), reject });
      });
      signal?.addEventListener('abort', abort, { once: true });
      hand();
      return result.finally(() => signal?.removeEventListener('abort', abort));
    },
    async close() {
      isClosed = true;
      for (const call of queue.splice(0)) call.reject(cancelled());
      for (const { call } of seats) call?.reject(cancelled());
      await Promise.all([...seats].map(({ worker }) => worker.terminate()));
    },
  };
}
