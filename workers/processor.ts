import { AppError, asAppError, describeError, errorTable } from '../pipeline/errors.ts';
import type { Runs } from './database/runs.ts';
import { type JobName, isOver } from './flow.ts';
import type { Services } from './define.ts';
import { anyPayload } from './jobs/payload.ts';
import { wireJobs } from './jobs/table.ts';
import type { Log } from './log.ts';
import type { Processor } from './queue/port.ts';
import { toFailure } from './run-status.ts';

interface ProcessorParts {
  readonly services: Services;
  readonly runs: Runs;
  readonly log: Log;
  readonly changed: (runId: string) => void;
  /** jobs of other versions are put back; absent: all are done */
  readonly version?: { readonly own: string; readonly onMisfit: (error: AppError) => void };
}

/** A job of a run that another version of this program began. */
class Misfit extends AppError {}

function misfit(job: string, wanted: string, own: string): Misfit {
  return new Misfit(
    'CONFLICT',
    `Job ${job} is of version ${wanted.slice(0, 12)} of the sources that make pixels; this worker has ${own.slice(0, 12)}.`,
    'Bring all machines to one version, then give the command of the run again.',
  );
}

export interface StoppableProcessor extends Processor {
  /** abort the jobs of a run that are being done */
  abort(runId: string): void;
  /** abort the jobs of runs that have ended or were begun anew, by whomever */
  abortEnded(): Promise<void>;
  /** abort all and have them put back */
  stop(): void;
}

/** Does jobs by the table, and says what their failures mean. @throws AppError BUG when a job is not wired */
export function createProcessor({ services, runs, log, changed, version }: ProcessorParts): StoppableProcessor {
  const jobs = wireJobs();
  const active = new Set<{ readonly runId: string; readonly round: number; readonly controller: AbortController }>();
  let isStopping = false;

  return {
    async process({ id, name, payload }, signal) {
      const job = jobs.get(name);
      if (!job)
        throw new AppError('BUG', `Nobody does jobs of the name ${name}.`, 'Cancel the run and start it again.');
      const { runId = id, round = 0, version: wanted } = anyPayload.safeParse(payload).data ?? {};
      if (version && wanted !== undefined && wanted !== version.own && (await runs.load(runId, round)))
        throw misfit(id, wanted, version.own);
      const entry = { runId, round, controller: new AbortController() };
      active.add(entry);
      if (isStopping) entry.controller.abort();
      try {
        await job.run(services, payload, AbortSignal.any([signal, entry.controller.signal]));
      } finally {
        active.delete(entry);
      }
    },

    async judge({ id, name, payload, isLastAttempt }, thrown) {
      if (thrown instanceof Misfit) {
        log.error({ job: id, error: thrown.message }, 'Job:Do:Misfit');
        version?.onMisfit(thrown);
        return 'put-back';
      }
      if (isStopping) return 'put-back';
      const error = asAppError(thrown);
      const run = anyPayload.safeParse(payload).data;
      const live = run && (await runs.load(run.runId, run.round));
      if (!live || isOver(name as JobName, live.stage)) return 'fail';
      const isFinal = isLastAttempt || errorTable[error.code].retry === 'never';
      log.warn(
        { job: id, isFinal, code: error.code, stack: (error.cause as Error | undefined)?.stack ?? error.stack },
        'Job:Do:Failed',
      );
      if (!isFinal) return 'retry';
      if (name === 'infer-chunk' && run.index !== undefined) {
        const reason = describeError(error);
        await runs.putChunk(run.runId, run.round, { index: run.index, state: 'failed', px: 0, reason });
      } else {
        await runs.change(run.runId, run.round, { event: 'run-failed', state: 'failed', error: toFailure(error) });
      }
      changed(run.runId);
      return 'fail';
    },

    abort(runId) {
      for (const entry of active) if (entry.runId === runId) entry.controller.abort();
    },
    async abortEnded() {
      for (const { runId, round, controller } of active) if (!(await runs.load(runId, round))) controller.abort();
    },
    stop() {
      isStopping = true;
      for (const { controller } of active) controller.abort();
    },
  };
}
