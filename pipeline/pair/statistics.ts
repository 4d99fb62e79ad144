import { AppError } from '../errors.ts';
import type { BandName } from '../types.ts';
import { pickEvenly, samplePair, type PairBlock } from './block.ts';
import { fitIrmad } from './irmad-fit.ts';
import { evenMagnitude } from './magnitude.ts';
import { differenceSpread, fitNormalisation } from './normalise.ts';
import { bandQuantiles, quantileAt } from './quantile.ts';
import type { Shift } from './register.ts';
import { smoothHaloPx } from './smooth.ts';
import type { PairStatistics } from './statistics-format.ts';
import { vectorMagnitude, vectorReachPx } from './vectors.ts';

export type { PairBlock } from './block.ts';
export { estimateShift } from './register.ts';
export { pairStatisticsSchema, type PairStatistics } from './statistics-format.ts';

/** Context that IR-MAD and change vectors need around a pixel (px). */
export const evidenceHaloPx = smoothHaloPx + vectorReachPx;

export interface PairFitOptions {
  /** as applied to the blocks */
  readonly shift: Shift;
  /** names of the bands that the evidence works on: the first ones of both dates */
  readonly evidence: readonly BandName[];
  /** names of all bands of the blocks' rasters */
  readonly before: readonly BandName[];
  readonly after: readonly BandName[];
  /** default reflectance */
  readonly radiometry?: PairStatistics['radiometry'];
}

/** Share of a band's range (quantiles 0.02 to 0.98) that sensor, air and resampling explain without change. */
const noiseFraction = 0.01;

/**
 * Fit everything that all tiles of a pair share, on blocks of both dates with the shift already applied.
 *
 * The same blocks in the same order give the same bits. Two identical dates give statistics under which nothing
 * changed; constant bands and few pixels give finite ones.
 * @throws AppError INPUT_INVALID where no pixel has all evidence bands on both dates
 */
export function fitPairStatistics(blocks: readonly PairBlock[], options: PairFitOptions): PairStatistics {
  const { shift, evidence } = options;
  const sample = samplePair(blocks, evidence.length);
  if (sample.count === 0) {
    throw new AppError(
      'INPUT_INVALID',
      `No pixel of ${blocks.length} blocks has ${evidence.join(', ')} on both dates.`,
      'Check that the dates overlap and are not hidden by cloud or nodata.',
    );
  }
  const before = bandQuantiles(blocks, 'before', options.before);
  const after = bandQuantiles(blocks, 'after', options.after);
  const range = (bands: typeof before, band: number): number =>
    quantileAt(bands, band, 0.98) - quantileAt(bands, band, 0.02);
  const noise = evidence.map((_, band) => noiseOf(range(before, band), range(after, band)));
  const { coefficients, noChange } = fitIrmad(sample, noise);
  const normalisation = fitNormalisation(sample, noChange);
  const spread = differenceSpread(sample, normalisation, noise);
  const unit = Math.sqrt(Math.max(leastEnergy, meanEnergy(blocks, normalisation, spread)));
  const even = evenMagnitude(evidence.length);
  return {
    format: 'tianwatch-pair/1',
    bands: [...evidence],
    pixels: sample.count,
    shift,
    radiometry: options.radiometry ?? { before: 'reflectance', after: 'reflectance' },
    before,
    after,
    noise,
    normalisation,
    irmad: { ...coefficients, evenMagnitude: even },
    vectors: { spread: spread.map((value) => value * unit), evenMagnitude: even },
  };
}

/** A band that is constant on both dates has none of its own; then a hundred thousandth of the unit is a difference. */
function noiseOf(before: number, after: number): number {
  return Math.max(noiseFraction * 0.5 * (before + after), 1e-5);
}

const energyBlocks = 16;
/** So that a pair that differs by its shift alone is not blown up to change. */
const leastEnergy = 0.1;

/** Mean square of the change vectors' length a band, over some of the blocks. */
function meanEnergy(
  blocks: readonly PairBlock[],
  normalisation: PairStatistics['normalisation'],
  spread: number[],
): number {
  let [sum, count] = [0, 0];
  for (const { before, after, observed } of pickEvenly(blocks, energyBlocks)) {
    const magnitude = vectorMagnitude(before, after, { normalisation, vectors: { spread } });
    for (let i = 0; i < magnitude.length; i++) {
      if (observed[i] !== 1 || Number.isNaN(magnitude[i]!)) continue;
      sum += magnitude[i]! ** 2;
      count++;
    }
  }
  return count === 0 ? 1 : sum / count / spread.length;
}
