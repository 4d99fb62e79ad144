import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blockBytes, type ObjectBlocks } from './block-source.ts';

export interface BlockCacheOptions {
  readonly folder: string;
  /** about: others on this host may each be some MB ahead of it */
  readonly limitBytes: number;
}

const hashBytes = 32;
/** So much is written between two counts of what is there. */
const countEachBytes = 32 << 20;
/** What was used within this time is not taken for something newer: a scan longer than the cache would throw out all it brings. */
const leastIdleMs = 600_000;
/** Room is made down to this share of the limit. */
const roomFraction = 0.8;

const strongTag = /^("[^"]+"|[0-9a-f]{32}(-\d+)?)$/;

let options: BlockCacheOptions | null = null;
let sinceCount = Infinity;
let isFull = false;
let counting: Promise<void> | null = null;

/**
 * Keep blocks of remote objects in a folder from now on, for all sources of this thread.
 *
 * @param wanted null, or a limit of 0: keep none
 */
export function keepBlocks(wanted: BlockCacheOptions | null): void {
  options = wanted !== null && wanted.limitBytes > 0 ? wanted : null;
  [sinceCount, isFull] = [Infinity, false];
}

/**
 * The kept blocks of an object; null where none are kept. Only a strong ETag names bytes: what has none, or a weak one, or but a
 * time of change, is asked for again each time.
 */
export async function blocksOf(uri: string, etag: string, sizeBytes: number): Promise<ObjectBlocks | null> {
  if (options === null || !strongTag.test(etag)) return null;
  const { folder: root, limitBytes } = options;
  const name = createHash('sha256')
    .update(JSON.stringify([uri, etag, sizeBytes]))
    .digest('hex')
    .slice(0, 32);
  const folder = join(root, name);
  const isKnown = await stat(folder).then(
    () => true,
    () => false,
  );
  const now = new Date();
  if (isKnown) await utimes(folder, now, now).catch(() => undefined);
  const pathOf = (block: number): string => join(folder, String(block));
  return {
    has: (block) => existsSync(pathOf(block)),
    async read(block) {
      const stored = await readFile(pathOf(block)).catch(() => null);
      if (stored === null) return null;
      const bytes = stored.subarray(0, -hashBytes);
      return stored.length > hashBytes && digest(bytes).equals(stored.subarray(-hashBytes)) ? bytes : null;
    },
    keep(block, bytes) {
      void write({ folder, path: pathOf(block), bytes, root, limitBytes }).catch(() => {
        isFull = true;
      });
    },
  };
}

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

interface Writing extends Pick<BlockCacheOptions, 'limitBytes'> {
  readonly root: string;
  readonly folder: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function write({ root, limitBytes, folder, path, bytes }: Writing): Promise<void> {
  sinceCount += bytes.length;
  if (sinceCount > countEachBytes) {
    sinceCount = 0;
    counting = makeRoom(root, { limitBytes, inUse: folder }).then((fits) => {
      isFull = !fits;
    });
  }
  await counting;
  if (isFull || existsSync(path)) return;
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, Buffer.concat([bytes, digest(bytes)]));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Remove what was longest unused until there is room. @returns whether there is */
async function makeRoom(
  root: string,
  { limitBytes, inUse }: { readonly limitBytes: number; readonly inUse: string },
): Promise<boolean> {
  const names = await readdir(root).catch(() => []);
  const objects = await Promise.all(
    names.map(async (name) => {
      const folder = join(root, name);
      const facts = await stat(folder).catch(() => null);
      const blocks = await readdir(folder).catch(() => []);
      return { folder, usedMs: facts?.mtimeMs ?? 0, bytes: blocks.length * (blockBytes + hashBytes) };
    }),
  );
  let total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= limitBytes) return true;
  for (const { folder, usedMs, bytes } of objects.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= roomFraction * limitBytes) break;
    if (folder === inUse || Date.now() - usedMs < leastIdleMs) continue;
    await rm(folder, { recursive: true, force: true });
    total -= bytes;
  }
  return total <= limitBytes;
}
