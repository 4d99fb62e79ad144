import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { fileError, syncFolder } from '../images/file-sink.ts';
import { makeFolder } from '../make-folder.ts';

export const manifestName = 'run.json';

/** True when the folder holds a manifest that this program wrote. */
function isOurs(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, manifestName), 'utf8'));
    return (
      typeof manifest === 'object' && manifest !== null && 'format' in manifest && manifest.format === 'tianwatch-run/1'
    );
  } catch {
    return false;
  }
}

/**
 * Refuse an output folder before any work is done for it.
 *
 * @throws AppError CONFIG_INVALID for a file or a folder with other things in it, FORBIDDEN where nothing can be written
 */
export async function checkOutFolder(out: string, force: boolean): Promise<void> {
  if (existsSync(out)) {
    if (!statSync(out).isDirectory())
      throw new AppError('CONFIG_INVALID', `--out ${out} is a file, not a folder.`, 'Give another folder.');
    const entries = await readdir(out).catch((error: unknown) => {
      throw fileError(error, out);
    });
    if (entries.length > 0 && !force && !isOurs(out))
      throw new AppError(
        'CONFIG_INVALID',
        `--out ${out} holds ${entries.length} other file${entries.length === 1 ? '' : 's'} (${entries.slice(0, 3).join(', ')}) and no result of ours.`,
        'Give an empty or new folder, or --force to replace it.',
      );
  }
  const parent = nearestFolder(dirname(out));
  if (!statSync(parent).isDirectory())
    throw new AppError('CONFIG_INVALID', `--out ${out} lies below the file ${parent}.`, 'Give another folder.');
  await requireWritable(parent);
}

/** Rights say little (root, read-only and special file systems): a folder is made there and taken away again. */
async function requireWritable(folder: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(join(folder, '.tianwatch-')));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw fileError(error, folder);
    const todo = 'Give an --out in a folder that this user may write to.';
    throw new AppError('FORBIDDEN', `${folder} cannot be written (${code}).`, todo, { folder, code }, error);
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** Where the files of a run are made before they are published: beside `--out`, on the same file system. */
export function stagingFolder(out: string, runId: string): string {
  return join(dirname(out), `.${basename(out)}.${runId.slice(0, 12)}.part`);
}

/** A fresh or resumed staging folder. */
export async function openStaging(out: string, runId: string): Promise<string> {
  const folder = stagingFolder(out, runId);
  await makeFolder(folder).catch((error: unknown) => {
    throw fileError(error, folder);
  });
  return folder;
}

/** Put the whole folder in place of what was there, in two renames. */
export async function publishFolder(staging: string, out: string): Promise<void> {
  try {
    await syncFolder(staging);
    const old = `${staging}.old`;
    await rm(old, { recursive: true, force: true });
    if (existsSync(out)) await rename(out, old);
    await rename(staging, out);
    await syncFolder(dirname(out));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, out);
  }
}
