import { z } from 'zod';
import { bandNames } from '../types.ts';
import { shiftSchema } from './register.ts';

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
