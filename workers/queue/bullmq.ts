import { setTimeout as pause } from 'node:timers/promises';
import {
  type BackendClasses,
  type FlowJob,
  type IQueueBackend,
  type Job,
  UnrecoverableError,
  WaitingError,
} from 'bullmq';
import { describeError } from '../../pipeline/errors.ts';
import {
  type ChunkPayload,
  type JobName,
  type JobTree,
  type Role,
  type RunPayload,
  jobId,
  roleOf,
  roles,
} from '../flow.ts';
import { turnOfRun, turnsOfLane } from './lane.ts';
import type { Processor, Queue, RetryPolicy, TakenJob } from './port.ts';

export interface BullmqOptions<B extends IQueueBackend, C> {
  readonly classes: BackendClasses<B, C>;
  readonly connection: C;
  readonly retry: RetryPolicy;
  /** lets two worlds share one Redis */
  readonly prefix?: string;
  /** how long a job of a process that fell silent stays its own (ms) */
  readonly lockMs?: number;
  /** what the queue reports outside of any job: connections lost, locks not renewed */
  readonly onError: (error: Error) => void;
}

/**
 * Ended jobs stay until this many newer ones have ended: a tree submitted again must find them, or a parent
 * would wait for a second ending of the same child.
 */
const keptJobs = 20_000;
/** Jobs are idempotent, so a job that stalls with its process may do so any number of times. */
const maxStalledCount = 1000;
/**
 * Priorities of BullMQ as turns: a run that comes begins at the turn the queue is at, so that all that wait go on side by
 * side, and nobody who comes later goes before a chunk whose turn has come. They begin anew when nothing waits; at the
 * last one jobs go in the order in which they came.
 */
const firstTurn = 1;
const lastTurn = 2_097_151;
/** Turns that are changed at once. */
const changesAtOnce = 50;
/** Before a job is put back of which nobody can say what became of it. */
const pauseMs = 1000;

const firstAndLast: ReadonlySet<string> = new Set<JobName>(['open-run', 'write-report']);
const openStates = ['waiting', 'active', 'delayed', 'prioritized', 'waiting-children'] as const;

/** The queue on BullMQ, whatever stands behind it. */
export function openBullmq<B extends IQueueBackend, C>(options: BullmqOptions<B, C>): Queue {
  const { classes, connection, retry, prefix, lockMs, onError } = options;
  const shared = { connection, ...(prefix !== undefined && { prefix }) };
  const producer = new classes.FlowProducer(shared);
  producer.on('error', onError);
  const queues = roles.map((role) => {
    const queue = new classes.Queue<unknown>(role, shared);
    queue.on('error', onError);
    return queue;
  });
  const ofRole = (role: Role) => queues[roles.indexOf(role)]!;
  const closers: (() => Promise<void>)[] = [];

  /** Turn that the queue of a role is at: that of the job which is taken next. */
  async function turnOf(role: Role): Promise<number> {
    const [next] = await ofRole(role).getPrioritized(0, 0);
    return next?.priority ?? firstTurn;
  }

  /** Runs of one county go round, so that it has one share however many it asks for. */
  async function shareLane(lane: string, atATurn: number): Promise<void> {
    const queue = ofRole('infer');
    const waiting = (await queue.getPrioritized()) as Job<ChunkPayload>[];
    const jobs = new Map(waiting.filter(({ data }) => data.lane === lane).map((job) => [job.id ?? '', job]));
    const own = [...jobs].map(([id, { data, priority }]) => ({ id, runId: data.runId, turn: priority }));
    if (new Set(own.map(({ runId }) => runId)).size < 2) return;
    const changed = turnsOfLane(own, waiting[0]?.priority ?? firstTurn, atATurn);
    for (let from = 0; from < changed.length; from += changesAtOnce)
      await Promise.all(
        changed
          .slice(from, from + changesAtOnce)
          .map(({ id, turn }) => jobs.get(id)?.changePriority({ priority: Math.min(lastTurn, turn) })),
      );
  }

  /** Turn in which the stages of a run go: that of its opening, else behind the runs of its lane. */
  async function turnOfStages({ name, payload, atATurn }: JobTree): Promise<number> {
    const queue = ofRole(roleOf['open-run']);
    const opened = name === 'open-run' ? undefined : await queue.getJob(jobId('open-run', payload));
    if (opened !== undefined && opened.priority > 0) return opened.priority;
    const now = await turnOf(roleOf['open-run']);
    if (payload.lane === undefined) return now;
    // each run that has not ended is here once: as what opens it, or as its last job
    const unended = (await queue.getJobs([...openStates])) as Job<RunPayload>[];
    const own = unended.filter(({ data, name: job }) => data.lane === payload.lane && firstAndLast.has(job));
    const turns = new Map(own.map(({ data, priority }) => [data.runId, priority]));
    return turnOfRun([...turns.values()], now, atATurn);
  }

  interface Turns {
    readonly chunks: number;
    readonly stages: number;
  }
  const flowOf = (tree: JobTree, isRoot: boolean, now: Turns): FlowJob => ({
    name: tree.name,
    queueName: roleOf[tree.name],
    data: tree.payload,
    opts: {
      jobId: tree.id,
      attempts: retry.attempts,
      backoff: { type: 'exponential', delay: retry.pauseMs },
      removeOnComplete: { count: keptJobs },
      removeOnFail: { count: keptJobs },
      priority: Math.min(lastTurn, tree.turn === undefined ? now.stages : now.chunks + tree.turn),
      ...(!isRoot &&
        (tree.onFailure === 'parent-fails' ? { failParentOnFailure: true } : { ignoreDependencyOnFailure: true })),
    },
    children: tree.children.map((child) => flowOf(child, false, now)),
  });

  return {
    async submit(tree) {
      const now = { chunks: await turnOf('infer'), stages: await turnOfStages(tree) };
      await producer.add(flowOf(tree, true, now));
      const { lane } = tree.payload;
      if (lane !== undefined && tree.children.length > 0) await shareLane(lane, tree.atATurn);
    },
    work(role, concurrency, processor) {
      // BullMQ hands over the signal only to a function that declares three parameters
      const take = (job: Job, token?: string, signal?: AbortSignal) =>
        takeJob(job, token, signal ?? new AbortController().signal, processor);
      const worker = new classes.Worker(role, take, {
        ...shared,
        concurrency,
        maxStalledCount,
        // after a server was away
        runRetryDelay: 1000,
        ...(lockMs !== undefined && { lockDuration: lockMs, stalledInterval: lockMs / 2 }),
      });
      worker.on('error', onError);
      closers.push(() => worker.close());
      return (atOnce) => {
        worker.concurrency = atOnce;
      };
    },
    async recoverTaken() {
      let count = 0;
      for (const queue of queues) {
        for (const job of await queue.getActive()) {
          // token '0' stands for "whoever holds the lock"
          await job.moveToWait('0');
          count += 1;
        }
      }
      return count;
    },
    async countOpen() {
      const counts = await Promise.all(queues.map((queue) => queue.getJobCountByTypes(...openStates)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async look() {
      return Promise.all(
        queues.map(async (queue, index) => {
          const jobs = await queue.getJobCounts(...openStates, 'failed');
          const [next] = await queue.getJobs(['waiting', 'prioritized'], 0, 0, true);
          return { role: roles[index]!, jobs, oldestMs: next?.timestamp ?? null };
        }),
      );
    },
    async openBoard(basePath) {
      // a hundred schemas that only the board needs
      const { openBoard } = await import('./board.ts');
      return openBoard(queues, basePath);
    },
    async clear() {
      // twice: a parent whose children are taken away begins to wait for its turn
      for (const queue of [...queues, ...queues]) await queue.obliterate({ force: true });
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
      await Promise.all([producer.close(), ...queues.map((queue) => queue.close())]);
    },
  };
}

async function takeJob(job: Job, token: string | undefined, signal: AbortSignal, processor: Processor): Promise<void> {
  const taken: TakenJob = {
    id: job.id ?? '',
    name: job.name,
    payload: job.data,
    isLastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
  };
  try {
    await processor.process(taken, signal);
  } catch (error) {
    // nobody can say what it means while the database is away: as if never taken
    const verdict = await processor.judge(taken, error).catch(() => pause(pauseMs, 'put-back' as const));
    if (verdict === 'put-back') {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const line = describeError(error);
    if (verdict === 'fail') throw new UnrecoverableError(line);
    throw new Error(line, { cause: error });
  }
}
