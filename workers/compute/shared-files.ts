import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { temporaryMark } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import type { RunContext, Work } from '../work.ts';
import { manifestName, openOwnStaging, publishFolder, stagingFolder } from './out-folder.ts';

/** Objects of a run between its stages, and of its result; `name` is that of the run's own folder. */
const scratchPrefix = (name: string): string => `runs/${name}/`;
const resultPrefix = (name: string): string => `results/${name}/`;

/** Files of a folder that are whole, without those below it. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && !entry.name.includes(temporaryMark)).map(({ name }) => name);
}

/** The two folders a run's stages work in, by the letter that stands for them in keys. */
const foldersOf = ({ folder, request, runId }: RunContext): Readonly<Record<string, string>> => ({
  f: folder,
  s: stagingFolder(request.out, runId),
});

/** Bring what other machines made of this run. @param wanted all files, or one of the run's own folder */
async function fetchFiles(run: RunContext, wanted?: string): Promise<void> {
  const prefix = scratchPrefix(basename(run.folder));
  const folders = foldersOf(run);
  if (wanted !== undefined && existsSync(join(run.folder, wanted))) return;
  const keys = wanted === undefined ? await run.images.list(prefix) : [`${prefix}f/${wanted}`];
  for (const key of keys) {
    const [letter = '', file = ''] = key.slice(prefix.length).split('/');
    const path = join(folders[letter] ?? '', file);
    // what is here is what is there: every stage makes the same bytes wherever it runs
    if (folders[letter] === undefined || existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    if (await run.images.getFile(key, path)) continue;
    throw new AppError(
      'UNAVAILABLE',
      `${key} is missing from the image store or damaged.`,
      'Give the same command again with --force; finished chunks are found.',
    );
  }
}

/** Put what this machine made of this run where the others find it. */
async function keepFiles(run: RunContext): Promise<void> {
  const prefix = scratchPrefix(basename(run.folder));
  const known = new Set(await run.images.list(prefix));
  for (const [letter, folder] of Object.entries(foldersOf(run)))
    for (const file of await filesIn(folder)) {
      const key = `${prefix}${letter}/${file}`;
      if (!known.has(key)) await run.images.putFile(key, join(folder, file));
    }
}

/** A path that only one machine knows is a mistake of the request; the message says which machine missed it. */
function onThisMachine(error: unknown): unknown {
  if (!(error instanceof AppError) || typeof error.details['path'] !== 'string') return error;
  const todo = 'Every worker must reach the inputs: give s3:// or https:// addresses, or paths of a shared mount.';
  return new AppError(error.code, `${error.message} (machine ${hostname()})`, todo, error.details, error);
}

/**
 * The same work for machines that share nothing but the image store: before a stage its files are brought, afterwards kept,
 * and the result lies in the store, `run.json` last.
 */
export function withSharedFiles(work: Work): Work {
  return {
    ...work,
    async openRun(run) {
      try {
        const opened = await work.openRun(run);
        await keepFiles(run);
        return opened;
      } catch (error) {
        throw onThisMachine(error);
      }
    },
    async computeChunk(run, index) {
      await fetchFiles(run, 'plan.json');
      try {
        return await work.computeChunk(run, index);
      } catch (error) {
        throw onThisMachine(error);
      }
    },
    async stitch(run, failed) {
      await fetchFiles(run);
      await work.stitch(run, failed);
      await keepFiles(run);
    },
    async detect(run, failed) {
      await fetchFiles(run);
      await work.detect(run, failed);
      await keepFiles(run);
    },
    async raise(run, failed) {
      await fetchFiles(run);
      await work.raise(run, failed);
    },
    async report(run, failed) {
      await fetchFiles(run);
      const reported = await work.report(run, failed);
      const files = (await filesIn(run.request.out)).filter((file) => file !== manifestName);
      const prefix = resultPrefix(basename(run.folder));
      for (const file of [...files, ...(files.length > 0 ? [manifestName] : [])])
        await run.images.putFile(`${prefix}${file}`, join(run.request.out, file));
      await keepFiles(run);
      return reported;
    },
  };
}

/** Name of a round's own folder on a worker; the files of its run lie in it, and its result in `result`. */
export function roundName(runId: string, round: number): string {
  return `${runId}.r${round}`;
}

/** The request as a worker does it: the folder that was asked for is the asker's. */
export function requestIn(folder: string, request: RunRequest): RunRequest {
  return { ...request, out: join(folder, 'result') };
}

/** Whether the result that a folder holds is the one of the store: by its manifest, which names the rest with their hashes. */
async function isHere(
  images: ImageStore,
  keys: readonly string[],
  { prefix, out }: { readonly prefix: string; readonly out: string },
): Promise<boolean> {
  const manifest = join(out, manifestName);
  if (!keys.every((key) => existsSync(join(out, key.slice(prefix.length))))) return false;
  const stored = await images.get(`${prefix}${manifestName}`);
  return stored !== null && Buffer.compare(stored, await readFile(manifest)) === 0;
}

/**
 * Bring the result of a run to `out`, in the place of what is there.
 *
 * @throws AppError NOT_FOUND when it is not in the store (any more), UNAVAILABLE when an object is damaged
 */
export async function fetchResult(
  images: ImageStore,
  { runId, round, out }: { readonly runId: string; readonly round: number; readonly out: string },
): Promise<void> {
  const prefix = resultPrefix(roundName(runId, round));
  const keys = await images.list(prefix);
  if (!keys.includes(`${prefix}${manifestName}`))
    throw new AppError('NOT_FOUND', `The store has no result of run ${runId}.`, 'Give the run again with --force.');
  if (await isHere(images, keys, { prefix, out })) return;
  const staging = await openOwnStaging(out, runId);
  for (const key of keys)
    if (!(await images.getFile(key, join(staging, key.slice(prefix.length)))))
      throw new AppError('UNAVAILABLE', `${key} is missing or damaged.`, 'Give the run again with --force.');
  await publishFolder(staging, out);
}
