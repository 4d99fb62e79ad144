import { cp, mkdtemp, open, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { unreadable } from '../../pipeline/vector/feature.ts';
import { readFirst } from './byte-window.ts';

export type SqliteDatabase = InstanceType<typeof sqlite.Database>;
export type SqliteRow = Readonly<Record<string, number | bigint | string | Uint8Array | null>>;

/** An SQLite file opened for reading only. */
export interface SqliteFile {
  readonly database: SqliteDatabase;
  close(): Promise<void>;
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

/** Whether the file says that it is written ahead (WAL), which needs memory shared with its writer. */
async function isWal(file: string, path: string): Promise<boolean> {
  const head = await readFirst(path, 20);
  if (head.toString('latin1', 0, 15) !== 'SQLite format 3')
    throw unreadable(file, 'it is no SQLite file.', 'Export it again as GeoPackage.');
  return head[18] === 2;
}

/**
 * Open an SQLite file without writing beside it: the library locks by making a folder next to the path it is given, so it
 * is given a link in a temporary folder, or a copy where the file is in WAL mode.
 *
 * @throws AppError INPUT_INVALID where it is no SQLite file, or another program has not finished writing it
 */
export async function openSqliteFile(path: string): Promise<SqliteFile> {
  const file = basename(path);
  const isAhead = await isWal(file, path);
  if ((await sizeOf(`${path}-wal`)) > 0 || (await sizeOf(`${path}-journal`)) > 0)
    throw unreadable(
      file,
      'another program has it open or stopped while writing it (-wal or -journal beside it).',
      'Close it there, or copy it: ogr2ogr copy.gpkg …',
    );
  const folder = await mkdtemp(join(tmpdir(), 'tianwatch-gpkg-'));
  const own = join(folder, 'file.gpkg');
  try {
    if (isAhead) await copyWithoutWal(path, own);
    else await symlink(resolve(path), own);
    const database = new sqlite.Database(own, { fileMustExist: true, readOnly: true });
    return {
      database,
      async close() {
        if (database.isOpen) database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw sqliteError(file, error);
  }
}

/** Bytes 18 and 19 say the journal mode: 1 is the plain one. @see https://www.sqlite.org/fileformat2.html */
async function copyWithoutWal(from: string, to: string): Promise<void> {
  await cp(from, to);
  const handle = await open(to, 'r+');
  try {
    await handle.write(Uint8Array.of(1, 1), 0, 2, 18);
  } finally {
    await handle.close();
  }
}

/** The library's errors as ours; others as they are. */
export function sqliteError(file: string, error: unknown): unknown {
  if (!(error instanceof sqlite.SQLite3Error)) return error;
  return unreadable(
    file,
    `SQLite cannot read it: ${error.message}.`,
    'Export it again as GeoPackage, or check it: ogrinfo -al -so …',
  );
}
