import { createHash } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { AppError } from '../../pipeline/errors.ts';
import { diskError } from '../disk-error.ts';
import type { ImageStore } from './store.ts';

const hashBytes = 32;
const keyForm = /^(?!.*\.\.)[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;
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
  const pathOf = (key: string) => {
    if (keyForm.test(key)) return join(root, key);
    throw new AppError(
      'BUG',
      `The image store got the key ${JSON.stringify(key)}.`,
      'Keys are a/b-c.ext in lower case.',
    );
  };

  const get = async (key: string): Promise<Uint8Array | null> => {
    const path = pathOf(key);
    const stored = await translated(path, () => readFile(path).catch(ifAbsent));
    if (!stored || stored.length < hashBytes) return null;
    const bytes = stored.subarray(0, stored.length - hashBytes);
    return sha256(bytes).equals(stored.subarray(bytes.length)) ? bytes : null;
  };

  return {
    get,
    has: async (key) => (await get(key)) !== null,
    async put(key, bytes) {
      const path = pathOf(key);
      const draft = join(making, `${process.pid}.${threadId}.${(drafts += 1)}`);
      await translated(path, async () => {
        try {
          await mkdir(dirname(path), { recursive: true });
          await writeWhole(draft, bytes);
          await rename(draft, path);
          await syncFolder(dirname(path));
        } finally {
          await rm(draft, { force: true });
        }
      });
    },
    async list(prefix) {
      const below = join(root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      const entries = await translated(below, () =>
        readdir(below, { recursive: true, withFileTypes: true }).catch(ifAbsent),
      );
      return (entries ?? [])
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .filter((key) => !key.startsWith(`${makingFolder}/`) && key.startsWith(prefix))
        .toSorted();
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

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    // one write each: a copy of the whole to join the hash would cost its size in memory
    await file.writeFile(bytes);
    await file.writeFile(sha256(bytes));
    await file.sync();
  } finally {
    await file.close();
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
