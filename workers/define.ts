import type { z } from 'zod';
import { AppError } from '../pipeline/errors.ts';
import type { JobName, JobTree, Role } from './flow.ts';
import type { FailedChunk, OpenedRun, ReportedRun, RunContext, Work } from './work.ts';

/** A run while a job of it is being done. */
export interface LiveRun extends RunContext {
  readonly round: number;
  /** number of chunks; null before the plan is made */
  readonly chunks: number | null;
}

/** What jobs may touch. Everything recorded is recorded last, after the work is published. */
export interface Services {
  readonly work: Work;
  /**
   * The run a job belongs to.
   *
   * @throws AppError CANCELLED when the run has ended, was begun anew or is further: the job has no more meaning
   */
  loadRun(
    job: JobName,
    run: { readonly runId: string; readonly round: number; readonly signal: AbortSignal },
  ): Promise<LiveRun>;
  failedChunks(run: LiveRun): Promise<readonly FailedChunk[]>;
  submit(tree: JobTree): Promise<void>;
  recordPlan(run: LiveRun, opened: OpenedRun): Promise<void>;
  recordChunk(run: LiveRun, chunk: { index: number; state: 'done' | 'skipped'; px: number }): Promise<void>;
  /** the run is now in this stage */
  recordStage(run: LiveRun, stage: 'infer' | 'stitch' | 'detect' | 'report'): Promise<void>;
  recordEnd(run: LiveRun, reported: ReportedRun): Promise<void>;
  /** ends the run as `failed`; what is left of its jobs refuses itself */
  recordFailure(run: LiveRun, error: AppError): Promise<void>;
}

export interface Job {
  readonly name: JobName;
  readonly role: Role;
  run(services: Services, payload: unknown, signal: AbortSignal): Promise<void>;
}

/**
 * A job: its payload is parsed once, behind the door it is believed.
 *
 * `handle` reads: check done → load → think → store → record; it may be called twice, at once or after a kill.
 */
export function defineJob<P>(job: {
  readonly name: JobName;
  readonly role: Role;
  readonly payload: z.ZodType<P>;
  readonly handle: (services: Services, payload: P, signal: AbortSignal) => Promise<void>;
}): Job {
  const { name, role, payload: schema, handle } = job;
  return {
    name,
    role,
    async run(services, payload, signal) {
      const parsed = schema.safeParse(payload);
      if (!parsed.success) {
        const todo = 'Cancel the run and start it again.';
        throw new AppError('BUG', `Job ${name} got a payload of another form: ${parsed.error.message}.`, todo);
      }
      await handle(services, parsed.data, signal);
    },
  };
}
