import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../pipeline/errors.ts';

/** Where state lives. With a PostgreSQL database it is shared: many hosts work on it, and nobody holds a lock. */
export interface Home {
  /** absolute; lock, scratch and log of this host, and in the embedded form everything */
  readonly folder: string;
  /** `embedded`, or a `postgres://` URL */
  readonly database: string;
  /** `database` (wherever that is), or a URL of Redis or of its Sentinels */
  readonly queue: string;
  /** what tells its keys on a Redis server from those of others */
  readonly queuePrefix: string;
  /** place of the image store: absolute path of a folder, or `s3://bucket/prefix` */
  readonly images: string;
  /** a job whose worker has not been heard of for so long is given to another (ms) */
  readonly lockMs: number;
  /** what a process may take before its jobs wait; null: by the machine */
  readonly memoryBytes: number | null;
  /** blocks of remote scenes that this host keeps in its folder; 0: none */
  readonly blockCacheBytes: number;
}

type Env = Readonly<Record<string, string | undefined>>;

const databaseForm = /^postgres(ql)?:\/\/[^\s]+$/;
const queueForm = /^(rediss?|redis-sentinel|rediss-sentinel):\/\/[^\s]+$/;

export const homeSchema = z.object({
  TIANWATCH_DATA: z
    .string()
    .default('.tianwatch')
    .describe('状态文件夹 / folder of this machine: lock, socket, log, scratch; of the embedded form all state'),
  TIANWATCH_DATABASE: z
    .string()
    .regex(databaseForm, 'it is a URL: postgres://user:password@host:5432/database')
    .optional()
    .describe(
      'PostgreSQL 15 或更高 / `postgres://user:password@host:5432/database`, 15 or newer, `?sslmode=verify-full` for TLS (`require` is as strict, `prefer` and `allow` are refused); set: a shared home, done by workers; without it the database is embedded',
    ),
  TIANWATCH_QUEUE: z
    .string()
    .regex(queueForm, 'it is a URL: redis://…, rediss://…, or redis-sentinel://host:26379,host:26379/name')
    .optional()
    .describe(
      '队列 / Redis 7 or newer: `redis://`, `rediss://` (TLS) or `redis-sentinel://host,host/name`; without it the queue is in the database',
    ),
  TIANWATCH_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and -')
    .optional()
    .describe(
      'Redis 键的前缀 / first word of all keys in Redis: tells two installations on one server apart; default: `tianwatch`, of an embedded database a name of its folder',
    ),
  TIANWATCH_IMAGES: z
    .string()
    .refine(
      (text) => !/^[a-z0-9+.-]+:\/\//i.test(text) || /^s3:\/\/[^/\s]+/.test(text),
      'a folder or s3://bucket/prefix',
    )
    .optional()
    .describe('影像库 / `s3://bucket/prefix`, or a folder that all hosts mount; default: `images` in TIANWATCH_DATA'),
  TIANWATCH_LOCK_MS: z.coerce
    .number()
    .int()
    .min(500)
    .max(600_000)
    .default(30_000)
    .describe('失联多久即换人做 / a worker silent for so long has lost its jobs (ms)'),
  TIANWATCH_BLOCK_CACHE_MB: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(2000)
    .describe(
      '本机保留的远程影像数据块上限（MB），0 为不留 / what this host keeps of remote scenes in TIANWATCH_DATA/blocks (MB); 0: nothing',
    ),
  TIANWATCH_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(256)
    .optional()
    .describe(
      '内存上限 / what a process may take (MB) before its next job waits; default: 80 % of the machine, or of its control group where that has less',
    ),
});
/**
 * Where state lives, by the environment.
 *
 * @throws AppError CONFIG_INVALID naming the variable; what it holds is not told where it may hold a password
 */
export function homeOf(env: Env): Home {
  const given = Object.fromEntries(
    Object.keys(homeSchema.shape).flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
  );
  const parsed = homeSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    const value = withoutSecrets(given[name] ?? '');
    throw new AppError('CONFIG_INVALID', `${name} is ${JSON.stringify(value)}.`, `${issue?.message ?? ''}.`, { name });
  }
  const { TIANWATCH_DATA, TIANWATCH_DATABASE, TIANWATCH_QUEUE, TIANWATCH_IMAGES, ...rest } = parsed.data;
  const home = homeAt(resolve(TIANWATCH_DATA));
  return {
    ...home,
    database: TIANWATCH_DATABASE ?? home.database,
    queue: TIANWATCH_QUEUE ?? home.queue,
    // a folder's queue is its own: its holder puts back what it finds taken
    queuePrefix: rest.TIANWATCH_QUEUE_PREFIX ?? (TIANWATCH_DATABASE === undefined ? home.queuePrefix : 'tianwatch'),
    images: TIANWATCH_IMAGES === undefined ? home.images : placeOf(TIANWATCH_IMAGES),
    lockMs: rest.TIANWATCH_LOCK_MS,
    blockCacheBytes: rest.TIANWATCH_BLOCK_CACHE_MB * 1e6,
    memoryBytes: rest.TIANWATCH_MEMORY_MB === undefined ? null : rest.TIANWATCH_MEMORY_MB * 1e6,
  };
}

const placeOf = (text: string): string => (text.startsWith('s3://') ? text : resolve(text));

/** Everything in one folder: the embedded form. @param folder absolute */
export function homeAt(folder: string): Home {
  return {
    folder,
    database: 'embedded',
    queue: 'database',
    queuePrefix: `tianwatch-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`,
    images: join(folder, 'images'),
    lockMs: 30_000,
    memoryBytes: null,
    blockCacheBytes: 2e9,
  };
}

/** The home of this process. @throws AppError CONFIG_INVALID */
export function currentHome(): Home {
  return homeOf(process.env);
}

/** Where a host keeps blocks of remote scenes, and how much of them. */
export const blockCacheOf = ({ folder, blockCacheBytes }: Home) => ({
  folder: join(folder, 'blocks'),
  limitBytes: blockCacheBytes,
});

/** Whether other hosts may work on it at the same time. */
export function isShared({ database }: Pick<Home, 'database'>): boolean {
  return database !== 'embedded';
}

/** A URL as messages and logs show it. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z0-9+.-]+:\/\/[^:@/\s]*):.*@/is, '$1:***@').replaceAll(/([?&]password=)[^&]*/gi, '$1***');
}
