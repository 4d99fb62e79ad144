import type { Raster } from '../types.ts';
import { magnitudeProbability } from './magnitude.ts';
import { smooth } from './smooth.ts';
import type { PairStatistics } from './statistics-format.ts';

/** A pixel may find its counterpart this far away (px). */
export const vectorReachPx = 1;

/**
 * Probability of change by the length of the change vector: differences of normalised bands in units of the scene's
 * own spread, smoothed.
 *
 * @param before evidence bands in the order of `statistics.bands`, `[band][row][col]`, NaN = unobserved
 * @param after as `before`, on the same grid
 * @returns `[row][col]`, 0..1, NaN where a band of either date has no value
 */
export function vectorProbability(before: Raster, after: Raster, statistics: PairStatistics): Float32Array {
  const magnitude = vectorMagnitude(before, after, statistics);
  return magnitudeProbability(smooth(magnitude, before.width, before.height), statistics.vectors.evenMagnitude);
}

/** What the length of change vectors depends on. */
export interface VectorUnits {
  readonly normalisation: Pick<PairStatistics['normalisation'], 'gain' | 'offset'>;
  readonly vectors: Pick<PairStatistics['vectors'], 'spread'>;
}

/** Right, left, down, up. */
const steps = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

/**
 * Robust length of the change vector, not smoothed: the shortest way from a pixel of either date to the pixel or one of
 * its four neighbours on the other, the longer of both; an edge that lies up to a pixel aside is no change.
 *
 * @see Thonfeld et al. 2016, doi:10.1016/j.jag.2016.03.006
 */
export function vectorMagnitude(before: Raster, after: Raster, units: VectorUnits): Float32Array {
  const { width, height } = before;
  const pixels = width * height;
  const here = squaredLengths(before, after, units, 0, 0);
  const fromBefore = here.slice();
  const fromAfter = here.slice();
  for (const [right, down] of steps) {
    const moved = squaredLengths(before, after, units, right, down);
    const offset = down * width + right;
    for (let i = 0; i < pixels; i++) {
      // NaN compares as false: a neighbour that was not seen explains nothing
      if (moved[i]! < fromBefore[i]!) fromBefore[i] = moved[i]!;
      const to = i + offset;
      if (moved[i]! < fromAfter[to]!) fromAfter[to] = moved[i]!;
    }
  }
  return here.map((value, i) => (Number.isNaN(value) ? value : Math.sqrt(Math.max(fromBefore[i]!, fromAfter[i]!))));
}

/** Squared length from each pixel of date 1 to the one (right, down) of it on date 2; NaN where that lies outside. */
function squaredLengths(
  before: Raster,
  after: Raster,
  { normalisation, vectors }: VectorUnits,
  right: number,
  down: number,
): Float32Array {
  const { width, height } = before;
  const pixels = width * height;
  const out = new Float32Array(pixels).fill(Number.NaN);
  const bands = vectors.spread.length;
  const unit = vectors.spread.map((spread) => 1 / spread);
  const gain = normalisation.gain.map((value, band) => value * unit[band]!);
  const offset = normalisation.offset.map((value, band) => value * unit[band]!);
  const [firstRow, lastRow] = [Math.max(0, -down), height - Math.max(0, down)];
  const [firstCol, lastCol] = [Math.max(0, -right), width - Math.max(0, right)];
  for (let row = firstRow; row < lastRow; row++) {
    for (let i = row * width + firstCol; i < row * width + lastCol; i++) {
      const to = i + down * width + right;
      let squares = 0;
      for (let band = 0; band < bands; band++) {
        const at = band * pixels;
        const difference = after.data[at + to]! * gain[band]! + offset[band]! - before.data[at + i]! * unit[band]!;
        squares += difference * difference;
      }
      out[i] = squares;
    }
  }
  return out;
}
