import { z } from 'zod';
import type { BandName } from '../types.ts';

/** Per-scene distribution of the observed reflectance of each band. */
export interface SceneStatistics {
  readonly bands: readonly BandName[];
  /** ascending, 0..1; `statisticsFractions` unless measured otherwise */
  readonly fractions: readonly number[];
  /** `[band][fraction]`, reflectance (or DN where the scene has no other values), ascending */
  readonly quantiles: readonly (readonly number[])[];
}

/** Quantiles taken of a scene: the ends stay off the extremes, which are glint and defects. */
export const statisticsFractions: readonly number[] = [
  0.002,
  ...Array.from({ length: 31 }, (_, k) => 0.02 + (0.96 * k) / 30),
  0.998,
];

const fraction = z.number().min(0).max(1);

/** How reflectance becomes what a network was trained on. */
export const scalingSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('reflectance'), multiply: z.number(), add: z.number() })
    .describe('reflectance · multiply + add'),
  z
    .strictObject({
      kind: z.literal('mean-std'),
      multiply: z.number().default(1).describe('applied to reflectance first, e.g. 10000 for digital numbers'),
      mean: z.array(z.number()),
      std: z.array(z.number().positive()),
    })
    .describe('(reflectance · multiply − mean) / std, one value a band'),
  z
    .strictObject({ kind: z.literal('percentile'), low: fraction, high: fraction })
    .refine(({ low, high }) => low < high, 'low must be below high')
    .describe('scene quantiles low..high of each band become 0..1, clamped'),
  z
    .strictObject({
      kind: z.literal('joint-log'),
      low: fraction,
      high: fraction,
      reference: z
        .array(z.string())
        .min(1)
        .describe('required bands whose mean range low..high is the gain of all bands'),
      gain: z.number().positive(),
      floor: z.number().min(-1).max(0),
      centre: z.number(),
      spread: z.number().positive(),
      least: z.number().positive().describe('smallest range, so that a uniform scene is not blown up'),
    })
    .refine(({ low, high }) => low < high, 'low must be below high')
    .refine(({ gain, floor }) => 1 + gain * floor > 0, '1 + gain · floor must be positive')
    .describe('u = max((value − low quantile) / range, floor); (ln(1 + gain · u) − centre) / spread'),
]);
export type Scaling = z.infer<typeof scalingSchema>;

/** One reflectance to one network input value. */
export type BandScaling = (reflectance: number) => number;

/** Value at a fraction 0..1 of a band's distribution, linear between quantiles. */
export function quantileAt(statistics: SceneStatistics, band: number, at: number): number {
  return interpolate(statistics.fractions, statistics.quantiles[band] ?? [], at);
}

/**
 * Distribution of one date onto that of another, band by band: linear between quantiles, slope 1 outside,
 * so that new bright ground stays brighter than all that was there before.
 *
 * @param from ascending quantiles of the date to be mapped
 * @param to quantiles of the date to look like, at the same fractions
 */
export function matchTo(from: readonly number[], to: readonly number[]): BandScaling {
  const last = from.length - 1;
  const [low, high, lowTo, highTo] = [from[0] ?? 0, from[last] ?? 0, to[0] ?? 0, to[last] ?? 0];
  return (value) => {
    if (value <= low) return lowTo + (value - low);
    if (value >= high) return highTo + (value - high);
    return interpolate(from, to, value);
  };
}

/** Stretch a band of unknown units so that its 2 % and 98 % quantiles land on the expected reflectance. */
export function stretchTo(
  statistics: SceneStatistics,
  band: number,
  expected: { readonly p2: number; readonly p98: number },
): BandScaling {
  const low = quantileAt(statistics, band, 0.02);
  const range = Math.max(quantileAt(statistics, band, 0.98) - low, Number.MIN_VALUE);
  return (value) => expected.p2 + ((value - low) / range) * (expected.p98 - expected.p2);
}

/**
 * The function of one band; scene statistics are read once, here.
 *
 * @param band position of the band among the card's inputs, and in `statistics`
 * @param statistics of the scene in the card's band order, absent bands with empty quantiles
 */
export function bandScaling(scaling: Scaling, band: number, statistics: SceneStatistics): BandScaling {
  switch (scaling.kind) {
    case 'reflectance':
      return (value) => value * scaling.multiply + scaling.add;
    case 'mean-std': {
      const [mean, std] = [scaling.mean[band] ?? 0, scaling.std[band] ?? 1];
      return (value) => (value * scaling.multiply - mean) / std;
    }
    case 'percentile': {
      const low = quantileAt(statistics, band, scaling.low);
      const range = Math.max(quantileAt(statistics, band, scaling.high) - low, Number.MIN_VALUE);
      return (value) => Math.min(1, Math.max(0, (value - low) / range));
    }
    case 'joint-log': {
      const low = quantileAt(statistics, band, scaling.low);
      const range = jointRange(scaling, statistics);
      return (value) =>
        (Math.log1p(scaling.gain * Math.max((value - low) / range, scaling.floor)) - scaling.centre) / scaling.spread;
    }
  }
}

function jointRange(scaling: Extract<Scaling, { kind: 'joint-log' }>, statistics: SceneStatistics): number {
  let sum = 0;
  for (const name of scaling.reference) {
    const band = statistics.bands.findIndex((candidate) => candidate === name);
    sum += quantileAt(statistics, band, scaling.high) - quantileAt(statistics, band, scaling.low);
  }
  return Math.max(scaling.least, sum / scaling.reference.length);
}

const tableCells = 4096;

/**
 * The same function from a table, linear between 4096 cells of low..high and exact outside; for loops over pixels:
 * six bands of both dates take a quarter of the time (log1p and the search among quantiles are what costs).
 */
export function tabulate(scale: BandScaling, low: number, high: number): BandScaling {
  if (!(high > low)) return scale;
  const step = (high - low) / tableCells;
  const table = Float64Array.from({ length: tableCells + 2 }, (_, k) => scale(low + k * step));
  return (value) => {
    if (!(value >= low && value < high)) return scale(value);
    const position = (value - low) / step;
    const cell = Math.floor(position);
    const start = table[cell] as number;
    return start + (position - cell) * ((table[cell + 1] as number) - start);
  };
}

/** Piecewise linear through (xs, ys), xs ascending; ends are held. Equal xs count as one step. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0) return Number.NaN;
  if (x <= (xs[0] ?? 0)) return ys[0] ?? Number.NaN;
  if (x >= (xs[high] ?? 0)) return ys[high] ?? Number.NaN;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) <= x) low = middle;
    else high = middle;
  }
  const [x0, x1, y0, y1] = [xs[low] ?? 0, xs[high] ?? 0, ys[low] ?? 0, ys[high] ?? 0];
  return x1 > x0 ? y0 + ((x - x0) / (x1 - x0)) * (y1 - y0) : y0;
}
