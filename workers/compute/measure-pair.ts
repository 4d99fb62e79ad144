import { asAppError } from '../../pipeline/errors.ts';
import type { AppError } from '../../pipeline/errors.ts';
import { reasonsOf } from '../../pipeline/change/observe.ts';
import { cloudDecision, unobservedFrom } from '../../pipeline/pair/cloud-class.ts';
import { fitCloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import type { CloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { estimateShift, fitPairStatistics } from '../../pipeline/pair/statistics.ts';
import type { PairBlock } from '../../pipeline/pair/statistics.ts';
import type { Shift } from '../../pipeline/pair/register.ts';
import { sampleWindows } from '../../pipeline/tile/sample.ts';
import type { Raster, SceneBand, Window } from '../../pipeline/types.ts';
import type { OpenScene } from '../images/open-scene.ts';
import type { Draft } from './draft.ts';
import { createLookReader } from './look-reader.ts';
import type { LookReader } from './look-reader.ts';
import type { RunPlan } from './run-plan.ts';

interface Side {
  readonly bands: readonly SceneBand[];
  readonly reader: LookReader;
}

/** One block of the sample, read from both dates. */
interface Sample {
  readonly window: Window;
  readonly before: Raster;
  readonly after: Raster;
}

const maskBands = ['scl', 'cloudmask'];
const optical = (bands: readonly SceneBand[]): readonly SceneBand[] =>
  bands.filter(({ name }) => !maskBands.includes(name));

/**
 * Sample both dates; fit clouds, shift and pair statistics.
 *
 * The blocks are read once and kept (up to 200 MB with six bands); date 2 once more where it turns out to be shifted.
 *
 * @param fixed where the dates lie, for scenes that were registered before; left out, date 2 is registered to date 1
 */
export async function measurePair(
  draft: MeasuredDraft,
  throwIfCancelled: () => void,
  fixed?: FixedShifts,
): Promise<Pick<RunPlan, 'before' | 'after' | 'statistics'>> {
  const { bands, gsdM } = draft;
  let samples = await readSamples(draft, fixed, throwIfCancelled);
  const planOf = (which: 'before' | 'after') => {
    const { scene } = draft[which];
    const rasters = samples.map((sample) => sample[which]);
    return { scene, bands: bands[which], cloud: fitClouds(draft, which, rasters) };
  };
  const plans = { before: planOf('before'), after: planOf('after') };
  const hiddenOf = (which: 'before' | 'after', shiftPx?: Pixels): Uint8Array[] => {
    const { reader } = sideOf(draft, which, { shiftPx, cloud: plans[which].cloud });
    return samples.map((sample) => {
      throwIfCancelled();
      const look = reader.lookOf(sample[which], sample.window);
      const cloud = look.clouds === null ? null : unobservedFrom(look.clouds, look.raster, gsdM);
      return reasonsOf({ ...look, cloud, shadow: null });
    });
  };
  const optics = { before: optical(bands.before), after: optical(bands.after) };
  const blocksOf = (hidden: readonly [readonly Uint8Array[], readonly Uint8Array[]]): PairBlock[] =>
    samples.map(({ before, after }, i) => ({
      before: firstBands(before, optics.before.length),
      after: firstBands(after, optics.after.length),
      observed: hidden[0][i]!.map((reason, at) => (reason === 0 && hidden[1][i]![at] === 0 ? 1 : 0)),
    }));
  let hiddenBefore = hiddenOf('before', fixed?.before);
  let blocks = blocksOf([hiddenBefore, hiddenOf('after', fixed?.after)]);
  if (blocks.every(({ observed }) => !observed.includes(1))) return { ...plans, statistics: null };
  const shift = fixed ? knownShift(fixed.after) : estimateShift(blocks, bands.evidence);
  if (shift.isApplied && !fixed) {
    const shiftPx = { col: shift.colPx, row: shift.rowPx };
    blocks = [];
    const moved = await readMoved(samples, sideOf(draft, 'after', { shiftPx }), throwIfCancelled);
    hiddenBefore = hiddenBefore.filter((_, i) => moved[i] !== null);
    samples = moved.filter((sample) => sample !== null);
    blocks = blocksOf([hiddenBefore, hiddenOf('after', shiftPx)]);
  }
  const statistics = fitPairStatistics(blocks, {
    shift,
    evidence: bands.evidence,
    before: optics.before.map(({ name }) => name),
    after: optics.after.map(({ name }) => name),
    radiometry: { before: plans.before.scene.radiometry, after: plans.after.scene.radiometry },
  });
  return { ...plans, statistics };
}

/** How both dates lie against the grid, where that is known already; undefined = exactly on it (px). */
export interface FixedShifts {
  readonly before?: Pixels | undefined;
  readonly after?: Pixels | undefined;
}

/** What is asked of a pair to measure it. */
export interface MeasuredDraft extends Pick<Draft, 'grid' | 'gsdM' | 'bands'> {
  readonly before: Pick<OpenScene, 'scene' | 'files'>;
  readonly after: Pick<OpenScene, 'scene' | 'files'>;
}

export interface Pixels {
  readonly col: number;
  readonly row: number;
}

function knownShift(shift: Pixels | undefined): Shift {
  return { colPx: shift?.col ?? 0, rowPx: shift?.row ?? 0, isApplied: shift !== undefined, blocks: 0, quality: 0 };
}

function sideOf(
  draft: MeasuredDraft,
  which: 'before' | 'after',
  options: { readonly shiftPx?: Pixels | undefined; readonly cloud?: CloudStatistics | null } = {},
): Side {
  const { grid, gsdM, bands } = draft;
  const { scene, files } = draft[which];
  const { shiftPx, cloud = null } = options;
  const neededBands = bands.evidence.length;
  const common = { scene, files, bands: bands[which], neededBands, grid, gsdM, cloud };
  return { bands: bands[which], reader: createLookReader({ ...common, ...(shiftPx && { shiftPx }) }) };
}

const sampleBlocks = 64;
const enoughPixels = 200_000;

/** Blocks of a lattice that hold ground seen on both dates; a denser lattice where the first finds too little. */
async function readSamples(
  draft: MeasuredDraft,
  fixed: FixedShifts | undefined,
  throwIfCancelled: () => void,
): Promise<readonly Sample[]> {
  const before = sideOf(draft, 'before', { shiftPx: fixed?.before });
  const after = sideOf(draft, 'after', { shiftPx: fixed?.after });
  const read = async (window: Window): Promise<Sample> => {
    throwIfCancelled();
    return { window, before: await before.reader.readRaster(window), after: await after.reader.readRaster(window) };
  };
  let filled: Window[] = [];
  let kept: Sample[] = [];
  let broken: AppError | null = null;
  for (const blocks of [sampleBlocks, 4 * sampleBlocks, 16 * sampleBlocks]) {
    const windows = sampleWindows(draft.grid, blocks);
    [filled, kept] = [[], []];
    let valid = 0;
    for (const window of windows) {
      const sample = await read(window).catch((error: unknown) => {
        broken ??= brokenBlock(error);
        return null;
      });
      const count = sample === null ? 0 : countShared(sample);
      valid += count;
      if (sample === null || count === 0) continue;
      filled.push(window);
      if (kept.length < sampleBlocks) kept.push(sample);
    }
    if (valid > enoughPixels || windows.length < blocks) break;
  }
  if (filled.length === 0 && broken !== null) throw broken;
  if (filled.length <= sampleBlocks) return kept;
  // a dense lattice over little ground: only now is it known which blocks are spread evenly
  kept = [];
  for (let i = 0; i < sampleBlocks; i++) kept.push(await read(filled[Math.floor((i * filled.length) / sampleBlocks)]!));
  return kept;
}

/** A block of a file that cannot be decoded is no end of a run: its chunks fail and say so, the pair is known from others. */
function brokenBlock(error: unknown): AppError {
  const known = asAppError(error);
  if (known.code !== 'INPUT_INVALID') throw error;
  return known;
}

/** Pixels whose first band holds a value on both dates. */
function countShared({ before, after }: Sample): number {
  let count = 0;
  for (let i = 0; i < before.width * before.height; i++)
    if (!Number.isNaN(before.data[i]!) && !Number.isNaN(after.data[i]!)) count++;
  return count;
}

function fitClouds(
  draft: MeasuredDraft,
  which: 'before' | 'after',
  rasters: readonly Raster[],
): CloudStatistics | null {
  if (cloudDecision(draft[which].scene).source !== 'spectral') return null;
  const names = draft.bands[which].map(({ name }) => name);
  return fitCloudStatistics(rasters, names);
}

/** Date 2 read at its shift; null where that reaches into a broken block beside the window. */
async function readMoved(
  samples: readonly Sample[],
  { reader }: Side,
  throwIfCancelled: () => void,
): Promise<readonly (Sample | null)[]> {
  const moved: (Sample | null)[] = [];
  for (const { window, before } of samples) {
    throwIfCancelled();
    const after = await reader.readRaster(window).catch((error: unknown) => {
      brokenBlock(error);
      return null;
    });
    moved.push(after === null ? null : { window, before, after });
  }
  return moved;
}

/** Mask bands come last, so the optical ones are a prefix. */
function firstBands(raster: Raster, count: number): Raster {
  return { ...raster, bands: count, data: raster.data.subarray(0, count * raster.width * raster.height) };
}
