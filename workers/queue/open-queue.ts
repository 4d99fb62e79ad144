import { type PgPool, createPostgresBackend, createRedisBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { openBullmq } from './bullmq.ts';
import type { Queue, RetryPolicy } from './port.ts';

export const defaultRetry: RetryPolicy = { attempts: 4, pauseMs: 1000 };

interface Common {
  readonly retry?: RetryPolicy;
  readonly onError: (error: Error) => void;
}

/** The queue in a PostgreSQL database (embedded or not) whose `bullmq` schema is migrated. */
export function openDatabaseQueue(pool: PgPool, { retry = defaultRetry, onError }: Common): Queue {
  return openBullmq({ classes: withBackend(createPostgresBackend), connection: pool, retry, onError });
}

/** The queue on a Redis server (`redis://…`), which must run with `maxmemory-policy noeviction`. */
export function openRedisQueue(
  url: string,
  { retry = defaultRetry, onError, prefix = 'tianwatch' }: Common & { readonly prefix?: string },
): Queue {
  // null: a worker waits for a server that is away, it does not give up after some tries
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  connection.on('error', onError);
  const queue = openBullmq({ classes: withBackend(createRedisBackend), connection, retry, prefix, onError });
  return {
    ...queue,
    async close() {
      await queue.close();
      await connection.quit().catch(() => connection.disconnect());
    },
  };
}
