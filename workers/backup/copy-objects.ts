import { dirname, join } from 'node:path';
import { z } from 'zod';
import { objectKind } from '../images/object-kind.ts';
import type { ImageStore } from '../images/store.ts';
import { makeFolder } from '../make-folder.ts';
import { type ObjectEntry, objectFile, tableFile } from './backup-format.ts';
import { readLines, sealOf } from './sealed-file.ts';

/** Columns whose text is the key of an object. */
const columns: Readonly<Record<string, string>> = { baseline: 'object_key', evidence: 'key' };
const rowSchema = z.record(z.string(), z.unknown());

/** Keys that the dumped rows refer to. */
export async function referredKeys(folder: string, tables: readonly { readonly name: string }[]): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { name } of tables) {
    const column = columns[name];
    if (column === undefined) continue;
    for await (const line of readLines(join(folder, tableFile(name)))) {
      const key = rowSchema.parse(JSON.parse(line))[column];
      if (typeof key === 'string') keys.add(key);
    }
  }
  return keys;
}

export interface CopiedObjects {
  readonly objects: readonly ObjectEntry[];
  /** keys that rows refer to, and that the store does not have whole */
  readonly absent: readonly string[];
}

/**
 * Copy what must last out of the store: what rows refer to, and every other object that is no cache.
 *
 * @param referred keys of rows that were read before: an object is put before its row
 */
export async function copyObjects(
  images: ImageStore,
  folder: string,
  { referred, withCache }: { readonly referred: ReadonlySet<string>; readonly withCache: boolean },
): Promise<CopiedObjects> {
  const listed = (await images.list('')).filter((key) => {
    const kind = objectKind(key);
    return kind === 'kept' || kind === 'item' || (kind === 'cache' && withCache);
  });
  const objects: ObjectEntry[] = [];
  const absent: string[] = [];
  for (const key of [...new Set([...listed, ...referred])].toSorted()) {
    const path = join(folder, objectFile(key));
    await makeFolder(dirname(path));
    if (await images.getFile(key, path)) objects.push({ key, ...(await sealOf(path)) });
    // a damaged object of no row is as good as absent
    else if (referred.has(key)) absent.push(key);
  }
  return { objects, absent };
}
