import { type Home, isShared } from './home.ts';
import { createHash } from 'node:crypto';
import { AppError, asAppError } from '../pipeline/errors.ts';
import type { RunRequest } from '../pipeline/request.ts';
import { canonicalJson } from './database/event.ts';
import type { Runs } from './database/runs.ts';
import { openRunJob, type Role, roles, urgencyOf } from './flow.ts';
import type { ImageStore } from './images/store.ts';
import { followRuns } from './followers.ts';
import { createProcessor } from './processor.ts';
import type { Log } from './log.ts';
import type { Queue } from './queue/port.ts';
import { type RunStatus, toFailure } from './run-status.ts';
import { createServices } from './services.ts';
import type { Work } from './work.ts';

export interface EngineParts {
  /** see `pixelsVersion` */
  readonly version: string;
  readonly home: Home;
  readonly runs: Runs;
  readonly queue: Queue;
  readonly images: ImageStore;
  readonly work: Work;
  readonly log: Log;
  /** jobs of a role at once */
  readonly concurrency: Readonly<Record<Role, number>>;
}

/** How a run is begun. */
export interface StartOptions {
  /** ISO-8601; a run that has ended since then, with the files as they are now, is not begun anew */
  readonly since?: string | undefined;
  /** ids of runs that are about to be asked for too: a start after a kill leaves them as they are */
  readonly kept?: readonly string[] | undefined;
}

export interface Engine {
  /**
   * The single door to a run: begin it, or join it where it stands. The first call starts the workers.
   *
   * @returns the run's id, the same for the same request
   */
  startRun(request: RunRequest, how?: StartOptions): Promise<string>;
  /**
   * Be told of every change of a run, beginning with its present state. A run of an embedded home goes on while somebody
   * follows it: when the last follower leaves before its end it is interrupted. Of a shared home it goes on by itself.
   *
   * @returns call it to leave
   */
  follow(runId: string, listener: (status: RunStatus) => void): () => void;
  cancel(runId: string): Promise<RunStatus>;
  /** Of a shared home: begin to take jobs, so many of each role at once; none of a role that is left out. */
  takeJobs(concurrency: Readonly<Partial<Record<Role, number>>>): void;
  /** Abort the jobs that are being done and have them put back. */
  stopJobs(): void;
  /** The error after which this engine can do nothing more (database gone, disk full). */
  readonly broken: Promise<AppError>;
  breakDown(error: AppError): void;
  /** `drain` waits for the jobs taken; otherwise they are aborted and put back. Runs stay as they are. */
  close(how: 'drain' | 'abort'): Promise<void>;
}

/** How often a process looks what others changed. */
const lookEachMs = 1000;

/** Identity of a run: what was asked, apart from `force` and what says when it is done. */
export function runIdOf({ force: _force, priority: _priority, county: _county, ...asked }: RunRequest): string {
  return createHash('sha256').update(canonicalJson(asked)).digest('hex').slice(0, 16);
}

export function createEngine(parts: EngineParts): Engine {
  const { home, runs, queue, work, log, concurrency } = parts;
  const followers = followRuns(runs);
  const shared = isShared(home);
  const processor = createProcessor({
    runs,
    log,
    services: createServices({ ...parts, publish: followers.publish }),
    changed: followers.publish,
    // of one folder there is one program; a later one begins its runs anew
    ...(shared && { version: { own: parts.version, onMisfit: (error: AppError) => resolveBroken(error) } }),
  });
  let working: Promise<void> | null = null;
  // other processes change runs too: followers and jobs look, where nobody tells them
  const looking = shared ? setInterval(() => void look().catch(() => undefined), lookEachMs) : null;
  looking?.unref();
  async function look(): Promise<void> {
    followers.publishAll();
    await processor.abortEnded();
  }
  let resolveBroken: (error: AppError) => void;
  const broken = new Promise<AppError>((resolve) => {
    resolveBroken = resolve;
  });
  const breakDown = (error: AppError) => resolveBroken(error);

  /** What a dead process left behind is sorted out before the first job is taken. */
  async function beginWork(wanted: readonly string[]): Promise<void> {
    const putBack = await queue.recoverTaken();
    const interrupted = await runs.interruptAll(wanted);
    log.info({ putBack, interrupted }, 'Queue:Open:Done');
    takeJobs(concurrency);
  }

  function takeJobs(wanted: Readonly<Partial<Record<Role, number>>>): void {
    for (const role of roles) {
      const atOnce = wanted[role] ?? 0;
      if (atOnce > 0) queue.work(role, atOnce, processor);
    }
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
    takeJobs,
    stopJobs: () => processor.stop(),
    async startRun(request, { since, kept = [] } = {}) {
      const runId = runIdOf(request);
      const fingerprint = await work.fingerprint(request);
      // of a shared home the workers take the jobs
      if (!shared) await (working ??= beginWork([runId, ...kept]));
      const { round, isNewRound, isOver } = await runs.begin(runId, { request, fingerprint, since });
      const county = isOver ? undefined : (request.county ?? (await work.countyOf(request)) ?? undefined);
      log.info({ run: runId, round, isNewRound, county }, 'Run:Start:Done');
      if (isOver) return runId;
      // also when it is joined: a kill may have come before this line
      const payload = { runId, round, ...(shared && { version: parts.version }) };
      await queue.submit(openRunJob(payload, { urgency: urgencyOf(request), county }));
      return runId;
    },
    follow(runId, listener) {
      return followers.add(runId, listener, () => {
        if (shared) return;
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
      if (looking !== null) clearInterval(looking);
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
