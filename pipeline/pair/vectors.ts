import type { Raster } from '../types.ts';
import type { PairSample } from './block.ts';
import { magnitudeProbability } from './magnitude.ts';
import type { Normalisation } from './normalise.ts';
import { smooth } from './smooth.ts';
import type { PairStatistics } from './statistics.ts';

/**
 * Root mean square difference of each band over the scene after normalisation, noise included: the unit of change.
 *
 * @param noise standard deviation of each band that is no change
 */
export function differenceSpread(sample: PairSample, { gain, offset }: Normalisation, noise: readonly number[]): number[] {
  return sample.before.map((before, band) => {
    const after = sample.after[band]!;
    let sum = 0;
    for (let i = 0; i < before.length; i++) sum += (after[i]! * gain[band]! + offset[band]! - before[i]!) ** 2;
    return Math.sqrt(sum / before.length + noise[band]! ** 2);
  });
}

/**
 * Probability of change by the length of the change vector: differences of normalised bands in units of the scene's
 * own spread, smoothed.
 *
 * @param before evidence bands in the order of `statistics.bands`, `[band][row][col]`, NaN = unobserved
 * @param after as `before`, on the same grid
 * @returns `[row][col]`, 0..1, NaN where a band of either date has no value
 * @see Malila 1980, Change vector analysis; Bruzzone, Prieto 2000, doi:10.1109/36.843009
 */
export function vectorProbability(before: Raster, after: Raster, statistics: PairStatistics): Float32Array {
  const { vectors } = statistics;
  return magnitudeProbability(smooth(vectorMagnitude(before, after, statistics), before.width, before.height), vectors.evenMagnitude);
}

/** Length of the change vector in units of the scene's spread, not smoothed. */
export function vectorMagnitude(before: Raster, after: Raster, { normalisation, vectors }: PairStatistics): Float32Array {
  const pixels = before.width * before.height;
  const squares = new Float64Array(pixels);
  vectors.spread.forEach((spread, band) => {
    const gain = normalisation.gain[band]! / spread;
    const offset = normalisation.offset[band]! / spread;
    for (let i = 0, at = band * pixels; i < pixels; i++, at++) {
      const difference = after.data[at]! * gain + offset - before.data[at]! / spread;
      squares[i]! += difference * difference;
    }
  });
  return Float32Array.from(squares, Math.sqrt);
}
