import { readFile, readdir } from 'node:fs/promises';
import { LATEST_SCHEMA_VERSION, type PgPool, assertSchemaCompatibility, runMigrations } from 'bullmq';
import { AppError } from '../../pipeline/errors.ts';
import { type Sql, transact } from './sql.ts';

const folder = new URL('./migrations/', import.meta.url);

interface Migration {
  readonly version: number;
  readonly name: string;
}

/** Our own migrations, `<version>-<name>.sql`, in order. */
export async function listMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return names.map((name, position) => {
    const version = Number(name.slice(0, 4));
    if (version !== position + 1) {
      throw new AppError('BUG', `Migration ${name} is not number ${position + 1}.`, 'Number migrations without gaps.');
    }
    return { version, name };
  });
}

/**
 * Bring both schemas (`bullmq`, `tianwatch`) up to this program's version; forward only.
 *
 * @throws AppError CONFLICT when the database was written by a newer program
 */
export async function migrate(pool: PgPool): Promise<void> {
  await migrateQueue(pool);
  await makeSchema(pool);
  const present = await schemaVersion(pool);
  const known = (await listMigrations()).length;
  if (present > known) {
    throw new AppError(
      'CONFLICT',
      `The database has schema version ${present}, this program knows ${known}.`,
      'Use the newer program that wrote it, or another TIANWATCH_DATA folder.',
    );
  }
  for (let version = present; version < known; version += 1)
    await transact(pool, (sql) => applyMigrations(sql, { after: version, upTo: version + 1 }));
}

/** Our own migrations from `after` + 1 to `upTo`, within a transaction of the caller. */
export async function applyMigrations(
  sql: Sql,
  range: { readonly after: number; readonly upTo: number },
): Promise<void> {
  for (const { version, name } of (await listMigrations()).slice(range.after, range.upTo)) {
    await sql.query(await readFile(new URL(name, folder), 'utf8'));
    await sql.query('INSERT INTO tianwatch.migration (version, name) VALUES ($1, $2)', [version, name]);
  }
}

/** Our own schema with no table but the list of migrations. */
export async function makeSchema(sql: Sql): Promise<void> {
  await sql.query('CREATE SCHEMA IF NOT EXISTS tianwatch');
  await sql.query(
    'CREATE TABLE IF NOT EXISTS tianwatch.migration (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  );
}

/** Number of the last migration that was applied. */
export async function schemaVersion(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ version: number | null }>(
    'SELECT max(version) AS version FROM tianwatch.migration',
  );
  return rows[0]?.version ?? 0;
}

async function migrateQueue(pool: PgPool): Promise<void> {
  const { rows } = await pool.query<{ present: boolean }>(
    "SELECT to_regclass('bullmq.migration') IS NOT NULL AS present",
  );
  if (rows[0]?.present && (await assertSchemaCompatibility(pool)) >= LATEST_SCHEMA_VERSION) return;
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}
