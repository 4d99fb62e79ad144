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
  const out = new Float32Array(pixels);
  const bands = irmad.offset.map((_, band) => band);
  // a stretch of pixels at a time, in doubles, so that the passes over it stay in the nearest cache
  const stretch = (): Float64Array => new Float64Array(Math.min(stretchPx, pixels));
  const [x, y, variate, squares] = [bands.map(stretch), bands.map(stretch), stretch(), stretch()];
  for (let start = 0; start < pixels; start += stretchPx) {
    const count = Math.min(stretchPx, pixels - start);
    for (const band of bands) {
      const at = band * pixels + start;
      x[band]!.set(before.data.subarray(at, at + count));
      y[band]!.set(after.data.subarray(at, at + count));
    }
    squares.fill(0);
    for (const [k, offset] of irmad.offset.entries()) {
      const [a, b] = [irmad.before[k]!, irmad.after[k]!];
      variate.fill(-offset);
      for (let band = 0; band + 1 < bands.length; band += 2) {
        const weights = [a[band]!, b[band]!, a[band + 1]!, b[band + 1]!] as const;
        addTwo(variate, [x[band]!, y[band]!, x[band + 1]!, y[band + 1]!], weights);
      }
      if (bands.length % 2 === 1) addOne(variate, x.at(-1)!, y.at(-1)!, [a[bands.length - 1]!, b[bands.length - 1]!]);
      for (let i = 0; i < count; i++) squares[i]! += variate[i]! * variate[i]!;
    }
    for (let i = 0; i < count; i++) out[start + i] = Math.sqrt(squares[i]!);
  }
  return out;
}

const stretchPx = 1024;
type Four<T> = readonly [T, T, T, T];

/** Two bands in one pass: half the passes, two thirds of the time. */
function addTwo(variate: Float64Array, [x, y, v, w]: Four<Float64Array>, [a, b, c, d]: Four<number>): void {
  for (let i = 0; i < variate.length; i++) variate[i] = variate[i]! + (a * x[i]! - b * y[i]!) + (c * v[i]! - d * w[i]!);
}

function addOne(variate: Float64Array, x: Float64Array, y: Float64Array, [a, b]: readonly [number, number]): void {
  for (let i = 0; i < variate.length; i++) variate[i]! += a * x[i]! - b * y[i]!;
}
