import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../pipeline/errors.ts';
import { openEmbedded } from './database/open-embedded.ts';
import type { PglitePool } from './database/pglite.ts';
import { type Runs, openRuns } from './database/runs.ts';
import type { Pool } from './database/sql.ts';
import { type Engine, createEngine } from './engine.ts';
import { openFolderStore } from './images/folder-store.ts';
import type { ImageStore } from './images/store.ts';
import { type Log, openLog } from './log.ts';
import type { RetryPolicy } from './queue/port.ts';
import { type Registry, openRegistry } from './registry/registry.ts';
import { userName } from './user-name.ts';
import type { Work } from './work.ts';

/** What the work of a run is built from. */
export interface WorkParts {
  readonly dataFolder: string;
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
  /** absolute path; its lock is held by this process */
  readonly dataFolder: string;
  readonly threads: number;
  readonly createWork: (parts: WorkParts) => Work | Promise<Work>;
  readonly retry?: RetryPolicy;
  /** a Redis server for the queue; without it the queue is in the embedded database */
  readonly redisUrl?: string;
}

export interface Composed {
  readonly engine: Engine;
  readonly runs: Runs;
  readonly registry: Registry;
  close(how: 'drain' | 'abort'): Promise<void>;
}

async function openDatabase(dataFolder: string): Promise<PglitePool> {
  await mkdir(dataFolder, { recursive: true });
  // BullMQ takes as long to load as the database thread to start: both at once
  const migration = import('./database/migrate.ts');
  const pool = await openEmbedded(dataFolder, async (opened) => (await migration).migrate(opened));
  // BullMQ's statements name no schema
  await pool.query('SET search_path TO bullmq');
  return pool;
}

/** All of it: database, queue, image store, work, engine. The only place that picks adapters. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { dataFolder, threads, createWork, retry, redisUrl } = options;
  const log = openLog(dataFolder);
  const images = await openFolderStore(join(dataFolder, 'images'));
  const database = openDatabase(dataFolder);
  const registryOf = async () => openRegistry({ pool: await database, images, now: () => new Date() });
  const forRuns: RunRegistry = {
    candidates: async () => (await registryOf()).candidates(),
    recordSeries: async (record) => (await registryOf()).recordSeries(record),
    liveTracks: async (source) => (await registryOf()).liveTracks(source),
    recordReadings: async (read, by) => (await registryOf()).recordReadings(read, by),
    recordScenes: async (runId, scenes) => (await registryOf()).recordScenes(runId, scenes),
  };
  const [opened, made] = await Promise.allSettled([
    database,
    (async () => createWork({ dataFolder, images, log, threads, registry: forRuns }))(),
  ]);
  if (opened.status === 'rejected' || made.status === 'rejected') {
    if (opened.status === 'fulfilled') await opened.value.end();
    if (made.status === 'fulfilled') await made.value.close();
    throw opened.status === 'rejected' ? opened.reason : (made as PromiseRejectedResult).reason;
  }
  const pool = opened.value;
  const work = made.value;
  const { openDatabaseQueue, openRedisQueue } = await import('./queue/open-queue.ts');
  const runs = openRuns(pool, () => new Date(), userName());
  let engine: Engine | null = null;
  const onError = (error: Error) => {
    log.error({ error: error.message }, 'Queue:Work:Error');
    if (error instanceof AppError && error.code === 'EXHAUSTED') engine?.breakDown(error);
  };
  const common = { onError, ...(retry && { retry }) };
  const queue = redisUrl === undefined ? openDatabaseQueue(pool, common) : openRedisQueue(redisUrl, common);
  engine = createEngine({ dataFolder, runs, queue, images, work, log, concurrency: { io: 1, infer: threads, cpu: 1 } });
  pool.on('end', (error) => engine?.breakDown(error));
  const { close } = engine;
  return {
    engine,
    runs,
    registry: await registryOf(),
    async close(how) {
      try {
        await close(how);
      } finally {
        await pool.end();
      }
    },
  };
}

/** The facts alone, for commands that only read or mark runs while nobody works. */
export async function composeRuns(dataFolder: string): Promise<{ runs: Runs; close(): Promise<void> }> {
  const pool = await openDatabase(dataFolder);
  return { runs: openRuns(pool, () => new Date(), userName()), close: () => pool.end() };
}

/** The registry alone, while nobody works; `images` holds the layer objects. */
export async function composeRegistry(
  dataFolder: string,
): Promise<{ registry: Registry; images: ImageStore; close(): Promise<void> }> {
  const images = await composeImages(dataFolder);
  const pool = await openDatabase(dataFolder);
  return { registry: openRegistry({ pool, images, now: () => new Date() }), images, close: () => pool.end() };
}

/** The image store alone; it needs no lock. */
export function composeImages(dataFolder: string): Promise<ImageStore> {
  return openFolderStore(join(dataFolder, 'images'));
}

/** What a restore fills, while nobody works: the database, the image store, and how the queue is emptied. */
export async function composeStores(
  dataFolder: string,
): Promise<{ pool: Pool; images: ImageStore; clearQueue(): Promise<void>; close(): Promise<void> }> {
  const images = await composeImages(dataFolder);
  const pool = await openDatabase(dataFolder);
  return {
    pool,
    images,
    async clearQueue() {
      const { openDatabaseQueue } = await import('./queue/open-queue.ts');
      const queue = openDatabaseQueue(pool, { onError: () => undefined });
      await queue.clear().finally(() => queue.close());
    },
    close: () => pool.end(),
  };
}
