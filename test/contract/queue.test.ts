import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import { openPostgres } from '../../workers/database/postgres.ts';
import { type JobTree, jobId, openRunJob, runTree } from '../../workers/flow.ts';
import { openDatabaseQueue, openRedisQueue } from '../../workers/queue/open-queue.ts';
import type { Processor, Queue, TakenJob, Verdict } from '../../workers/queue/port.ts';
import { absentServices, startServices } from '../support/services.ts';

interface Adapter {
  /** a queue on the same storage as the others that were opened */
  open(): Queue;
  close(): Promise<void>;
}

const retry = { attempts: 3, pauseMs: 10 };
const errors: Error[] = [];
const onError = (error: Error) => errors.push(error);

async function openEmbeddedAdapter(): Promise<Adapter> {
  const folder = await mkdtemp(join(tmpdir(), 'tianwatch-queue-'));
  const pool = await openEmbedded(folder, migrate);
  await pool.query('SET search_path TO bullmq');
  return {
    open: () => openDatabaseQueue(pool, { retry, onError }),
    async close() {
      await pool.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgresAdapter(): Promise<Adapter> {
  const services = await startServices(['postgres']);
  const { queue, end } = await openPostgres(services.env['TIANWATCH_DATABASE'] ?? '');
  return {
    open: () => openDatabaseQueue(queue, { retry, onError }),
    async close() {
      await end();
      await services.close();
    },
  };
}

function freePort(): Promise<number> {
  const server = createSocketServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function openRedisAdapter(): Promise<Adapter> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', 'noeviction'];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve) => {
    server.stdout.on('data', (text: Buffer) => text.includes('Ready to accept') && resolve());
  });
  return {
    open: () => openRedisQueue(`redis://127.0.0.1:${port}`, { retry, onError, prefix: 'contract' }),
    async close() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await ended;
    },
  };
}

const noPostgres = absentServices(['postgres']);
if (noPostgres) process.stdout.write(`${noPostgres}: the queue contract on PostgreSQL\n`);
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) process.stdout.write('skipped: the queue contract on Redis; redis-server is absent\n');

const done = () => Promise.resolve();

/** Runs jobs with `work`, keeps the order in which they ended, and tells when `last` has. */
function worker(work: (job: TakenJob, signal: AbortSignal) => Promise<void>, verdict: Verdict = 'fail') {
  const log: string[] = [];
  const waiting: { line: string; resolve: () => void }[] = [];
  const say = (line: string) => {
    log.push(line);
    for (const { line: wanted, resolve } of waiting) if (wanted === line) resolve();
  };
  const processor: Processor = {
    async process(job, signal) {
      await work(job, signal);
      say(job.id);
    },
    judge(job) {
      say(`failed ${job.id}`);
      return Promise.resolve(job.isLastAttempt ? 'fail' : verdict);
    },
  };
  const until = (line: string) =>
    log.includes(line) ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ line, resolve }));
  return { log, processor, until };
}

function startAll(queue: Queue, processor: Processor): void {
  queue.work('io', 1, processor);
  queue.work('infer', 3, processor);
  queue.work('cpu', 1, processor);
}

describe.each([
  { name: 'embedded', present: true, openAdapter: openEmbeddedAdapter },
  { name: 'PostgreSQL', present: noPostgres === null, openAdapter: openPostgresAdapter },
  { name: 'Redis', present: hasRedis, openAdapter: openRedisAdapter },
])('the queue ($name)', ({ present, openAdapter }) => {
  if (!present) return it.skip('is absent');
  let adapter: Adapter;
  let runs = 0;
  const newRun = () => ({ runId: `run${(runs += 1)}`, round: 1 });

  beforeAll(async () => {
    adapter = await openAdapter();
  });
  afterAll(() => adapter.close());

  it('starts a parent only when all its children have ended', async () => {
    const queue = adapter.open();
    const run = newRun();
    const { log, processor, until } = worker(done);
    startAll(queue, processor);
    await queue.submit(runTree(run, 20));
    await until(jobId('write-report', run));
    expect(log).toHaveLength(24);
    expect(log.slice(-4)).toEqual(
      (['stitch', 'detect-change', 'raise-alerts', 'write-report'] as const).map((name) => jobId(name, run)),
    );
    expect(new Set(log).size).toBe(24);
    await queue.close();
    expect(await adapterIsEmpty(adapter)).toBe(true);
  });

  it('takes a tree that is submitted again as one, before and after its jobs are done', async () => {
    const queue = adapter.open();
    const run = newRun();
    const { log, processor, until } = worker(done);
    await queue.submit(runTree(run, 4));
    await queue.submit(runTree(run, 4));
    startAll(queue, processor);
    await until(jobId('stitch', run));
    await queue.submit(runTree(run, 4));
    await until(jobId('write-report', run));
    await queue.submit(openRunJob(run));
    await until(jobId('open-run', run));
    expect(log.filter((id) => id.includes('infer-chunk'))).toHaveLength(4);
    expect(log).toHaveLength(9);
    await queue.close();
    expect(await adapterIsEmpty(adapter)).toBe(true);
  });

  it('goes on with the parent when a chunk fails for good, and fails it when a stage does', async () => {
    const queue = adapter.open();
    const run = newRun();
    const broken = [jobId('infer-chunk', run, 1), jobId('detect-change', run)];
    const { log, processor, until } = worker((job) =>
      broken.includes(job.id) ? Promise.reject(new AppError('BUG', 'broken', '')) : done(),
    );
    startAll(queue, processor);
    await queue.submit(runTree(run, 3));
    await until(`failed ${jobId('detect-change', run)}`);
    await queue.close();
    expect(log).toContain(jobId('stitch', run));
    expect(log.filter((id) => id === `failed ${broken[0]}`)).toHaveLength(1);
    expect(log).not.toContain(jobId('write-report', run));
  });

  it('tries a job again after a pause until its attempts are used up', async () => {
    const queue = adapter.open();
    const run = newRun();
    const attempts: boolean[] = [];
    const { processor, until } = worker((job) => {
      attempts.push(job.isLastAttempt);
      return attempts.length < 3 ? Promise.reject(new AppError('UNAVAILABLE', 'not yet', '')) : done();
    }, 'retry');
    startAll(queue, processor);
    await queue.submit(openRunJob(run));
    await until(jobId('open-run', run));
    expect(attempts).toEqual([false, false, true]);
    await queue.close();
  });

  it('gives a job that was put back to the next worker, with all its attempts', async () => {
    const run = newRun();
    const first = adapter.open();
    let stop!: () => void;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const putting = worker(async () => {
      stop();
      throw new AppError('CANCELLED', 'stopping', '');
    });
    first.work('io', 1, { ...putting.processor, judge: () => Promise.resolve('put-back') });
    await first.submit(openRunJob(run));
    await stopped;
    await first.close();

    const second = adapter.open();
    const taken: TakenJob[] = [];
    const { processor, until } = worker((job) => {
      taken.push(job);
      return done();
    });
    second.work('io', 1, processor);
    await until(jobId('open-run', run));
    expect(taken[0]).toMatchObject({ payload: run, isLastAttempt: false });
    await second.close();
  });

  it('recovers at once what a dead worker had taken, and lets both do it without harm', async () => {
    const run = newRun();
    const first = adapter.open();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    let begun!: () => void;
    const taken = new Promise<void>((resolve) => (begun = resolve));
    const slow = worker(() => {
      begun();
      return held;
    });
    first.work('io', 1, slow.processor);
    await first.submit(openRunJob(run));
    await taken;

    const second = adapter.open();
    const startedMs = performance.now();
    expect(await second.recoverTaken()).toBe(1);
    const { log, processor, until } = worker(done);
    second.work('io', 1, processor);
    await until(jobId('open-run', run));
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    release();
    await slow.until(jobId('open-run', run));
    await first.close();
    await second.close();
    expect(log).toEqual([jobId('open-run', run)]);
    expect(await adapterIsEmpty(adapter)).toBe(true);
  });

  it('says what waits and since when, shows it on its board, and forgets it when it is cleared', async () => {
    const run = newRun();
    const queue = adapter.open();
    const startedMs = Date.now();
    await queue.submit(openRunJob(run));
    const io = (await queue.look()).find(({ role }) => role === 'io');
    expect(io?.jobs).toMatchObject({ prioritized: 1, active: 0 });
    expect(Math.abs((io?.oldestMs ?? 0) - startedMs)).toBeLessThan(5000);

    const board = await queue.openBoard('/queue');
    const server = createServer((request, response) => void board(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}/queue${path}`, { method });
    const page = await (await get('/')).text();
    expect(page).toContain('<base href="/queue/" />');
    expect(page).not.toMatch(/<%|https:/);
    const script = /src="(static\/js\/main[^"]+)"/.exec(page)?.[1];
    expect((await get(`/${script}`)).headers.get('content-type')).toBe('text/javascript');
    const shown = (await (await get('/api/queues?activeQueue=io&status=prioritized&page=1')).json()) as {
      readonly queues: readonly { readonly name: string; readonly jobs: readonly { readonly id: string }[] }[];
    };
    expect(shown.queues.find(({ name }) => name === 'io')?.jobs.map(({ id }) => id)).toEqual([jobId('open-run', run)]);
    expect((await get('/api/absent')).status).toBe(404);
    expect((await get('/static/..%2f..%2f..%2fpackage.json')).status).toBe(404);
    server.closeAllConnections();
    server.close();

    await queue.clear();
    expect(await queue.countOpen()).toBe(0);
    expect((await queue.look()).map(({ oldestMs }) => oldestMs)).toEqual([null, null, null]);
    // the same ids again are new jobs, and are done
    const { processor, until } = worker(done);
    startAll(queue, processor);
    await queue.submit(openRunJob(run));
    await until(jobId('open-run', run));
    await queue.close();
  });

  it('lets a small run go before most of a big one, a pressing one faster, and holds nobody up for good', async () => {
    const [big, small, pressing, late] = [newRun(), newRun(), newRun(), newRun()];
    const queue = adapter.open();
    await queue.submit(runTree(big, 40));
    const order: string[] = [];
    const { processor, until } = worker(async ({ payload }) => {
      order.push((payload as { runId: string }).runId);
      // while the big one is under way
      if (order.length === 10) {
        await queue.submit(runTree(small, 5));
        await queue.submit(runTree(pressing, 16, { urgency: 'high' }));
      }
      // new ones keep coming: the big one is done all the same
      if (order.length === 50) await queue.submit(runTree(late, 100));
    });
    queue.work('infer', 1, processor);
    await until(jobId('infer-chunk', late, 99));
    const place = (run: { runId: string }): number => order.lastIndexOf(run.runId);
    expect(order.slice(0, 10).every((id) => id === big.runId)).toBe(true);
    // beside it: 16 pressing chunks in two turns, 5 small ones in five
    expect(place(pressing)).toBeLessThan(10 + 16 + 6);
    expect(place(small)).toBeLessThan(10 + 16 + 5 + 7);
    expect(place(big)).toBeLessThan(40 + 16 + 5 + 25);
    expect(place(big)).toBeLessThan(place(late));
    expect(order).toHaveLength(161);
    await queue.clear();
    await queue.close();
    expect(await adapterIsEmpty(adapter)).toBe(true);
  });

  it('gives two counties half each, however many runs one of them asks for, and a pressing run goes before both', async () => {
    const many = Array.from({ length: 20 }, newRun);
    const [one, pressing] = [newRun(), newRun()];
    const queue = adapter.open();
    for (const run of many) await queue.submit(runTree(run, 3, { county: '330421' }));
    const order: string[] = [];
    const { processor, until } = worker(async ({ payload }) => {
      order.push((payload as { runId: string }).runId);
      if (order.length === 10) await queue.submit(runTree(one, 14, { county: '330424' }));
      if (order.length === 20) await queue.submit(runTree(pressing, 8, { county: '330421', urgency: 'high' }));
    });
    queue.work('infer', 1, processor);
    for (const run of many) await until(jobId('infer-chunk', run, 2));
    const underWay = order.slice(11, order.lastIndexOf(one.runId) + 1).filter((id) => id !== pressing.runId);
    const share = underWay.filter((id) => id === one.runId).length / underWay.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
    expect(order.lastIndexOf(pressing.runId)).toBeLessThan(20 + 8 + 3);
    // a county's runs go round too: none has two chunks before another has one
    expect(new Set(order.slice(0, 10)).size).toBe(10);
    expect(order).toHaveLength(60 + 14 + 8);
    await queue.clear();
    await queue.close();
    expect(await adapterIsEmpty(adapter)).toBe(true);
  });

  it('opens runs of two counties in turns, and goes on with them in the same order', async () => {
    const [many, few] = [Array.from({ length: 6 }, newRun), Array.from({ length: 2 }, newRun)];
    const [first, second, third] = [adapter.open(), adapter.open(), adapter.open()];
    for (const run of many) await first.submit(openRunJob(run, { county: '330421' }));
    for (const run of few) await first.submit(openRunJob(run, { county: '330424' }));
    const opened: string[] = [];
    const opening = worker(async ({ payload }) => {
      const run = payload as { runId: string; round: number };
      opened.push(run.runId);
      await second.submit(runTree(run, 1));
    });
    first.work('io', 1, opening.processor);
    await opening.until(jobId('open-run', many.at(-1)!));
    await first.close();
    const ofFew = (ids: readonly (string | undefined)[]) => ids.filter((id) => few.some(({ runId }) => runId === id));
    expect(ofFew(opened.slice(0, 4))).toHaveLength(2);
    const computing = worker(done);
    second.work('infer', 1, computing.processor);
    for (const run of [...many, ...few]) await computing.until(jobId('infer-chunk', run, 0));
    await second.close();
    const going = worker(done);
    startAll(third, going.processor);
    for (const run of [...many, ...few]) await going.until(jobId('write-report', run));
    const stitched = going.log.filter((id) => id.includes('.stitch')).map((id) => id.split('.')[0]);
    await third.close();
    expect(stitched).toHaveLength(8);
    expect(ofFew(stitched.slice(0, 4))).toHaveLength(2);
    expect(await adapterIsEmpty(adapter)).toBe(true);
  });

  it('keeps what was submitted for a worker that comes later', async () => {
    const run = newRun();
    const producer = adapter.open();
    const tree: JobTree = runTree(run, 2);
    await producer.submit(tree);
    expect(await producer.countOpen()).toBe(6);
    await producer.close();
    const consumer = adapter.open();
    const { processor, until } = worker(done);
    startAll(consumer, processor);
    await until(tree.id);
    await consumer.close();
  });
});

async function adapterIsEmpty(adapter: Adapter): Promise<boolean> {
  const queue = adapter.open();
  const count = await queue.countOpen();
  await queue.close();
  return count === 0;
}
