import { type Home, isShared } from './home.ts';
import { requestIn, roundName } from './compute/shared-files.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../pipeline/errors.ts';
import type { RunChange, Runs } from './database/runs.ts';
import type { LiveRun, Services } from './define.ts';
import { isOver } from './flow.ts';
import type { ImageStore } from './images/store.ts';
import type { Log } from './log.ts';
import type { Queue } from './queue/port.ts';
import { toFailure } from './run-status.ts';
import type { Work } from './work.ts';

interface ServiceParts {
  readonly home: Home;
  readonly runs: Runs;
  readonly queue: Queue;
  readonly images: ImageStore;
  readonly work: Work;
  readonly log: Log;
  /** tells the followers of a run that it has changed */
  readonly publish: (runId: string) => void;
}

/** What jobs may touch, over the database, the queue and the stores. */
export function createServices(parts: ServiceParts): Services {
  const { home, runs, queue, images, work, log, publish } = parts;
  const change = async ({ runId, round }: LiveRun, what: RunChange) => {
    await runs.change(runId, round, what);
    log.info({ run: runId, round, stage: what.stage, state: what.state }, `Run:Change:${what.event}`);
    publish(runId);
  };
  return {
    work,
    submit: (tree) => queue.submit(tree),
    async loadRun(job, { runId, round, signal }) {
      const live = await runs.load(runId, round);
      if (!live) throw new AppError('CANCELLED', `Round ${round} of run ${runId} has ended.`, '');
      if (isOver(job, live.stage)) throw new AppError('CANCELLED', `Run ${runId} has left ${job} behind.`, '');
      const folder = join(home.folder, 'runs', isShared(home) ? roundName(runId, round) : runId);
      await mkdir(folder, { recursive: true });
      const request = isShared(home) ? requestIn(folder, live.request) : live.request;
      return { runId, round, request, chunks: live.chunks, folder, images, signal };
    },
    failedChunks: ({ runId, round }) => runs.failedChunks(runId, round),
    recordPlan: (run, { chunks, totalPx, plan }) =>
      change(run, { event: 'run-planned', plan: { chunks, totalPx, facts: plan } }),
    async recordChunk(run, chunk) {
      await runs.putChunk(run.runId, run.round, chunk);
      publish(run.runId);
    },
    recordStage: (run, stage) => change(run, { event: 'stage-begun', stage }),
    recordEnd: (run, { state, summary }) => change(run, { event: `run-${state}`, state, summary }),
    recordFailure: (run, error) => change(run, { event: 'run-failed', state: 'failed', error: toFailure(error) }),
  };
}
