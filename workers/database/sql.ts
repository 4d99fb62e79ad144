import type { PgPool } from 'bullmq';

export type Pool = PgPool;

/** Where SQL goes: a pool, or the one connection of a transaction. 64-bit integers come back as text. */
export interface Sql {
  query<R extends object = object>(text: string, params?: readonly unknown[]): Promise<{ rows: R[] }>;
}

/** Run `work` on one connection, all or nothing. */
export async function transact<T>(pool: PgPool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** Read what `work` asks in one moment of the database; others write meanwhile where there are several connections. */
export async function snapshot<T>(pool: PgPool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // also the time zone that texts of times are written in
    await client.query("SET LOCAL TimeZone TO 'UTC'");
    return await work(client);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}
