import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, asAppError } from '../pipeline/errors.ts';
import type { RunRequest } from '../pipeline/request.ts';
import { canonicalJson } from './database/event.ts';
import type { Runs } from './database/runs.ts';
import type { LiveRun, Services } from './define.ts';
import { openRunJob, type Role } from './flow.ts';
import type { ImageStore } from './images/store.ts';
import { createProcessor } from './processor.ts';
import type { Log } from './log.ts';
import type { Queue } from './queue/port.ts';
import { type RunStatus, toFailure } from './run-status.ts';
import type { Work } from './work.ts';

export interface EngineParts {
  readonly dataFolder: string;
  readonly runs: Runs;
  readonly queue: Queue;
  readonly images: ImageStore;
  readonly work: Work;
  readonly log: Log;
  /** jobs of a role at once */
  readonly concurrency: Readonly<Record<Role, number>>;
}

export interface Engine {
  /**
   * The single door to a run: begin it, or join it where it stands. The first call starts the workers.
   *
   * @returns the run's id, the same for the same request
   */
  startRun(request: RunRequest): Promise<string>;
  /**
   * Be told of every change of a run, beginning with its present state. A run goes on while somebody follows
   * it: when the last follower leaves before its end it is interrupted.
   *
   * @returns call it to leave
   */
  follow(runId: string, listener: (status: RunStatus) => void): () => void;
  cancel(runId: string): Promise<RunStatus>;
  /** The error after which this engine can do nothing more (database gone, disk full). */
  readonly broken: Promise<AppError>;
  breakDown(error: AppError): void;
  /** `drain` waits for the jobs taken; otherwise they are aborted and put back. Runs stay as they are. */
  close(how: 'drain' | 'abort'): Promise<void>;
}

/** Identity of a run: what was asked, apart from `force`. */
export function runIdOf({ force: _force, ...asked }: RunRequest): string {
  return createHash('sha256').update(canonicalJson(asked)).digest('hex').slice(0, 16);
}

export function createEngine(parts: EngineParts): Engine {
  const { dataFolder, runs, queue, images, work, log, concurrency } = parts;
  const followers = followRuns(runs);
  const processor = createProcessor({ runs, log, services: createServices(), changed: followers.publish });
  let working: Promise<void> | null = null;
  let breakDown: (error: AppError) => void = () => undefined;
  const broken = new Promise<AppError>((resolve) => {
    breakDown = resolve;
  });

  function createServices(): Services {
    const change = async (run: LiveRun, what: Parameters<Runs['change']>[2]) => {
      await runs.change(run.runId, run.round, what);
      log.info({ run: run.runId, round: run.round, stage: what.stage, state: what.state }, `Run:Change:${what.event}`);
      followers.publish(run.runId);
    };
    return {
      work,
      submit: (tree) => queue.submit(tree),
      async loadRun(runId, round, signal) {
        const live = await runs.load(runId, round);
        if (!live) throw new AppError('CANCELLED', `Round ${round} of run ${runId} has ended.`, '');
        const folder = join(dataFolder, 'runs', runId);
        await mkdir(folder, { recursive: true });
        return { runId, round, request: live.request, chunks: live.chunks, folder, images, signal };
      },
      failedChunks: ({ runId, round }) => runs.failedChunks(runId, round),
      recordPlan: (run, { chunks, totalPx, plan }) =>
        change(run, { event: 'run-planned', plan: { chunks, totalPx, facts: plan } }),
      async recordChunk(run, chunk) {
        await runs.putChunk(run.runId, run.round, chunk);
        followers.publish(run.runId);
      },
      recordStage: (run, stage) => change(run, { event: 'stage-begun', stage }),
      recordEnd: (run, { state, summary }) => change(run, { event: `run-${state}`, state, summary }),
      recordFailure: (run, error) => change(run, { event: 'run-failed', state: 'failed', error: toFailure(error) }),
    };
  }

  /** What a dead process left behind is sorted out before the first job is taken. */
  async function beginWork(wanted: string): Promise<void> {
    const putBack = await queue.recoverTaken();
    const interrupted = await runs.interruptAll([wanted]);
    log.info({ putBack, interrupted }, 'Queue:Open:Done');
    for (const role of ['io', 'infer', 'cpu'] as const) queue.work(role, concurrency[role], processor);
  }

  async function end(runId: string, state: 'cancelled' | 'interrupted'): Promise<void> {
    const { round } = await runs.get(runId);
    if (await stopRun(runs, runId, round, state)) log.info({ run: runId, round }, `Run:End:${state}`);
    processor.abort(runId);
    followers.publish(runId);
  }

  return {
    broken,
    breakDown,
    async startRun(request) {
      const runId = runIdOf(request);
      const fingerprint = await work.fingerprint(request);
      working ??= beginWork(runId);
      await working;
      const { round, isNewRound } = await runs.begin(runId, request, fingerprint);
      log.info({ run: runId, round, isNewRound }, 'Run:Start:Done');
      // also when it is joined: a kill may have come before this line
      await queue.submit(openRunJob({ runId, round }));
      return runId;
    },
    follow(runId, listener) {
      return followers.add(runId, listener, () => {
        void end(runId, 'interrupted').catch((error: unknown) => breakDown(asAppError(error)));
      });
    },
    async cancel(start) {
      const { runId } = await cancelStored(runs, start);
      processor.abort(runId);
      followers.publish(runId);
      return runs.get(runId);
    },
    async close(how) {
      followers.close();
      if (how === 'abort') processor.stop();
      await queue.close();
      await work.close();
    },
  };
}

/** @returns false when it had ended before */
function stopRun(runs: Runs, runId: string, round: number, state: 'cancelled' | 'interrupted'): Promise<boolean> {
  const error = new AppError('CANCELLED', `Run ${runId} was ${state}.`, 'The same command goes on with it.');
  const from = state === 'cancelled' ? (['running', 'interrupted'] as const) : (['running'] as const);
  return runs.change(runId, round, { event: `run-${state}`, state, error: toFailure(error), from });
}

/** Mark a run as cancelled; its jobs then refuse themselves. @throws AppError NOT_FOUND, CONFLICT when it has ended */
export async function cancelStored(runs: Runs, start: string): Promise<RunStatus> {
  const { runId, round } = await runs.find(start);
  const isCancelled = await stopRun(runs, runId, round, 'cancelled');
  const status = await runs.get(runId);
  if (isCancelled) return status;
  throw new AppError('CONFLICT', `Run ${runId} has already ended as ${status.state}.`, 'There is nothing to cancel.');
}

interface Followers {
  add(runId: string, listener: (status: RunStatus) => void, onLastLeft: () => void): () => void;
  publish(runId: string): void;
  close(): void;
}

/** Tells the followers of a run its newest status; several changes at once are told as one. */
function followRuns(runs: Runs): Followers {
  const listeners = new Map<string, Set<(status: RunStatus) => void>>();
  const pending = new Map<string, 'reading' | 'read again'>();
  let isClosed = false;

  async function tell(runId: string): Promise<void> {
    const status = await runs.get(runId).catch(() => null);
    const isStale = pending.get(runId) === 'read again';
    pending.delete(runId);
    if (status) for (const listener of listeners.get(runId) ?? []) listener(status);
    if (isStale) publish(runId);
  }
  function publish(runId: string): void {
    if (isClosed || !listeners.has(runId)) return;
    if (pending.has(runId)) {
      pending.set(runId, 'read again');
      return;
    }
    pending.set(runId, 'reading');
    void tell(runId);
  }
  return {
    publish,
    add(runId, listener, onLastLeft) {
      const set = listeners.get(runId) ?? new Set();
      listeners.set(runId, set.add(listener));
      publish(runId);
      return () => {
        if (!set.delete(listener) || set.size > 0) return;
        listeners.delete(runId);
        if (!isClosed) onLastLeft();
      };
    },
    close() {
      isClosed = true;
      listeners.clear();
    },
  };
}
