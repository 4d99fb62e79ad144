import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import { applyMigrations, listMigrations, makeSchema, migrate, schemaVersion } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import { transact } from '../../workers/database/sql.ts';
import { listTables, putRows, readRows } from '../../workers/database/table-rows.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import { answersOf, fillHome } from '../support/made-home.ts';

let folder = '';
let pool: PglitePool;
let images: ImageStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tianwatch-migrate-'));
  [pool, images] = [await openEmbedded(folder, migrate), await openFolderStore(join(folder, 'images'))];
});
afterAll(async () => {
  await pool?.end();
  await rm(folder, { recursive: true, force: true });
});

type Rows = Readonly<Record<string, readonly string[]>>;
const readAll = (): Promise<Rows> =>
  transact(pool, async (sql) => {
    const all: Record<string, string[]> = {};
    for (const table of await listTables(sql)) {
      const lines: string[] = [];
      for await (const line of readRows(sql, table)) lines.push(line);
      all[table.name] = lines;
    }
    return all;
  });
async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
const columnsOf = (line: string, columns: readonly string[]) => {
  const row = JSON.parse(line) as Record<string, unknown>;
  return columns.map((column) => row[column]);
};

describe('a database of the schema before this one', () => {
  it('keeps every row and the chain of events when it is opened, and answers as it did', async () => {
    await fillHome(pool, images);
    const [rows, answers] = [await readAll(), await answersOf(pool, images)];
    const known = (await listMigrations()).length;
    await transact(pool, async (sql) => {
      await sql.query('DROP SCHEMA tianwatch CASCADE');
      await makeSchema(sql);
      await applyMigrations(sql, { after: 0, upTo: known - 1 });
      // columns and tables that were not there then are left out
      for (const { name } of await listTables(sql)) await putRows(sql, name, each(rows[name] ?? []));
    });
    expect(await schemaVersion(pool)).toBe(known - 1);
    const before = await readAll();
    expect(before['event']!.length).toBeGreaterThan(8);
    await migrate(pool);
    expect(await schemaVersion(pool)).toBe(known);
    const after = await readAll();
    for (const [table, lines] of Object.entries(before)) {
      const columns = Object.keys(JSON.parse(lines[0] ?? '{}') as object);
      expect(
        after[table]?.map((line) => columnsOf(line, columns)),
        table,
      ).toEqual(lines.map((line) => columnsOf(line, columns)));
    }
    expect(await firstBrokenEvent(pool)).toBeNull();
    expect(await answersOf(pool, images)).toEqual(answers);
  });

  it('of a migration that fails in its middle is as it was', async () => {
    const known = (await listMigrations()).length;
    const half = transact(pool, async (sql) => {
      await sql.query('DROP SCHEMA tianwatch CASCADE');
      await makeSchema(sql);
      await applyMigrations(sql, { after: 0, upTo: known });
      await sql.query('SELECT 1 / 0');
    });
    await expect(half).rejects.toThrow('division by zero');
    expect(await schemaVersion(pool)).toBe(known);
    expect((await readAll())['run']).toHaveLength(2);
  });
});
