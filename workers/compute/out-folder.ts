import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import { fileError, syncFolder, temporaryMark } from '../images/file-sink.ts';
import { makeFolder } from '../make-folder.ts';

export const manifestName = 'run.json';

const resultSchema = z.object({
  format: z.enum(['tianwatch-run/1', 'tianwatch-series/1']),
  outputs: z.array(z.object({ file: z.string() })),
});

/** Names in a folder that are no part of a result of ours; GDAL and QGIS leave `.aux.xml` beside rasters they show. */
function othersIn(folder: string, entries: readonly string[]): readonly string[] {
  const ours = new Set([manifestName]);
  try {
    const manifest = resultSchema.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
    for (const { file } of manifest.outputs) ours.add(file).add(`${file}.aux.xml`);
  } catch {
    return entries;
  }
  return entries.filter((name) => !ours.has(name));
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
    const others = force ? [] : othersIn(out, entries);
    if (others.length > 0)
      throw new AppError(
        'CONFIG_INVALID',
        `--out ${out} holds ${others.length} file${others.length === 1 ? '' : 's'} that no run wrote (${others.slice(0, 3).join(', ')}), which replacing it would delete.`,
        'Move them away, give an empty or new folder, or --force to replace it all.',
      );
  }
  const parent = nearestFolder(dirname(out));
  if (!statSync(parent).isDirectory())
    throw new AppError('CONFIG_INVALID', `--out ${out} lies below the file ${parent}.`, 'Give another folder.');
  await requireWritable(parent);
}

/**
 * Refuse an output folder that holds what the run needs: replacing it would delete that, `--force` or not.
 *
 * @param needed paths of inputs and of the data folder, there or not
 * @throws AppError CONFIG_INVALID
 */
export function requireApart(out: string, needed: readonly string[]): void {
  const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
  const folder = real(out);
  const inside = needed.find((path) => existsSync(path) && (real(path) + sep).startsWith(folder + sep));
  if (inside !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `--out ${out} holds ${inside}, which the run needs and replacing the folder would delete.`,
      'Give another folder.',
    );
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

const leftAfterMs = 3_600_000;

/** A staging folder of this call alone, for what several processes may bring at once; what killed ones left long ago is removed. */
export async function openOwnStaging(out: string, runId: string): Promise<string> {
  const start = stagingFolder(out, runId);
  try {
    await makeFolder(dirname(start));
    for (const name of await readdir(dirname(start))) {
      const other = join(dirname(start), name);
      if (!name.startsWith(`${basename(start)}-`)) continue;
      const facts = await stat(other).catch(() => null);
      if (facts !== null && Date.now() - facts.mtimeMs > leftAfterMs) await rm(other, { recursive: true, force: true });
    }
    return await mkdtemp(`${start}-`);
  } catch (error) {
    throw fileError(error, start);
  }
}

const unless =
  (...codes: readonly string[]) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (!codes.includes(error.code ?? '')) throw error;
  };

/** How often others may publish between the two renames of one. */
const mostTurns = 20;

/** Put the whole folder in place of what was there, in two renames; what a killed attempt left unfinished stays behind. */
export async function publishFolder(staging: string, out: string): Promise<void> {
  try {
    for (const name of await readdir(staging))
      if (name.includes(temporaryMark)) await rm(join(staging, name), { force: true });
    await syncFolder(staging);
    const old = `${staging}.old`;
    for (let turn = 1, isOut = false; !isOut; turn++) {
      await rm(old, { recursive: true, force: true });
      if (existsSync(out)) await rename(out, old).catch(unless('ENOENT'));
      // another process may have put its own there just now
      const passing = turn < mostTurns ? ['ENOTEMPTY', 'EEXIST'] : [];
      isOut = (await rename(staging, out).then(() => true, unless(...passing))) ?? false;
    }
    await syncFolder(dirname(out));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, out);
  }
}
