import type { PgPool } from 'bullmq';
import { type PoolClient, Pool as PgServerPool } from 'pg';
import { withoutSecrets } from '../home.ts';
import { againAfterDeadlock } from './after-deadlock.ts';
import { databaseError } from './database-error.ts';
import { migrate } from './migrate.ts';
import { requireClock, requireVersion } from './server-check.ts';
import type { Pool, Sql } from './sql.ts';
import { withPlainTlsMode } from './tls-mode.ts';

/** A database on a server: `pool` for this program's statements, `queue` for those of BullMQ. */
export interface Postgres {
  readonly pool: Pool;
  readonly queue: PgPool;
  end(): Promise<void>;
}

/** Each queue keeps one connection that listens; statements need few. */
const connections = 16;
/** A lost host's connection is found out within 25 s; the server then rolls back and lets go of what it had locked. */
const sessionOptions = [
  'search_path=bullmq',
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
  'idle_in_transaction_session_timeout=300000',
];

/**
 * Open a database on a PostgreSQL server and bring its schemas up to this program's version.
 *
 * @throws AppError FORBIDDEN, NOT_FOUND, UNAVAILABLE, CONFIG_INVALID (too old a server, another time there, no
 * certificate that holds, an `sslmode` that leaves it open), CONFLICT as `migrate`
 */
export async function openPostgres(url: string): Promise<Postgres> {
  const queue = new PgServerPool({
    connectionString: withPlainTlsMode(url),
    application_name: 'tianwatch',
    max: connections,
    connectionTimeoutMillis: 10_000,
    // a server that neither answers nor refuses: statements end, connections are made anew
    query_timeout: 120_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: sessionOptions.map((option) => `-c ${option}`).join(' '),
  });
  // an idle connection that is lost is replaced by the next statement; one in use tells its own
  queue.setMaxListeners(0);
  queue.on('error', () => undefined);
  queue.on('connect', (client) => client.on('error', () => undefined));
  const postgres = { pool: translating(queue, url), queue: againAfterDeadlock(queue), end: () => queue.end() };
  try {
    const place = withoutSecrets(url);
    await requireVersion(postgres.pool, place);
    await requireClock(postgres.pool, place, Date.now);
    await withMigrationLock(queue, () => migrate(queue));
    return postgres;
  } catch (error) {
    await queue.end();
    throw databaseError(error, url);
  }
}

function translating(pool: PgServerPool, url: string): Pool {
  const translated = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw databaseError(error, url);
    }
  };
  const sqlOf = (on: PgServerPool | PoolClient): Sql => ({
    query: <R extends object>(text: string, params?: readonly unknown[]) =>
      translated(on.query<R>(text, params && [...params])),
  });
  return {
    ...sqlOf(pool),
    async connect() {
      const client = await translated(pool.connect());
      return { ...sqlOf(client), release: () => client.release() };
    },
  };
}

/** Several hosts start at once: one migrates, the others wait and find it done. */
async function withMigrationLock(pool: PgServerPool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock(hashtext('tianwatch.migrate'))");
    await work();
  } finally {
    // the lock is the session's: it ends with the connection
    client.release(true);
  }
}
