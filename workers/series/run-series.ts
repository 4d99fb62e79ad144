import { type Home, blockCacheOf } from '../home.ts';
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { canonicalJson } from '../database/event.ts';
import { trackPatches } from '../../pipeline/track/replay.ts';
import type { Track } from '../../pipeline/track/track.ts';
import type { Lattice } from '../compute/draft.ts';
import { checkOutFolder, requireApart } from '../compute/out-folder.ts';
import type { ConfigFile } from '../compute/run-plan.ts';
import { openThreadPool } from '../pool/thread-pool.ts';
import { listVerdicts, resolveLayersOf } from '../registry/door.ts';
import type { PlantingRow } from '../season/planting-file.ts';
import { plantingOf } from '../season/look-planting.ts';
import { listScenes } from './list-scenes.ts';
import { openLooks } from './open-looks.ts';
import { planSeries } from './plan-series.ts';
import type { SeriesAnswer, SeriesQuestion } from './question.ts';
import { asker, reportsOf, type SeenLook, seeLooks } from './see-looks.ts';
import type { LeftOutLook, SeriesPlan } from './series-plan.ts';
import type { SeriesRequest } from './series-request.ts';
import type { SeriesStage } from './series-status.ts';
import { verdictLooks } from './verdict-looks.ts';
import { loadTrackRules } from './track-rules.ts';
import { classesOf } from './series-plan.ts';

export interface RunSeriesOptions {
  /** absolute path */
  readonly home: Home;
  /** compute threads, ≥ 1 */
  readonly threads: number;
  readonly signal: AbortSignal;
  /** ISO-8601 day: later scenes are of the future */
  readonly today: string;
  readonly lattice?: Lattice;
  onStage(stage: SeriesStage, done: number, total: number): void;
}

/** All that a series found out, before it is written. */
export interface SeriesResult {
  readonly id: string;
  /** null: no look at all */
  readonly plan: SeriesPlan | null;
  /** by date, then content: those of the grid and the fine ones */
  readonly looks: readonly SeenLook[];
  readonly leftOut: readonly LeftOutLook[];
  readonly tracks: readonly Track[];
  /** ids of what people found on the spot and tracking heard, as looks */
  readonly verdicts: readonly string[];
  readonly config: readonly ConfigFile[];
  readonly warnings: SeriesPlan['warnings'];
  /** judges what was planted, anew at each call; null: no survey takes part, or no calendar is known for the place */
  readonly planting: (() => AsyncIterable<PlantingRow>) | null;
}

/**
 * Process every look of a series. What was computed before, by this or another series of the data folder, is found in
 * the image store: a new scene costs its own pairs alone, and a killed series goes on where it was.
 *
 * @returns a function of the set of scenes: neither their order nor the steps in which they came make a difference
 * @throws AppError of requests, grids, cards and devices; what is wrong with one scene is in `leftOut`
 */
export async function runSeries(request: SeriesRequest, options: RunSeriesOptions): Promise<SeriesResult> {
  const { home, threads, signal, today, lattice = {}, onStage } = options;
  const throwIfCancelled = (): void => {
    if (signal.aborted)
      throw new AppError('CANCELLED', 'Interrupted.', 'The same command goes on where this one stopped.');
  };
  // every call of a thread listens
  setMaxListeners(0, signal);
  await checkOutFolder(request.out, request.force);
  const listing = await listScenes(request.scenes, request.out);
  requireApart(request.out, [...listing.scenes.flatMap(({ files }) => files), home.folder]);
  const pool = openThreadPool<SeriesQuestion, SeriesAnswer>({
    entry: new URL('./series.thread.ts', import.meta.url),
    threads,
    data: { images: home.images, blocks: blockCacheOf(home) },
  });
  const ask = asker(pool, signal);
  try {
    onStage('open', 0, listing.scenes.length);
    const opened = await openLooks(listing, request, {
      today,
      survey: async (scene) => (await ask({ kind: 'survey', scene })).clearness,
      throwIfCancelled,
    });
    if (opened.looks.length === 0) return nothing(opened);
    const lastDay =
      opened.looks
        .map(({ acquired }) => acquired?.slice(0, 10) ?? '')
        .toSorted()
        .at(-1) ?? null;
    const { baseline, project = 'none' } = request;
    const layers =
      baseline === 'none' && project === 'none'
        ? []
        : await resolveLayersOf(home, { baseline: choiceOf(baseline), project: choiceOf(project) }, lastDay);
    onStage('measure', 0, opened.looks.length);
    const { plan, leftOut } = await planSeries(request, opened.looks, {
      layers,
      lattice,
      measure: async (pair) => (await ask({ kind: 'measure', ...pair })).measured,
      throwIfCancelled,
    });
    const allLeftOut = [...opened.leftOut, ...leftOut];
    if (plan.looks.length === 0) return nothing({ ...opened, leftOut: allLeftOut });
    const id = identityOf(plan);
    const folder = join(home.folder, 'series', id.slice(0, 16));
    const looks = await seeLooks(plan, { ask, folder, onStage });
    throwIfCancelled();
    onStage('track', 0, 1);
    const { rules, files } = loadTrackRules(classesOf(plan), plan.grid);
    const verdicts = verdictLooks(await listVerdicts(home), plan.grid, today);
    const tracks = trackPatches([...reportsOf(plan, looks, rules.confirmation), ...verdicts], rules);
    return {
      id,
      plan,
      looks,
      leftOut: allLeftOut,
      tracks,
      verdicts: verdicts.map(({ look }) => look.id),
      config: [...plan.config, ...files],
      warnings: [...opened.warnings, ...plan.warnings],
      planting: await plantingOf(plan, { home, throwIfCancelled }),
    };
  } finally {
    await pool.close();
  }
}

const choiceOf = (text: string): 'current' | 'none' | readonly string[] =>
  text === 'current' || text === 'none' ? text : text.split(',');

const nothing = ({ leftOut, warnings }: Pick<SeriesResult, 'leftOut' | 'warnings'>): SeriesResult => ({
  id: '',
  plan: null,
  looks: [],
  leftOut,
  tracks: [],
  verdicts: [],
  config: [],
  warnings,
  planting: null,
});

/** sha256 over all that shapes the result. */
function identityOf({ looks, fineLooks, layers, classMap }: SeriesPlan): string {
  const fine = fineLooks.length === 0 ? [] : [fineLooks.map(({ pair }) => pair.id)];
  const parts = [looks.map(({ pair }) => pair.id), ...fine, layers.map(({ id }) => id), classMap.id, classMap.version];
  return createHash('sha256').update(canonicalJson(parts)).digest('hex');
}
