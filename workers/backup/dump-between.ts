import { copyFile, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryMark } from '../images/file-sink.ts';
import { makeFolder } from '../make-folder.ts';
import { type DumpedRows, tableFile } from './backup-format.ts';

/**
 * The rows of a home that another process may hold, as files below `folder`. It writes them into the data folder, which it may
 * write to whatever its sandbox, and whose path means the same to both; from there they are copied.
 *
 * @param ask `dumpRows` by whoever has the database open
 */
export async function dumpBetween(
  dataFolder: string,
  folder: string,
  ask: (folder: string) => Promise<DumpedRows>,
): Promise<DumpedRows> {
  const between = join(dataFolder, `dump${temporaryMark}${process.pid}`);
  try {
    const dumped = await ask(between);
    for (const { name } of dumped.tables)
      await copySynced(join(between, tableFile(name)), join(folder, tableFile(name)));
    return dumped;
  } finally {
    await rm(between, { recursive: true, force: true });
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await copyFile(from, to);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
