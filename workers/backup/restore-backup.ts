import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { firstBrokenEvent } from '../database/event.ts';
import { applyMigrations, listMigrations, makeSchema } from '../database/migrate.ts';
import { openRuns } from '../database/runs.ts';
import { type Pool, type Sql, transact } from '../database/sql.ts';
import { listTables, putRows } from '../database/table-rows.ts';
import type { ImageStore } from '../images/store.ts';
import { type BackupManifest, objectFile, tableFile } from './backup-format.ts';
import type { CheckedBackup } from './read-backup.ts';
import { readLines } from './sealed-file.ts';

export interface RestoreParts {
  readonly folder: string;
  readonly checked: CheckedBackup;
  readonly pool: Pool;
  readonly images: ImageStore;
  /** forget all jobs: those of another past would meet the runs of this one */
  readonly clearQueue: () => Promise<void>;
  /** put the schema that is there aside */
  readonly force: boolean;
  readonly now: () => Date;
  readonly by: string;
}

export interface Restored {
  readonly rows: number;
  readonly objects: number;
  /** name of the schema that the former rows were put into; null: there were none */
  readonly putAside: string | null;
  /** runs that were going on; the same command goes on with them */
  readonly interrupted: number;
}

/**
 * Make a home what it was when a checked backup was written: objects first, then all rows in one transaction, in which
 * the chain of events is held against its hashes and the schema is brought up to this program's version.
 *
 * @throws AppError CONFLICT where the home has rows, unless `force`; INPUT_INVALID when the chain is broken
 */
export async function restoreBackup(parts: RestoreParts): Promise<Restored> {
  const { folder, checked, pool, images, clearQueue, force, now, by } = parts;
  const present = force ? null : await tableWithRows(pool);
  if (present !== null) throw notEmpty(present);
  for (const { key } of checked.objects) await images.putFile(key, join(folder, objectFile(key)));
  const { rows, putAside } = await transact(pool, async (sql) => {
    const aside = await makeRoom(sql, force ? now() : null);
    return { rows: await loadRows(sql, folder, checked.manifest), putAside: aside };
  });
  // only now: a refused backup leaves the jobs that are there
  await clearQueue();
  const interrupted = (await openRuns(pool, now, by).interruptAll([])).length;
  return { rows, objects: checked.objects.length, putAside, interrupted };
}

/** The first table that has rows, or null. */
async function tableWithRows(sql: Sql): Promise<string | null> {
  for (const { name } of await listTables(sql)) {
    const { rows } = await sql.query<{ present: boolean }>(
      `SELECT EXISTS (SELECT FROM tianwatch."${name}") AS present`,
    );
    if (rows[0]?.present) return name;
  }
  return null;
}

function notEmpty(table: string): AppError {
  return new AppError(
    'CONFLICT',
    `This home is not empty: its table ${table} has rows.`,
    'Set TIANWATCH_DATA (and TIANWATCH_DATABASE) to a new one, or give --force: the rows are then put aside, not deleted.',
  );
}

/** @param asideAt when rows that are there are put aside; null: there must be none. @returns where to */
async function makeRoom(sql: Sql, asideAt: Date | null): Promise<string | null> {
  const table = await tableWithRows(sql);
  if (table === null) {
    await sql.query('DROP SCHEMA tianwatch CASCADE');
    return null;
  }
  if (asideAt === null) throw notEmpty(table);
  const name = `tianwatch_before_${asideAt.toISOString().replaceAll(/\D/g, '')}`;
  await sql.query(`ALTER SCHEMA tianwatch RENAME TO ${name}`);
  return name;
}

async function loadRows(sql: Sql, folder: string, { schemaVersion, tables }: BackupManifest): Promise<number> {
  await makeSchema(sql);
  await applyMigrations(sql, { after: 0, upTo: schemaVersion });
  let all = 0;
  for (const { name, rows } of tables) {
    const count = await putRows(sql, name, readLines(join(folder, tableFile(name))));
    if (count !== rows)
      throw new AppError(
        'INPUT_INVALID',
        `${tableFile(name)} has ${count} rows, its manifest says ${rows}.`,
        'Nothing was restored.',
      );
    all += count;
  }
  const broken = await firstBrokenEvent(sql);
  if (broken !== null)
    throw new AppError(
      'INPUT_INVALID',
      `The chain of events in ${tableFile('event')} is broken at event ${broken}: it or one before it was changed.`,
      'Nothing was restored. Take an earlier backup, and find out who changed the database.',
    );
  await applyMigrations(sql, { after: schemaVersion, upTo: (await listMigrations()).length });
  return all;
}
