import { createHash } from 'node:crypto';
import type { CloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { fitCloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { cloudDecision } from '../../pipeline/pair/cloud-class.ts';
import { estimateShift, fitPairStatistics } from '../../pipeline/pair/statistics.ts';
import type { PairBlock, PairStatistics } from '../../pipeline/pair/statistics.ts';
import type { TileLook } from '../../pipeline/change/chunk.ts';
import { reasonsOf } from '../../pipeline/change/observe.ts';
import { unobservedFrom } from '../../pipeline/pair/cloud-class.ts';
import { asAppError } from '../../pipeline/errors.ts';
import type { AppError } from '../../pipeline/errors.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { sampleWindows } from '../../pipeline/tile/sample.ts';
import type { Raster, Scene, SceneBand, Window } from '../../pipeline/types.ts';
import { canonicalJson } from '../database/event.ts';
import { chunkKey, pixelsVersion } from '../pixels-version.ts';
import { draftRun } from './draft.ts';
import type { Draft, Lattice } from './draft.ts';
import type { Candidate } from '../registry/resolve.ts';
import { chooseLayers } from './choose-layers.ts';
import type { ChosenLayers } from './choose-layers.ts';
import { createLookReader } from './look-reader.ts';
import type { LookReader } from './look-reader.ts';
import type { LookPlan, RunPlan } from './run-plan.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Plan a run: headers, grid, chunks, and the statistics of the pair from a sample of blocks.
 *
 * @throws AppError what is wrong with the request, before a chunk is computed
 */
export async function planRun(
  request: RunRequest,
  { lattice = {}, candidates = [] }: { readonly lattice?: Lattice; readonly candidates?: readonly Candidate[] },
  throwIfCancelled: () => void,
): Promise<RunPlan> {
  const draft = await draftRun(request, lattice);
  try {
    const chosen = chooseLayers(request, candidates, draft.after.scene.acquired);
    const { before, after, statistics } = await measure(draft, throwIfCancelled);
    return finishPlan(draft, chosen, { before, after, statistics });
  } finally {
    await draft.close();
  }
}

function finishPlan(
  draft: Draft,
  chosen: ChosenLayers,
  measured: Pick<RunPlan, 'before' | 'after' | 'statistics'>,
): RunPlan {
  const { card, grid, chunks, areaOfInterest } = draft;
  const version = pixelsVersion();
  const model = card && {
    id: card.card.id,
    version: card.card.version,
    path: card.path,
    cardSha256: card.cardSha256,
    weightsSha256: card.card.weights.sha256,
    isExperimental: card.card.status === 'experimental',
  };
  const layers = chosen.layers.map(({ id }) => id);
  const origin = {
    beforeId: measured.before.scene.id,
    afterId: measured.after.scene.id,
    modelSha256: card?.cardSha256 ?? null,
    grid,
    pairStatistics: {
      pair: measured.statistics,
      clouds: [measured.before.cloud, measured.after.cloud],
      aoi: areaOfInterest?.file.sha256 ?? null,
    },
    pixelsVersion: version,
  };
  const identity = canonicalJson([origin, draft.threshold, draft.config, chunks.length, layers]);
  return {
    format: 'tianwatch-plan/1',
    id: sha256(identity),
    pixelsVersion: version,
    ...measured,
    evidenceBands: draft.bands.evidence,
    model,
    layers: chosen.layers,
    classMap: draft.classMap,
    grid,
    areaOfInterest,
    threshold: draft.threshold,
    chunks,
    chunkKeys: chunks.map((chunk) => chunkKey({ ...origin, chunk })),
    config: draft.config,
    warnings: [...draft.warnings, ...chosen.warnings],
  };
}

interface Side {
  readonly scene: Scene;
  readonly bands: readonly SceneBand[];
  readonly reader: LookReader;
}

const maskBands = ['scl', 'cloudmask'];
const optical = (bands: readonly SceneBand[]): readonly SceneBand[] =>
  bands.filter(({ name }) => !maskBands.includes(name));

/** Sample both dates, fit clouds, shift and pair statistics. */
async function measure(
  draft: Draft,
  throwIfCancelled: () => void,
): Promise<Pick<RunPlan, 'before' | 'after' | 'statistics'>> {
  const { grid, gsdM, bands } = draft;
  const side = (
    which: 'before' | 'after',
    shiftPx?: { readonly col: number; readonly row: number },
    cloud: CloudStatistics | null = null,
  ): Side => ({
    scene: draft[which].scene,
    bands: bands[which],
    reader: createLookReader({
      scene: draft[which].scene,
      files: draft[which].files,
      bands: bands[which],
      neededBands: bands.evidence.length,
      grid,
      gsdM,
      cloud,
      ...(shiftPx && { shiftPx }),
    }),
  });
  const [before, after] = [side('before'), side('after')];
  const windows = await pickWindows(draft, before, after, throwIfCancelled);
  const clouds = [
    await fitClouds(before, windows, throwIfCancelled),
    await fitClouds(after, windows, throwIfCancelled),
  ] as const;
  const plans = {
    before: { scene: before.scene, bands: before.bands, cloud: clouds[0] },
    after: { scene: after.scene, bands: after.bands, cloud: clouds[1] },
  } satisfies Record<string, LookPlan>;
  const read = (shiftPx?: { readonly col: number; readonly row: number }) =>
    readBlocks(
      [side('before', undefined, clouds[0]), side('after', shiftPx, clouds[1])],
      windows,
      gsdM,
      throwIfCancelled,
    );
  let blocks = await read();
  if (blocks.every(({ observed }) => !observed.includes(1))) return { ...plans, statistics: null };
  const shift = estimateShift(blocks, bands.evidence);
  if (shift.isApplied) {
    // let go of the first reading before the second: each is up to 200 MB
    blocks = [];
    blocks = await read({ col: shift.colPx, row: shift.rowPx });
  }
  const names = {
    evidence: bands.evidence,
    before: optical(bands.before).map(({ name }) => name),
    after: optical(bands.after).map(({ name }) => name),
  };
  const statistics: PairStatistics = fitPairStatistics(blocks, {
    shift,
    ...names,
    radiometry: { before: before.scene.radiometry, after: after.scene.radiometry },
  });
  return { ...plans, statistics };
}

const sampleBlocks = 64;

/** Blocks of a lattice that hold ground seen on both dates; a denser lattice where the first finds too little. */
async function pickWindows(
  draft: Draft,
  before: Side,
  after: Side,
  throwIfCancelled: () => void,
): Promise<readonly Window[]> {
  let filled: Window[] = [];
  let broken: AppError | null = null;
  for (const blocks of [sampleBlocks, 4 * sampleBlocks, 16 * sampleBlocks]) {
    const windows = sampleWindows(draft.grid, blocks);
    filled = [];
    let valid = 0;
    for (const window of windows) {
      throwIfCancelled();
      const count = await countShared(before, after, window).catch((error: unknown) => {
        broken ??= brokenBlock(error);
        return 0;
      });
      valid += count;
      if (count > 0) filled.push(window);
    }
    if (valid > enoughPixels || windows.length < blocks) break;
  }
  if (filled.length === 0 && broken !== null) throw broken;
  const taken = Math.min(sampleBlocks, filled.length);
  return Array.from({ length: taken }, (_, i) => filled[Math.floor((i * filled.length) / taken)]!);
}

const enoughPixels = 200_000;

/** A block of a file that cannot be decoded is no end of a run: its chunks fail and say so, the pair is known from others. */
function brokenBlock(error: unknown): AppError {
  const known = asAppError(error);
  if (known.code !== 'INPUT_INVALID') throw error;
  return known;
}

/** Pixels whose first band holds a value on both dates. */
async function countShared(before: Side, after: Side, window: Window): Promise<number> {
  const [first, second] = [await before.reader.readRaster(window), await after.reader.readRaster(window)];
  let count = 0;
  for (let i = 0; i < first.width * first.height; i++)
    if (!Number.isNaN(first.data[i]!) && !Number.isNaN(second.data[i]!)) count++;
  return count;
}

async function fitClouds(
  { scene, bands, reader }: Side,
  windows: readonly Window[],
  throwIfCancelled: () => void,
): Promise<CloudStatistics | null> {
  if (cloudDecision(scene).source !== 'spectral') return null;
  const samples: Raster[] = [];
  for (const window of windows) {
    throwIfCancelled();
    samples.push(await reader.readRaster(window));
  }
  return fitCloudStatistics(
    samples,
    bands.map(({ name }) => name),
  );
}

/** Both dates of each window with what was not seen set to NaN. */
async function readBlocks(
  [before, after]: readonly [Side, Side],
  windows: readonly Window[],
  gsdM: number,
  throwIfCancelled: () => void,
): Promise<PairBlock[]> {
  const blocks: PairBlock[] = [];
  for (const window of windows) {
    throwIfCancelled();
    const looks = await lookAtBoth(before, after, window);
    if (looks === null) continue;
    const observed = new Uint8Array(window.width * window.height).fill(1);
    for (const look of looks) {
      const hidden = look.clouds === null ? null : unobservedFrom(look.clouds, look.raster, gsdM);
      const reasons = reasonsOf({ ...look, cloud: hidden, shadow: null });
      for (let i = 0; i < observed.length; i++) if (reasons[i] !== 0) observed[i] = 0;
    }
    blocks.push({ before: opticalOf(looks[0].raster, before), after: opticalOf(looks[1].raster, after), observed });
  }
  return blocks;
}

/** Null where the shift reaches into a broken block beside the window. */
async function lookAtBoth(before: Side, after: Side, window: Window): Promise<readonly [TileLook, TileLook] | null> {
  try {
    return [await before.reader.look(window), await after.reader.look(window)];
  } catch (error) {
    brokenBlock(error);
    return null;
  }
}

/** Mask bands come last, so the optical ones are a prefix. */
function opticalOf(raster: Raster, { bands }: Side): Raster {
  const count = optical(bands).length;
  return { ...raster, bands: count, data: raster.data.subarray(0, count * raster.width * raster.height) };
}
