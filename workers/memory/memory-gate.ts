import { AppError } from '../../pipeline/errors.ts';
import type { Log } from '../log.ts';
import { mayBegin } from './may-begin.ts';
import type { Memory } from './read-memory.ts';

/** A job that waited for memory while the process ended: as if never taken. */
export class NoRoom extends AppError {}

export interface Entry {
  /** id of the job, for the log */
  readonly id: string;
  readonly needBytes: number;
}

/** Where jobs wait until there is memory for them, in the order in which they came. */
export interface MemoryGate {
  readonly limitBytes: number;
  /** jobs that wait now */
  waiting(): number;
  /**
   * @param onWait told when it has to wait
   * @returns once it may begin; call it when the job has ended
   * @throws NoRoom when the gate is closed
   */
  enter(entry: Entry, onWait: () => void): Promise<() => void>;
  /** those that wait are sent away */
  close(): void;
}

interface Waiter extends Entry {
  readonly sinceMs: number;
  readonly enter: () => void;
  readonly refuse: (error: NoRoom) => void;
}

/** Between two looks at memory that others may have given back (ms). */
const lookEachMs = 500;

const toMb = (bytes: number): number => Math.round(bytes / 1e6);

export function openMemoryGate(memory: Memory, log: Log): MemoryGate {
  const { limits, look } = memory;
  const waiters: Waiter[] = [];
  let isClosed = false;
  let count = 0;
  let needBytes = 0;
  let idleBytes = Infinity;
  let timer: NodeJS.Timeout | null = null;

  function isRoomFor(need: number): boolean {
    const now = look();
    // what a process once took it does not all give back: the least is what it takes for itself
    if (count === 0) idleBytes = Math.min(idleBytes, now.rssBytes);
    return mayBegin(need, limits, now, { count, needBytes, idleBytes });
  }

  function begin(need: number): () => void {
    count += 1;
    needBytes += need;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      count -= 1;
      needBytes -= need;
      admit();
    };
  }

  function admit(): void {
    for (let first = waiters[0]; first !== undefined && isRoomFor(first.needBytes); first = waiters[0]) {
      waiters.shift();
      log.info({ job: first.id, waitedMs: Math.round(performance.now() - first.sinceMs) }, 'Memory:Wait:Done');
      first.enter();
    }
    if (waiters.length === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  }

  return {
    limitBytes: limits.limitBytes,
    waiting: () => waiters.length,
    enter({ id, needBytes: need }, onWait) {
      if (isClosed) return Promise.reject(closed(id));
      if (waiters.length === 0 && isRoomFor(need)) return Promise.resolve(begin(need));
      const { rssBytes, freeBytes } = look();
      const figures = { rssMb: toMb(rssBytes), freeMb: toMb(freeBytes), limitMb: toMb(limits.limitBytes) };
      log.warn({ job: id, needMb: toMb(need), underWay: count, ...figures }, 'Memory:Wait:Begun');
      onWait();
      timer ??= setInterval(admit, lookEachMs).unref();
      return new Promise((resolve, reject) => {
        const sinceMs = performance.now();
        waiters.push({ id, needBytes: need, sinceMs, enter: () => resolve(begin(need)), refuse: reject });
      });
    },
    close() {
      isClosed = true;
      for (const { id, refuse } of waiters.splice(0)) refuse(closed(id));
      admit();
    },
  };
}

function closed(id: string): NoRoom {
  return new NoRoom('CANCELLED', `Job ${id} waited for memory when this process ended.`, '');
}
