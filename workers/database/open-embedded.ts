import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diskError } from '../disk-error.ts';
import { type PglitePool, openPglite } from './pglite.ts';

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

type Migrate = (pool: PglitePool) => Promise<void>;

/** What a template is made from: PGlite, BullMQ's migrations, ours. */
async function templateKey(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['@electric-sql/pglite', 'bullmq']) {
    hash.update(await readFile(join(modules, name, 'package.json'))).update('\0');
  }
  const migrations = fileURLToPath(new URL('./migrations/', import.meta.url));
  for (const name of (await readdir(migrations)).toSorted()) {
    hash.update(`${name}\0`).update(await readFile(join(migrations, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * An empty, migrated database made once per installation and copied ever after: making takes 6 s and 0.8 GB,
 * the copy 0.1 s.
 *
 * @returns its folder, or null where the installation may not be written to
 */
async function templateFolder(migrate: Migrate): Promise<string | null> {
  try {
    const cache = join(modules, '.cache/tianwatch');
    const template = join(cache, `database-${await templateKey()}`);
    if (await exists(template)) return template;
    await mkdir(cache, { recursive: true });
    const making = await mkdtemp(join(cache, 'making-'));
    await initialise(join(making, 'database'), migrate);
    // somebody else may have been faster; then theirs is as good
    await rename(join(making, 'database'), template).catch(() => undefined);
    // templates of earlier versions, 30 MB each
    for (const name of await readdir(cache)) {
      const path = join(cache, name);
      if (name.startsWith('database-') && path !== template) await rm(path, { recursive: true, force: true });
    }
    await rm(making, { recursive: true, force: true });
    return (await exists(template)) ? template : null;
  } catch {
    return null;
  }
}

/** In a thread of its own that ends afterwards: the memory of `initdb` is given back. */
async function initialise(folder: string, migrate: Migrate): Promise<void> {
  const pool = await openPglite(folder);
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
}

/** @returns false where another account made it (root, by a command in the installation) and lets this one not read it */
async function copyTemplate(template: string, folder: string): Promise<boolean> {
  try {
    await cp(template, folder, { recursive: true });
    return true;
  } catch (error) {
    const { code, path = '' } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' || !path.startsWith(template)) throw error;
    await rm(folder, { recursive: true, force: true });
    return false;
  }
}

/**
 * Open the embedded database of a data folder whose lock the caller holds; make it when it is not there, and migrate it.
 *
 * A database whose making was interrupted has no `database.made` beside it and is made anew.
 *
 * @throws AppError UNAVAILABLE, EXHAUSTED
 */
export async function openEmbedded(dataFolder: string, migrate: Migrate): Promise<PglitePool> {
  const folder = join(dataFolder, 'database');
  const made = join(dataFolder, 'database.made');
  if (!(await exists(made))) {
    try {
      await rm(folder, { recursive: true, force: true });
      const template = await templateFolder(migrate);
      if (template === null || !(await copyTemplate(template, folder))) await initialise(folder, migrate);
      await writeFile(made, '');
    } catch (error) {
      throw diskError(error, folder);
    }
  }
  const pool = await openPglite(folder);
  try {
    await migrate(pool);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}
