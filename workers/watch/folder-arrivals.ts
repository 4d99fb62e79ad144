import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeenFile } from '../../pipeline/arrival/settle.ts';
import { AppError } from '../../pipeline/errors.ts';

/** What changes when a file is written to or put in another's place; times alone may be set back by a copy. */
export const versionOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => `${size}:${mtimeMs}:${ctimeMs}:${ino}`;

/**
 * All files below a folder, hidden ones apart, by path.
 *
 * @param without folder that is left out: that of the results
 * @throws AppError NOT_FOUND when the folder is not there
 */
export async function listFolder(folder: string, without: string): Promise<readonly SeenFile[]> {
  const facts = await stat(folder).catch(() => null);
  if (!facts?.isDirectory())
    throw new AppError(
      'NOT_FOUND',
      `${folder} is no folder that can be watched.`,
      'Give a folder, s3://bucket/prefix or the URL of a STAC API.',
    );
  const files = await filesBelow(folder, without);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesBelow(folder: string, without: string): Promise<readonly SeenFile[]> {
  // a folder may go between two looks
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async (entry): Promise<readonly SeenFile[]> => {
        const path = join(folder, entry.name);
        if (path === without) return [];
        const facts = await stat(path).catch(() => null);
        if (facts === null) return [];
        if (facts.isDirectory()) return entry.isSymbolicLink() ? [] : filesBelow(path, without);
        return [{ path, bytes: facts.size, version: versionOf(facts) }];
      }),
  );
  return lists.flat();
}
