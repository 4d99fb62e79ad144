import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../pipeline/errors.ts';
import { openEmbedded } from './database/open-embedded.ts';
import type { Postgres } from './database/postgres.ts';
import { type Runs, openRuns } from './database/runs.ts';
import type { Pool } from './database/sql.ts';
import { type Engine, createEngine } from './engine.ts';
import { type Home, isShared } from './home.ts';
import { withMemoryGate } from './memory/gated-queue.ts';
import { openMemoryGate } from './memory/memory-gate.ts';
import { needsOf } from './memory/need.ts';
import { type Memory, openMemory } from './memory/read-memory.ts';
import { openImages } from './images/open-images.ts';
import type { ImageStore } from './images/store.ts';
import { withSharedFiles } from './compute/shared-files.ts';
import { type Log, openLog } from './log.ts';
import type { Queue, RetryPolicy } from './queue/port.ts';
import type { Operation } from './operation/open-operation.ts';
import type { Timer } from './queue/timer.ts';
import type { Registry } from './registry/registry.ts';
import type { SeriesRuns } from './series/series-runs.ts';
import { pixelsVersion } from './pixels-version.ts';
import { userName } from './user-name.ts';
import type { Work } from './work.ts';

/** What the work of a run is built from. */
export interface WorkParts {
  readonly home: Home;
  readonly images: ImageStore;
  readonly log: Log;
  /** compute threads, ≥ 1 */
  readonly threads: number;
  /** imported layers, and where findings are recorded; answers once the database is open */
  readonly registry: RunRegistry;
}

export type RunRegistry = Pick<
  Registry,
  'candidates' | 'recordSeries' | 'liveTracks' | 'recordReadings' | 'recordScenes'
>;

export interface ComposeOptions {
  /** unless it is shared, its lock is held by this process */
  readonly home: Home;
  readonly threads: number;
  readonly createWork: (parts: WorkParts) => Work | Promise<Work>;
  readonly retry?: RetryPolicy;
  /** in the place of `pixelsVersion()` */
  readonly version?: string;
  /** in the place of that of the machine */
  readonly memory?: Memory;
  /** what is done is counted and timed, for `operation` */
  readonly isMeasured?: boolean;
}

export interface Composed {
  readonly engine: Engine;
  readonly runs: Runs;
  readonly registry: Registry;
  readonly images: ImageStore;
  /** null unless it is measured */
  readonly operation: Operation | null;
  /** the clock of schedules, where the queue is; who opens it closes it first */
  openTimer(): Promise<Timer>;
  close(how: 'drain' | 'abort'): Promise<void>;
}

type QueueCommon = { readonly onError: (error: Error) => void; readonly retry?: RetryPolicy };

interface Database extends Postgres {
  /** it is gone for good, in this process */
  onDeath(tell: (error: AppError) => void): void;
}

async function openDatabase(home: Home): Promise<Database> {
  if (isShared(home)) {
    // the driver is loaded where it is needed alone
    const { openPostgres } = await import('./database/postgres.ts');
    return { ...(await openPostgres(home.database)), onDeath: () => undefined };
  }
  await mkdir(home.folder, { recursive: true });
  // BullMQ takes as long to load as the database thread to start: both at once
  const migration = import('./database/migrate.ts');
  const pool = await openEmbedded(home.folder, async (opened) => (await migration).migrate(opened));
  // BullMQ's statements name no schema
  await pool.query('SET search_path TO bullmq');
  return { pool, queue: pool, onDeath: (tell) => void pool.on('end', tell), end: () => pool.end() };
}

async function openQueue(home: Home, database: Database, common: QueueCommon): Promise<Queue> {
  const { openDatabaseQueue, openRedisQueue, sharedRetry } = await import('./queue/open-queue.ts');
  const shared = isShared(home) && { retry: sharedRetry, lockMs: home.lockMs };
  if (home.queue === 'database') return openDatabaseQueue(database.queue, { ...shared, ...common });
  const { checkRedis } = await import('./queue/redis.ts');
  await checkRedis(home.queue);
  return openRedisQueue(home.queue, { prefix: home.queuePrefix, ...shared, ...common });
}

async function openTimer(home: Home, database: Database, onError: (error: Error) => void): Promise<Timer> {
  const { openDatabaseTimer, openRedisTimer } = await import('./queue/open-queue.ts');
  const common = { onError, ...(isShared(home) && { lockMs: home.lockMs }) };
  if (home.queue === 'database') return openDatabaseTimer(database.queue, common);
  return openRedisTimer(home.queue, { prefix: home.queuePrefix, ...common });
}

/** Commands that go through the holder of a home need none: half of what they would load. */
async function openRegistry(pool: Pool, images: ImageStore): Promise<Registry> {
  const registry = await import('./registry/registry.ts');
  return registry.openRegistry({ pool, images, now: () => new Date() });
}

/** All of it: database, queue, image store, work, engine. The only place that picks adapters. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { home, threads, createWork, retry } = options;
  const log = openLog(home.folder);
  const images = await composeImages(home);
  const database = openDatabase(home);
  const registryOf = async () => openRegistry((await database).pool, images);
  const forRuns: RunRegistry = {
    candidates: async () => (await registryOf()).candidates(),
    recordSeries: async (record) => (await registryOf()).recordSeries(record),
    liveTracks: async (source) => (await registryOf()).liveTracks(source),
    recordReadings: async (read, by) => (await registryOf()).recordReadings(read, by),
    recordScenes: async (runId, scenes) => (await registryOf()).recordScenes(runId, scenes),
  };
  const [opened, made] = await Promise.allSettled([
    database,
    (async () => createWork({ home, images, log, threads, registry: forRuns }))(),
  ]);
  if (opened.status === 'rejected' || made.status === 'rejected') {
    if (opened.status === 'fulfilled') await opened.value.end();
    if (made.status === 'fulfilled') await made.value.close();
    throw opened.status === 'rejected' ? opened.reason : (made as PromiseRejectedResult).reason;
  }
  const work = isShared(home) ? withSharedFiles(made.value) : made.value;
  const runs = openRuns(opened.value.pool, () => new Date(), userName());
  let engine: Engine | null = null;
  const onError = (error: Error) => {
    log.error({ error: error.message }, 'Queue:Work:Error');
    if (error instanceof AppError && error.code === 'EXHAUSTED') engine?.breakDown(error);
  };
  const gate = openMemoryGate(options.memory ?? openMemory(home.memoryBytes), log);
  const bare = await openQueue(home, opened.value, { onError, ...(retry && { retry }) }).catch(
    async (error: unknown) => {
      await Promise.all([opened.value.end(), work.close()]);
      throw error;
    },
  );
  const queue = withMemoryGate(bare, gate, needsOf(runs));
  const operation = options.isMeasured
    ? (await import('./operation/open-operation.ts')).openOperation({ pool: opened.value.pool, queue, images, gate })
    : null;
  const measured = operation && { queue: operation.metrics.ofQueue(queue), work: operation.metrics.ofWork(work) };
  engine = createEngine({
    version: options.version ?? pixelsVersion(),
    home,
    runs,
    queue,
    images,
    work,
    ...measured,
    log,
    concurrency: { io: 1, infer: threads, cpu: 1 },
  });
  opened.value.onDeath((error) => engine?.breakDown(error));
  const { close } = engine;
  return {
    engine,
    runs,
    registry: await registryOf(),
    images,
    operation,
    openTimer: () => openTimer(home, opened.value, onError),
    async close(how) {
      try {
        await close(how);
      } finally {
        await opened.value.end();
      }
    },
  };
}

/** The facts alone, for commands that only read or mark runs while nobody works. */
export async function composeRuns(home: Home): Promise<{ runs: Runs; close(): Promise<void> }> {
  const { pool, end } = await openDatabase(home);
  return { runs: openRuns(pool, () => new Date(), userName()), close: end };
}

/** The registry alone, while nobody works; `images` holds the layer objects. */
export async function composeRegistry(
  home: Home,
): Promise<{ registry: Registry; images: ImageStore; close(): Promise<void> }> {
  const images = await composeImages(home);
  const { pool, end } = await openDatabase(home);
  return { registry: await openRegistry(pool, images), images, close: end };
}

/** The series of a home; needs no lock of a data folder. */
export async function composeSeriesRuns(home: Home): Promise<SeriesRuns> {
  if (!isShared(home)) {
    const { openFolderSeriesRuns } = await import('./series/folder-series-runs.ts');
    return openFolderSeriesRuns(join(home.folder, 'series-runs'));
  }
  const [{ openSharedSeriesRuns }, { pool, end }] = [
    await import('./database/shared-series-runs.ts'),
    await openDatabase(home),
  ];
  return { ...openSharedSeriesRuns(pool, { now: () => new Date(), by: userName() }), close: end };
}

/** The image store alone; it needs no lock. */
export function composeImages(home: Home): Promise<ImageStore> {
  return openImages(home.images);
}

/** What a restore fills, while nobody works: the database, the image store, and how the queue is emptied. */
export async function composeStores(
  home: Home,
): Promise<{ pool: Pool; images: ImageStore; clearQueue(): Promise<void>; close(): Promise<void> }> {
  const images = await composeImages(home);
  const database = await openDatabase(home);
  return {
    pool: database.pool,
    images,
    async clearQueue() {
      const queue = await openQueue(home, database, { onError: () => undefined });
      await queue.clear().finally(() => queue.close());
    },
    close: database.end,
  };
}
