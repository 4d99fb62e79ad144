/** Where SQL goes: a pool, or the one connection of a transaction. 64-bit integers come back as text. */
export interface Sql {
  query<R extends object = object>(text: string, params?: readonly unknown[]): Promise<{ rows: R[] }>;
}

/** Connections to one database. */
export interface Pool extends Sql {
  connect(): Promise<Sql & { release(): void }>;
}

/**
 * Run `work` on one connection, all or nothing. Transactions go one after the other, whichever process or host they are
 * of: what a transaction has read stays true until it ends.
 */
export async function transact<T>(pool: Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch'))");
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
export async function snapshot<T>(pool: Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
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
