import type { BandName } from '../types.ts';
import { sampledPlaces, valuesAt, type PairBlock } from './block.ts';

/** Distribution of each band of one date over the ground seen on both. */
export interface BandQuantiles {
  readonly bands: BandName[];
  /** ascending, 0..1 */
  readonly fractions: number[];
  /** `[band][fraction]`, reflectance (or DN), ascending */
  readonly quantiles: number[][];
}

/** Even steps for matching and scaling; the ends stay off the extremes, which are glint and defects. */
export const quantileFractions: readonly number[] = [
  0.002,
  ...Array.from({ length: 31 }, (_, k) => 0.02 + (0.96 * k) / 30),
  0.998,
];

/**
 * Quantiles of all bands of one date; a band without a value gets zeros.
 *
 * @param bands names of the raster's bands, in its order
 */
export function bandQuantiles(
  blocks: readonly PairBlock[],
  side: 'before' | 'after',
  bands: readonly BandName[],
): BandQuantiles {
  const places = sampledPlaces(blocks);
  const quantiles = bands.map((_, band) => {
    const values = Float32Array.from(valuesAt(places, side, band))
      .filter((value) => Number.isFinite(value))
      .sort();
    return quantileFractions.map((fraction) => quantileOfSorted(values, fraction));
  });
  return { bands: [...bands], fractions: [...quantileFractions], quantiles };
}

/** Linear between the two nearest values; 0 where there is none. */
export function quantileOfSorted(sorted: ArrayLike<number>, fraction: number): number {
  const at = fraction * Math.max(0, sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** Value at a fraction of a band's distribution, linear between the quantiles. */
export function quantileAt({ fractions, quantiles }: BandQuantiles, band: number, fraction: number): number {
  const values = quantiles[band] ?? [];
  const above = fractions.findIndex((value) => value >= fraction);
  if (above <= 0) return values[above === 0 ? 0 : values.length - 1] ?? 0;
  const [low, high] = [fractions[above - 1]!, fractions[above]!];
  const [from, to] = [values[above - 1]!, values[above]!];
  return from + ((to - from) * (fraction - low)) / (high - low);
}
