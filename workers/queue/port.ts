import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JobName, JobTree, Role } from '../flow.ts';

/** A job as a worker sees it. */
export interface TakenJob {
  readonly id: string;
  readonly name: JobName | string;
  /** not yet parsed */
  readonly payload: unknown;
  /** true: a failure now is the last one */
  readonly isLastAttempt: boolean;
}

/** What to do with a failed job: try again after a pause, never again, or put it back as if never taken. */
export type Verdict = 'retry' | 'fail' | 'put-back';

export interface Processor {
  /** @throws anything; `judge` is then asked what it means */
  process(job: TakenJob, signal: AbortSignal): Promise<void>;
  judge(job: TakenJob, error: unknown): Promise<Verdict>;
}

/**
 * The queue. Delivery is at least once: a job may be processed twice, even at once.
 *
 * An implementation must keep jobs over a kill of the process, submit a tree as a whole or not at all, take a
 * second submission of the same ids as done, start a parent only when all its children have ended, and try a
 * job again after `retry` with growing pauses until its attempts are used up.
 */
export interface Queue {
  submit(tree: JobTree): Promise<void>;
  /**
   * Start taking jobs of a role, `concurrency` at once.
   *
   * @returns call it to take so many at once from now on (≥ 1); those taken are not touched
   */
  work(role: Role, concurrency: number, processor: Processor): (atOnce: number) => void;
  /**
   * Put back at once what a dead process had taken, without waiting for its locks to run out. Only for a
   * caller that knows that nobody else works on this queue (it holds the data folder's lock).
   *
   * @returns number of jobs put back
   */
  recoverTaken(): Promise<number>;
  /** Jobs that have not ended, by role: for tests and `status`. */
  countOpen(): Promise<number>;
  /** What waits and what is being done, by role. */
  look(): Promise<readonly RoleLook[]>;
  /** A page that shows and changes every job, below a path of a server; for administrators alone. */
  openBoard(basePath: string): Promise<(request: IncomingMessage, response: ServerResponse) => Promise<void>>;
  /** Forget all jobs, also those that are being done; nobody works on the queue meanwhile. */
  clear(): Promise<void>;
  /** Take no further job, wait for those taken, then let go of everything. */
  close(): Promise<void>;
}

/** Jobs of one role as they stand. */
export interface RoleLook {
  readonly role: Role;
  /** jobs by state of the queue: waiting, active, delayed, prioritized, waiting-children, failed */
  readonly jobs: Readonly<Record<string, number>>;
  /** when the job that is next was submitted (ms since 1970); null: none waits */
  readonly oldestMs: number | null;
}

/** How often and how fast a failed job is tried again. */
export interface RetryPolicy {
  readonly attempts: number;
  /** pause before the second attempt; doubled each time */
  readonly pauseMs: number;
}
