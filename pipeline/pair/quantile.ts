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

/**
 * The value that stands at `rank` once sorted; a fifth of the time of sorting, and the same value.
 *
 * @param values without NaN; are put in another order
 * @param rank 0..length − 1
 * @see Hoare 1961, doi:10.1145/366622.366647 (FIND)
 */
export function orderStatistic(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[rank]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (pivot < values[j]!) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (j < rank) low = i;
    if (rank < i) high = j;
  }
  return values[rank]!;
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
