import type { Home } from '../home.ts';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeImages } from '../compose.ts';
import type { ImageStore } from '../images/store.ts';
import { keyOfKept } from '../images/kept-document.ts';
import { type ListedRun, listAllRuns } from '../run-list.ts';
import { recallItems } from '../watch/memory.ts';
import { isGoingOn, planSweep, type Removal, type SweptRun } from './plan-sweep.ts';
import { type SweepLimits, loadSweepLimits } from './sweep-limits.ts';

export interface Swept {
  readonly cacheBytes: number;
  readonly removed: Readonly<Record<Removal['why'], { readonly objects: number; readonly bytes: number }>>;
  /** folders of ended runs on this machine */
  readonly folders: readonly string[];
}

interface SweepOptions {
  readonly limits?: SweepLimits;
  /** say what would go, and remove nothing */
  readonly isDry: boolean;
  readonly nowMs: number;
}

/** Take away what a home needs no more; see `planSweep`. What died half-done goes when the store is opened. */
export async function sweepHome(home: Home, options: SweepOptions): Promise<Swept> {
  const images = await composeImages(home);
  // before the objects: a run that begins in between uses what is younger than any limit
  const listed = await listAllRuns(home);
  const runs = listed.map((run) => (run.kind === 'pair' ? run : { ...run, round: 1 }));
  const items = [...(await recallItems(home)), ...listed.flatMap(itemsOf)];
  const neededItems = new Set(items.flatMap((uri) => keyOfKept(uri) ?? []));
  return sweepStores({ images, runs, neededItems, folder: join(home.folder, 'runs') }, options);
}

/** Files of a run that is going on, or that its command goes on with. */
function itemsOf(run: ListedRun): readonly string[] {
  if (run.kind !== 'pair' || !['running', 'interrupted'].includes(run.state)) return [];
  return [...run.request.before.files, ...run.request.after.files];
}

interface SweptStores {
  readonly images: ImageStore;
  readonly runs: readonly SweptRun[];
  readonly neededItems: ReadonlySet<string>;
  /** of the runs on this machine */
  readonly folder: string;
}

/** The same of stores that are open. */
export async function sweepStores(
  { images, runs, neededItems, folder }: SweptStores,
  { limits = loadSweepLimits(), isDry, nowMs }: SweepOptions,
): Promise<Swept> {
  const { removals, cacheBytes } = planSweep({ objects: await images.uses(''), runs, neededItems, limits, nowMs });
  const removed = {
    cache: { objects: 0, bytes: 0 },
    scratch: { objects: 0, bytes: 0 },
    result: { objects: 0, bytes: 0 },
    item: { objects: 0, bytes: 0 },
  };
  for (const { key, bytes, why } of removals) {
    if (!isDry) await images.delete(key);
    removed[why].objects += 1;
    removed[why].bytes += bytes;
  }
  const folders = await endedFolders(folder, runs, nowMs - limits.scratchDays * 86_400_000);
  if (!isDry) for (const name of folders) await rm(join(folder, name), { recursive: true, force: true });
  return { cacheBytes, removed, folders };
}

async function endedFolders(folder: string, runs: readonly SweptRun[], leastMs: number): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const { mtimeMs } = await stat(join(folder, name));
    if (mtimeMs < leastMs && !isGoingOn(name, runs)) ended.push(name);
  }
  return ended;
}

const betweenMs = 24 * 3_600_000;

/** After a run: sweep where the last time was a day ago, else nothing. */
export async function sweepNowAndThen(home: Home): Promise<Swept | null> {
  const stamp = join(home.folder, 'swept');
  const nowMs = Date.now();
  const last = await stat(stamp).catch(() => null);
  if (last !== null && nowMs - last.mtimeMs < betweenMs) return null;
  // before the work: a sweep that fails is tried again tomorrow, not after every run
  await writeFile(stamp, '');
  // a home's first run leaves nothing to sweep
  return last === null ? null : sweepHome(home, { isDry: false, nowMs });
}
