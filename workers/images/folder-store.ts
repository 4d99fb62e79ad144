import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { diskError } from '../disk-error.ts';
import { checkKey, hashBytes, type ImageStore, type ObjectUse } from './store.ts';

/** Files in the making lie beside the objects, in this folder: a rename must not cross disks. */
const makingFolder = '.making';
let drafts = 0;

/**
 * Objects as files under `root`. A file is the object's bytes and then their sha256, which finds truncated,
 * altered and half-written files.
 *
 * @throws AppError UNAVAILABLE when `root` cannot be made or written
 */
export async function openFolderStore(root: string): Promise<ImageStore> {
  const making = join(root, makingFolder);
  await translated(root, async () => {
    await mkdir(making, { recursive: true });
    // what a killed process left half-made; a living one may be writing, and so may other threads of this one
    for (const name of await readdir(making)) {
      if (!isAlive(Number(name.split('.')[0]))) await rm(join(making, name), { force: true });
    }
  });
  const pathOf = (key: string) => join(root, checkKey(key));

  const get = async (key: string): Promise<Uint8Array | null> => {
    const path = pathOf(key);
    const stored = await translated(path, () => readFile(path).catch(ifAbsent));
    if (!stored || stored.length < hashBytes) return null;
    const bytes = stored.subarray(0, stored.length - hashBytes);
    return sha256(bytes).equals(stored.subarray(bytes.length)) ? bytes : null;
  };

  const publish = async (key: string, parts: Parts): Promise<void> => {
    const path = pathOf(key);
    const draft = join(making, `${process.pid}.${threadId}.${(drafts += 1)}`);
    await translated(path, async () => {
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeWhole(draft, parts);
        await rename(draft, path);
        await syncFolder(dirname(path));
      } finally {
        await rm(draft, { force: true });
      }
    });
  };

  const list = async (prefix: string): Promise<readonly string[]> => {
    const below = join(root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
    const entries = await translated(below, () =>
      readdir(below, { recursive: true, withFileTypes: true }).catch(ifAbsent),
    );
    return (entries ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter((key) => !key.startsWith(`${makingFolder}/`) && key.startsWith(prefix))
      .toSorted();
  };

  return {
    get,
    has: async (key) => (await get(key)) !== null,
    put: (key, bytes) => publish(key, [bytes]),
    putFile: (key, path) => publish(key, partsOf(path)),
    async getFile(key, path) {
      const stored = pathOf(key);
      const draft = `${path}.${process.pid}.${threadId}.${(drafts += 1)}`;
      return translated(stored, async () => {
        try {
          if (!(await copyOut(stored, draft))) return false;
          await rename(draft, path);
          return true;
        } finally {
          await rm(draft, { force: true });
        }
      });
    },
    list,
    async uses(prefix) {
      const found: ObjectUse[] = [];
      for (const key of await list(prefix)) {
        const file = await translated(pathOf(key), () => stat(pathOf(key)).catch(ifAbsent));
        if (file !== null) found.push({ key, bytes: file.size, usedAtMs: file.mtimeMs });
      }
      return found;
    },
    async touch(key) {
      const now = new Date();
      await translated(pathOf(key), () => utimes(pathOf(key), now, now).catch(ifAbsent));
    },
    async delete(key) {
      const path = pathOf(key);
      await translated(path, () => rm(path, { force: true }));
    },
  };
}

/** Whether such a process is there; the number may be somebody else's by now, then its draft stays until later. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

type Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

async function writeWhole(path: string, parts: Parts): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const hash = createHash('sha256');
    // part by part: a copy of the whole to join the hash would cost its size in memory
    for await (const part of parts) {
      hash.update(part);
      await file.writeFile(part);
    }
    await file.writeFile(hash.digest());
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Opened when the first part is asked for: a stream that nobody reads throws at nobody. */
async function* partsOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path) as AsyncIterable<Buffer>;
}

/** @returns false when the object at `stored` is absent or damaged */
async function copyOut(stored: string, path: string): Promise<boolean> {
  const source = await open(stored, 'r').catch(ifAbsent);
  if (source === null) return false;
  try {
    const length = (await source.stat()).size - hashBytes;
    if (length < 0) return false;
    const { buffer: expected } = await source.read(Buffer.alloc(hashBytes), 0, hashBytes, length);
    const hash = createHash('sha256');
    const parts = length === 0 ? [] : source.createReadStream({ start: 0, end: length - 1, autoClose: false });
    const target = await open(path, 'wx');
    try {
      for await (const part of parts as AsyncIterable<Buffer> | readonly Buffer[]) {
        hash.update(part);
        await target.writeFile(part);
      }
      await target.sync();
    } finally {
      await target.close();
    }
    return hash.digest().equals(expected);
  } finally {
    await source.close();
  }
}

/** A rename lasts over a power failure only when its folder is synced too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ifAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function translated<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error, where);
  }
}
