import { link, open, readFile, readdir, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import { diskError } from '../disk-error.ts';
import { makeFolder } from '../make-folder.ts';
import { type ProcessIdentity, identitySchema, lifeOf, ownIdentity } from './process-identity.ts';

/**
 * The lock of a data folder: files `lock.<n>` with a number that only grows.
 *
 * Whoever finds the highest one released or its holder dead may make the next one, with `link()`, which
 * succeeds for one process only. The highest file is never deleted, not even on release, so that somebody
 * who looked earlier and acts later collides with it or finds, when looking again, that he is not the highest.
 */
export interface Lock {
  release(): Promise<void>;
}

const contentSchema = z.object({ holder: identitySchema, released: z.boolean() });
type Content = z.infer<typeof contentSchema>;

const nameOf = (number: number) => `lock.${String(number).padStart(9, '0')}`;
let attempts = 0;

/**
 * Take the lock of `folder` (made when absent).
 *
 * @param isListening asked when the holder's life cannot be seen from here (another container): does anybody
 *   answer on the folder's socket?
 * @returns null while a live process holds it
 * @throws AppError UNAVAILABLE when the folder cannot be written, CONFLICT when the holder is on another machine
 */
export async function takeLock(folder: string, isListening: () => Promise<boolean>): Promise<Lock | null> {
  const self = ownIdentity();
  const draft = join(folder, `lock-draft.${self.pid}.${(attempts += 1)}`);
  try {
    await makeFolder(folder);
    const highest = await highestLock(folder);
    if (highest !== 0 && !(await isFree(folder, highest, self, isListening))) return null;
    const mine = highest + 1;
    await writeDraft(draft, { holder: self, released: false });
    const path = join(folder, nameOf(mine));
    if (!(await linkNew(draft, path))) return null;
    if ((await highestLock(folder)) !== mine) {
      await rm(path, { force: true });
      return null;
    }
    await sweep(folder, mine);
    return { release: () => release(folder, mine, self) };
  } catch (error) {
    throw diskError(error, folder);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/**
 * Whether a living process holds the lock of `folder`.
 *
 * @param isListening as of `takeLock`
 * @throws AppError CONFLICT when the holder is on another machine
 */
export async function isLocked(folder: string, isListening: () => Promise<boolean>): Promise<boolean> {
  const highest = await highestLock(folder);
  return highest !== 0 && !(await isFree(folder, highest, ownIdentity(), isListening));
}

async function highestLock(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).map((name) => Number(/^lock\.(\d{9})$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function isFree(
  folder: string,
  number: number,
  self: ProcessIdentity,
  isListening: () => Promise<boolean>,
): Promise<boolean> {
  const path = join(folder, nameOf(number));
  // gone: somebody with a higher number has swept it
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return false;
  const parsed = contentSchema.safeParse(parseJson(text));
  // link() shows whole files only; an unreadable one is what a power failure or a full disk left
  if (!parsed.success) return true;
  const { holder, released } = parsed.data;
  if (released) return true;
  const life = lifeOf(holder, self);
  if (life !== 'unknown') return life === 'dead';
  if (await isListening()) return false;
  if (holder.boot === self.boot) return true;
  throw new AppError(
    'CONFLICT',
    `The data folder ${folder} is held by process ${holder.pid} on ${holder.host}, which cannot be asked from here.`,
    `Work on ${holder.host}, or delete ${path} when that process is surely gone.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function writeDraft(path: string, content: Content): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(JSON.stringify(content));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOENT: a new holder has swept our draft
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

async function release(folder: string, number: number, self: ProcessIdentity): Promise<void> {
  const path = join(folder, nameOf(number));
  const draft = join(folder, `lock-draft.${self.pid}.${(attempts += 1)}`);
  try {
    await writeDraft(draft, { holder: self, released: true });
    await rename(draft, path);
  } catch {
    // a full disk: an empty lock file needs no space and counts as released
    await truncate(path, 0);
    await rm(draft, { force: true });
  }
}

/** Only the holder sweeps: lower locks, and drafts (whose writers lose, as they must). */
async function sweep(folder: string, mine: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const number = /^lock\.(\d{9})$/.exec(name)?.[1];
    const isOld = number === undefined ? name.startsWith('lock-draft.') : Number(number) < mine;
    if (isOld) await rm(join(folder, name), { force: true });
  }
}
