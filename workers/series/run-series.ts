import { type Home, blockCacheOf } from '../home.ts';
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, describeError, asAppError } from '../../pipeline/errors.ts';
import { canonicalJson } from '../database/event.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { LookReport } from '../../pipeline/track/sighting.ts';
import { trackPatches } from '../../pipeline/track/replay.ts';
import type { Track } from '../../pipeline/track/track.ts';
import type { Lattice } from '../compute/draft.ts';
import { checkOutFolder, requireApart } from '../compute/out-folder.ts';
import { storePlan } from '../compute/run-plan.ts';
import type { ConfigFile } from '../compute/run-plan.ts';
import { makeFolder } from '../make-folder.ts';
import { openThreadPool } from '../pool/thread-pool.ts';
import type { ThreadPool } from '../pool/thread-pool.ts';
import { listVerdicts, resolveLayersOf } from '../registry/door.ts';
import { frameCentreOf } from './detect-look.ts';
import type { PlantingRow } from '../season/planting-file.ts';
import { plantingOf } from '../season/look-planting.ts';
import { listScenes } from './list-scenes.ts';
import { openLooks } from './open-looks.ts';
import { planSeries } from './plan-series.ts';
import type { FoundInLook, SeriesAnswer, SeriesQuestion } from './question.ts';
import { withRetry } from './retry.ts';
import { cellPxFor, openSeenGround } from './seen-ground.ts';
import type { LeftOutLook, PlannedLook, SeriesPlan } from './series-plan.ts';
import type { SeriesRequest } from './series-request.ts';
import type { SeriesStage } from './series-status.ts';
import { verdictLooks } from './verdict-looks.ts';
import { loadTrackRules } from './track-rules.ts';

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

/** A look with what it showed. */
export interface SeenLook extends PlannedLook {
  readonly found: FoundInLook;
  /** chunks that failed for good */
  readonly failed: readonly { readonly chunk: number; readonly why: string }[];
  /** chunks that were computed in this call, not found in the store */
  readonly computed: number;
}

/** All that a series found out, before it is written. */
export interface SeriesResult {
  readonly id: string;
  /** null: no look at all */
  readonly plan: SeriesPlan | null;
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

type Pool = ThreadPool<SeriesQuestion, SeriesAnswer>;

function asker(pool: Pool, signal: AbortSignal) {
  return <K extends SeriesQuestion['kind']>(
    question: Extract<SeriesQuestion, { kind: K }>,
  ): Promise<Extract<SeriesAnswer, { kind: K }>> =>
    withRetry(async () => (await pool.run(question, { signal })) as Extract<SeriesAnswer, { kind: K }>);
}
type Ask = ReturnType<typeof asker>;

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
  const pool: Pool = openThreadPool({
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
    const { rules, files } = loadTrackRules(plan.classMap, plan.grid);
    const verdicts = verdictLooks(await listVerdicts(home), plan.grid, today);
    const tracks = trackPatches([...reportsOf(plan, looks), ...verdicts], rules);
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
function identityOf({ looks, layers, classMap }: SeriesPlan): string {
  const parts = [looks.map(({ pair }) => pair.id), layers.map(({ id }) => id), classMap.id, classMap.version];
  return createHash('sha256').update(canonicalJson(parts)).digest('hex');
}

/** Compute the chunks of all looks, then find what each shows. */
async function seeLooks(
  plan: SeriesPlan,
  {
    ask,
    folder,
    onStage,
  }: { readonly ask: Ask; readonly folder: string; readonly onStage: RunSeriesOptions['onStage'] },
): Promise<readonly SeenLook[]> {
  const total = plan.looks.length * plan.chunks.length;
  let done = 0;
  onStage('infer', 0, total);
  const pairFolders: string[] = [];
  for (const { pair } of plan.looks) {
    const pairFolder = join(folder, pair.id.slice(0, 16));
    await makeFolder(pairFolder);
    await storePlan(pairFolder, pair, new Date());
    pairFolders.push(pairFolder);
  }
  const outcomes = await Promise.all(
    plan.looks.map(async (_, look) => {
      const failed: { chunk: number; why: string }[] = [];
      let computed = 0;
      await Promise.all(
        plan.chunks.map(async ({ index }) => {
          try {
            const kind = plan.evidence === 'looks' ? 'look' : 'chunk';
            const { isSkipped } = await ask({ kind, pairFolder: pairFolders[look]!, index });
            if (!isSkipped) computed++;
          } catch (error) {
            if (asAppError(error).code === 'CANCELLED') throw error;
            failed.push({ chunk: index, why: describeError(error) });
          }
          onStage('infer', ++done, total);
        }),
      );
      return { failed: failed.toSorted((a, b) => a.chunk - b.chunk), computed };
    }),
  );
  const evidenceFolder = plan.evidence === 'looks' ? join(folder, 'evidence') : null;
  if (evidenceFolder !== null) {
    let weighed = 0;
    onStage('weigh', 0, plan.chunks.length);
    await Promise.all(
      plan.chunks.map(async ({ index }) => {
        const seen = pairFolders.filter((_, at) => outcomes[at]!.failed.every(({ chunk }) => chunk !== index));
        await ask({ kind: 'weigh', pairFolders: seen, index, evidenceFolder });
        onStage('weigh', ++weighed, plan.chunks.length);
      }),
    );
  }
  const cellPx = cellPxFor(plan.grid, plan.looks.length);
  let detected = 0;
  onStage('detect', 0, plan.looks.length);
  const seen = await Promise.all(
    plan.looks.map(async (look, position): Promise<SeenLook> => {
      const { failed, computed } = outcomes[position]!;
      const { found } = await ask({
        kind: 'detect',
        pairFolder: pairFolders[position]!,
        evidenceFolder,
        failed: failed.map(({ chunk }) => chunk),
        cellPx,
      });
      onStage('detect', ++detected, plan.looks.length);
      return { ...look, found, failed, computed };
    }),
  );
  // it follows from what is kept, and from the set of looks, which grows
  if (evidenceFolder !== null) await rm(evidenceFolder, { recursive: true, force: true });
  return seen;
}

/** What tracking is told: every look with its sightings and what it saw. */
function reportsOf({ grid, evidence }: SeriesPlan, looks: readonly SeenLook[]): readonly LookReport[] {
  const seenGround = openSeenGround(grid, equalAreaFrame(frameCentreOf(grid)), cellPxFor(grid, looks.length));
  return looks.map(({ opened, found }) => ({
    look: {
      id: opened.id,
      date: opened.acquired ?? '',
      sensor: opened.sensor,
      gsdM: opened.scene.gsdM,
      kind: opened.sensor === 'uav' ? 'uav' : 'satellite',
      isCumulative: evidence === 'looks',
    },
    sightings: found.sightings,
    observedFraction: seenGround(found.seenPercent),
  }));
}
