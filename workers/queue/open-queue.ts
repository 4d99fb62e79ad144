import { type PgPool, createPostgresBackend, createRedisBackend, withBackend } from 'bullmq';
import { openBullmq } from './bullmq.ts';
import type { Queue, RetryPolicy } from './port.ts';
import { type Timer, openBullmqTimer } from './timer.ts';
import { connectRedis } from './redis.ts';

export const defaultRetry: RetryPolicy = { attempts: 4, pauseMs: 1000 };
/** Two minutes: a store that is away for a while fails no run of many hosts. */
export const sharedRetry: RetryPolicy = { attempts: 8, pauseMs: 1000 };

interface Common {
  readonly retry?: RetryPolicy;
  /** how long a job of a process that fell silent stays its own (ms) */
  readonly lockMs?: number;
  readonly onError: (error: Error) => void;
}

/** The queue in a PostgreSQL database (embedded or not) whose `bullmq` schema is migrated. */
export function openDatabaseQueue(pool: PgPool, { retry = defaultRetry, onError, lockMs }: Common): Queue {
  const common = { retry, onError, ...(lockMs !== undefined && { lockMs }) };
  return openBullmq({ classes: withBackend(createPostgresBackend), connection: pool, ...common });
}

/** The queue on a Redis server (see `connectRedis`, `checkRedis`). */
export function openRedisQueue(
  url: string,
  { retry = defaultRetry, onError, lockMs, prefix = 'tianwatch' }: Common & { readonly prefix?: string },
): Queue {
  // null: a worker waits for a server that is away, it does not give up after some tries
  const connection = connectRedis(url, { maxRetriesPerRequest: null });
  connection.on('error', onError);
  const common = { retry, prefix, onError, ...(lockMs !== undefined && { lockMs }) };
  const queue = openBullmq({ classes: withBackend(createRedisBackend), connection, ...common });
  return {
    ...queue,
    async close() {
      await queue.close();
      await connection.quit().catch(() => connection.disconnect());
    },
  };
}

/** The clock of schedules in the same database. */
export function openDatabaseTimer(pool: PgPool, common: Pick<Common, 'onError' | 'lockMs'>): Timer {
  return openBullmqTimer({ classes: withBackend(createPostgresBackend), connection: pool, ...common });
}

/** The clock of schedules on the same Redis server. */
export function openRedisTimer(
  url: string,
  { prefix = 'tianwatch', ...common }: Pick<Common, 'onError' | 'lockMs'> & { readonly prefix?: string },
): Timer {
  const connection = connectRedis(url, { maxRetriesPerRequest: null });
  connection.on('error', common.onError);
  const timer = openBullmqTimer({ classes: withBackend(createRedisBackend), connection, prefix, ...common });
  return {
    ...timer,
    async close() {
      await timer.close();
      await connection.quit().catch(() => connection.disconnect());
    },
  };
}
