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

/**
 * Robust length of the change vector, not smoothed: the shortest way from a pixel of either date to the pixel or one of
 * its four neighbours on the other, the longer of both; an edge that lies up to a pixel aside is no change.
 *
 * @see Thonfeld et al. 2016, doi:10.1016/j.jag.2016.03.006
 */
export function vectorMagnitude(before: Raster, after: Raster, units: VectorUnits): Float32Array {
  const { width, height } = before;
  const out = new Float32Array(width * height);
  const rowOf = rowReader(before, after, units);
  const [here, right, left] = [unseen(width), unseen(width), unseen(width)];
  // a way between two rows is looked at from both of its ends: kept for the next row
  let [down, up, downFromAbove, upFromBelow] = [unseen(width), unseen(width), unseen(width), unseen(width)];
  let now = rowOf(0);
  for (let row = 0; row < height; row++) {
    squaredLengths(now.first, now.second, 0, here);
    squaredLengths(now.first, now.second, 1, right);
    squaredLengths(now.first, now.second, -1, left);
    if (row + 1 < height) {
      const next = rowOf(row + 1);
      squaredLengths(now.first, next.second, 0, down);
      squaredLengths(next.first, now.second, 0, upFromBelow);
      now = next;
    } else for (const way of [down, upFromBelow]) way.fill(Number.NaN);
    longerOfShortest({ here, right, left, down, up, downFromAbove, upFromBelow }, out, row * width);
    [down, downFromAbove] = [downFromAbove, down];
    [up, upFromBelow] = [upFromBelow, up];
  }
  return out;
}

const unseen = (width: number): Float32Array => new Float32Array(width).fill(Number.NaN);

/** Both dates of a row in units of the spread, date 2 looking like date 1; `[band]` `[col]`. */
interface Row {
  readonly first: readonly Float64Array[];
  readonly second: readonly Float64Array[];
}

/** Rows from the top; a row is good until the next but one. */
function rowReader(before: Raster, after: Raster, { normalisation, vectors }: VectorUnits): (row: number) => Row {
  const { width, height } = before;
  const lines = (): Float64Array[] => vectors.spread.map(() => new Float64Array(width));
  const kept = [0, 1].map(() => ({ first: lines(), second: lines() }));
  return (row) => {
    const { first, second } = kept[row % 2]!;
    for (const [band, spread] of vectors.spread.entries()) {
      const unit = 1 / spread;
      const [gain, offset] = [normalisation.gain[band]! * unit, normalisation.offset[band]! * unit];
      const start = (band * height + row) * width;
      scaleRow(before.data, start, { factor: unit, offset: 0 }, first[band]!);
      scaleRow(after.data, start, { factor: gain, offset }, second[band]!);
    }
    return { first, second };
  };
}

function scaleRow(
  data: Float32Array,
  start: number,
  { factor, offset }: { readonly factor: number; readonly offset: number },
  out: Float64Array,
): void {
  for (let col = 0; col < out.length; col++) out[col] = data[start + col]! * factor + offset;
}

/** Squared length from each pixel of a row of date 1 to the one `right` of it in a row of date 2; NaN where that lies outside. */
function squaredLengths(
  first: readonly Float64Array[],
  second: readonly Float64Array[],
  right: number,
  out: Float32Array,
): void {
  const sums = new Float64Array(out.length);
  const [from, to] = [Math.max(0, -right), out.length - Math.max(0, right)];
  const last = first.length - 1;
  for (let band = 0; band < last; band += 2) {
    const [x, y, v, w] = [first[band]!, second[band]!, first[band + 1]!, second[band + 1]!];
    for (let col = from; col < to; col++) {
      const one = y[col + right]! - x[col]!;
      const other = w[col + right]! - v[col]!;
      sums[col] = sums[col]! + one * one + other * other;
    }
  }
  if (last % 2 === 0) {
    const [x, y] = [first[last]!, second[last]!];
    for (let col = from; col < to; col++) sums[col]! += (y[col + right]! - x[col]!) ** 2;
  }
  for (let col = from; col < to; col++) out[col] = sums[col]!;
}

/** Squared lengths of a row's ways; `up…` and `down…` from and to the rows beside it. */
interface Ways {
  readonly here: Float32Array;
  readonly right: Float32Array;
  readonly left: Float32Array;
  readonly down: Float32Array;
  readonly up: Float32Array;
  readonly downFromAbove: Float32Array;
  readonly upFromBelow: Float32Array;
}

/**
 * Squares are not negative, so their bits stand in the order of their values, NaN (a neighbour that was not seen explains
 * nothing) above all: whole numbers have a minimum without a branch, and these branches could not be predicted.
 */
const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Int32Array => new Int32Array(buffer, byteOffset, length);
const magnitudeBits = 0x7fff_ffff;

function longerOfShortest(ways: Ways, out: Float32Array, start: number): void {
  const [here, right, left] = [bitsOf(ways.here), bitsOf(ways.right), bitsOf(ways.left)];
  const [down, up] = [bitsOf(ways.down), bitsOf(ways.up)];
  const [downFromAbove, upFromBelow] = [bitsOf(ways.downFromAbove), bitsOf(ways.upFromBelow)];
  const longer = new Int32Array(here.length);
  const last = here.length - 1;
  for (let col = 0; col <= last; col++) {
    const own = here[col]! & magnitudeBits;
    const fromBefore = least(least(own, right[col]!), least(left[col]!, least(down[col]!, up[col]!)));
    // at the ends of a row the pixel itself stands in for the neighbour that is not there
    const ofLeft = col > 0 ? right[col - 1]! : own;
    const ofRight = col < last ? left[col + 1]! : own;
    const fromAfter = least(least(own, ofLeft), least(ofRight, least(downFromAbove[col]!, upFromBelow[col]!)));
    const difference = fromBefore - fromAfter;
    longer[col] = fromBefore - (difference & (difference >> 31));
  }
  const squares = new Float32Array(longer.buffer);
  for (let col = 0; col <= last; col++)
    out[start + col] = Number.isNaN(ways.here[col]!) ? Number.NaN : Math.sqrt(squares[col]!);
}

/** The smaller of two numbers below 2³¹, sign bits dropped. */
function least(a: number, b: number): number {
  const [x, y] = [a & magnitudeBits, b & magnitudeBits];
  const difference = x - y;
  return y + (difference & (difference >> 31));
}
