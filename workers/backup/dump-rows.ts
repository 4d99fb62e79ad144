import { join } from 'node:path';
import { schemaVersion } from '../database/migrate.ts';
import { type Pool, snapshot } from '../database/sql.ts';
import { listTables, readRows } from '../database/table-rows.ts';
import { makeFolder } from '../make-folder.ts';
import { type DumpedRows, type TableEntry, tableFile } from './backup-format.ts';
import { writeLines } from './sealed-file.ts';

/** All rows of one moment as files below `folder`; in the embedded database other questions wait meanwhile. */
export async function dumpRows(pool: Pool, folder: string): Promise<DumpedRows> {
  await makeFolder(join(folder, 'table'));
  return snapshot(pool, async (sql) => {
    const tables: TableEntry[] = [];
    for (const table of await listTables(sql)) {
      const { count, bytes, sha256 } = await writeLines(join(folder, tableFile(table.name)), readRows(sql, table));
      tables.push({ name: table.name, rows: count, bytes, sha256 });
    }
    return { schemaVersion: await schemaVersion(sql), tables };
  });
}
