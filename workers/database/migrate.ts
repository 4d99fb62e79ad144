import { readFile, readdir } from 'node:fs/promises';
import { LATEST_SCHEMA_VERSION, type PgPool, assertSchemaCompatibility, runMigrations } from 'bullmq';
import { AppError } from '../../pipeline/errors.ts';
import { transact } from './sql.ts';

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
  await pool.query('CREATE SCHEMA IF NOT EXISTS tianwatch');
  await pool.query(
    'CREATE TABLE IF NOT EXISTS tianwatch.migration (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await pool.query<{ version: number }>('SELECT max(version) AS version FROM tianwatch.migration');
  const present = rows[0]?.version ?? 0;
  const migrations = await listMigrations();
  if (present > migrations.length) {
    throw new AppError(
      'CONFLICT',
      `The database has schema version ${present}, this program knows ${migrations.length}.`,
      'Use the newer program that wrote it, or another TIANWATCH_DATA folder.',
    );
  }
  for (const { version, name } of migrations.slice(present)) {
    const text = await readFile(new URL(name, folder), 'utf8');
    await transact(pool, async (sql) => {
      await sql.query(text);
      await sql.query('INSERT INTO tianwatch.migration (version, name) VALUES ($1, $2)', [version, name]);
    });
  }
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
