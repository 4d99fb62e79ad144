import type { Raster } from '../types.ts';
import { magnitudeProbability } from './magnitude.ts';
import { smooth } from './smooth.ts';
import type { PairStatistics } from './statistics-format.ts';

/**
 * Probability of change by IR-MAD: root of the χ² statistic, smoothed, against the scene's own spread.
 *
 * @param before evidence bands in the order of `statistics.bands`, `[band][row][col]`, NaN = unobserved
 * @param after as `before`, on the same grid
 * @returns `[row][col]`, 0..1, NaN where a band of either date has no value
 */
export function irmadProbability(before: Raster, after: Raster, statistics: PairStatistics): Float32Array {
  const { irmad } = statistics;
  return magnitudeProbability(
    smooth(irmadMagnitude(before, after, statistics), before.width, before.height),
    irmad.evenMagnitude,
  );
}

/** Root of the sum of squared differences of canonical variates, not smoothed. */
export function irmadMagnitude(before: Raster, after: Raster, { irmad }: PairStatistics): Float32Array {
  const pixels = before.width * before.height;
  const bands = irmad.offset.length;
  const [a, b, offset] = [irmad.before.flat(), irmad.after.flat(), irmad.offset];
  const x = new Float64Array(bands);
  const y = new Float64Array(bands);
  const out = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    for (let band = 0; band < bands; band++) {
      x[band] = before.data[band * pixels + i]!;
      y[band] = after.data[band * pixels + i]!;
    }
    let squares = 0;
    for (let variate = 0, k = 0; variate < bands; variate++) {
      let difference = -offset[variate]!;
      for (let band = 0; band < bands; band++, k++) difference += a[k]! * x[band]! - b[k]! * y[band]!;
      squares += difference * difference;
    }
    out[i] = Math.sqrt(squares);
  }
  return out;
}
