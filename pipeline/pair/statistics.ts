import { z } from 'zod';
import { AppError } from '../errors.ts';
import { bandNames, type BandName } from '../types.ts';
import { samplePair, type PairBlock } from './block.ts';
import { fitIrmad } from './irmad-fit.ts';
import { evenMagnitude } from './magnitude.ts';
import { fitNormalisation } from './normalise.ts';
import { bandQuantiles, quantileAt } from './quantile.ts';
import { shiftSchema, type Shift } from './register.ts';
import { smoothHaloPx } from './smooth.ts';
import { differenceSpread } from './vectors.ts';

export type { PairBlock } from './block.ts';
export { estimateShift } from './register.ts';

/** Context that IR-MAD and change vectors need around a pixel (px). */
export const evidenceHaloPx = smoothHaloPx;

const number = z.number();
const perBand = z.array(number);
const quantilesSchema = z.strictObject({
  bands: z.array(z.enum(bandNames)),
  fractions: z.array(number).describe('ascending, 0..1'),
  quantiles: z.array(perBand).describe('[band][fraction], reflectance or DN, ascending'),
});

/** All that is known of a pair of dates before a pixel is judged; fitted on a sample, plain JSON. */
export const pairStatisticsSchema = z.strictObject({
  format: z.literal('tianwatch-pair/1'),
  bands: z.array(z.enum(bandNames)).describe('evidence bands, the order of all arrays per band'),
  pixels: number.describe('pixels of the sample with all evidence bands on both dates'),
  shift: shiftSchema,
  radiometry: z.strictObject({ before: z.enum(['reflectance', 'dn']), after: z.enum(['reflectance', 'dn']) }),
  before: quantilesSchema,
  after: quantilesSchema,
  noise: perBand.describe('standard deviation that is no change'),
  normalisation: z
    .strictObject({ gain: perBand, offset: perBand, correlation: perBand })
    .describe('after · gain + offset looks like before on unchanged ground'),
  irmad: z.strictObject({
    before: z.array(perBand),
    after: z.array(perBand),
    offset: perBand,
    correlations: perBand,
    iterations: number,
    isConverged: z.boolean(),
    evenMagnitude: number,
  }),
  vectors: z.strictObject({ spread: perBand.describe('root mean square difference'), evenMagnitude: number }),
});
export type PairStatistics = z.infer<typeof pairStatisticsSchema>;

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
  const range = (bands: typeof before, band: number): number => quantileAt(bands, band, 0.98) - quantileAt(bands, band, 0.02);
  const noise = evidence.map((_, band) => noiseOf(range(before, band), range(after, band)));
  const { coefficients, noChange } = fitIrmad(sample, noise);
  const normalisation = fitNormalisation(sample, noChange);
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
    vectors: { spread: differenceSpread(sample, normalisation, noise), evenMagnitude: even },
  };
}

/** A band that is constant on both dates has none of its own; then a hundred thousandth of the unit is a difference. */
function noiseOf(before: number, after: number): number {
  return Math.max(noiseFraction * 0.5 * (before + after), 1e-5);
}
