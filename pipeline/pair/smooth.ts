/** Spread of the smoothing of both evidences (px). */
export const smoothSigmaPx = 1.5;
/** Reach of the kernel, 3.3 σ (px): a value depends on nothing farther away. */
export const smoothHaloPx = 5;

const taps = 2 * smoothHaloPx + 1;
const weightAt = (awayPx: number): number => Math.exp(-(awayPx ** 2) / (2 * smoothSigmaPx ** 2));
// single numbers, not an array: the loop over the taps is written out below, at a fifth of the time
const [w0, w1, w2, w3, w4, w5] = [weightAt(0), weightAt(1), weightAt(2), weightAt(3), weightAt(4), weightAt(5)];

/** One row after the pass along rows. */
interface Line {
  /** weighted sums of the values that were seen, and of 1 for each of them */
  readonly sums: Float64Array;
  readonly seen: Float64Array;
}

/**
 * Gaussian mean of the observed neighbours; NaN stays NaN and adds nothing to others.
 *
 * Each sum runs over the kernel in one order, and what is outside the window counts as unobserved: the value of a
 * pixel `smoothHaloPx` or more from the window's edge has the same bits wherever the window begins.
 *
 * @param values `[row][col]`
 */
export function smooth(values: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(values.length);
  const padded = new Float64Array(width + 2 * smoothHaloPx);
  const isSeen = new Float64Array(padded.length);
  const nothing: Line = { sums: new Float64Array(width), seen: new Float64Array(width) };
  // rows without a gap share their weights, and so do the pixels with nothing but such rows around
  const seenInWhole = alongRow(isSeen.fill(1, smoothHaloPx, smoothHaloPx + width), new Float64Array(width));
  const seenAmidWhole = acrossRows(
    Array.from({ length: taps }, () => seenInWhole),
    new Float64Array(width),
  );
  const kept = Array.from({ length: taps }, () => ({ sums: new Float64Array(width), seen: new Float64Array(width) }));
  const lineOf = (row: number): Line => {
    if (row >= height) return nothing;
    const line = kept[row % taps]!;
    const hasGap = takeRow(values.subarray(row * width, (row + 1) * width), padded, isSeen);
    alongRow(padded, line.sums);
    return { sums: line.sums, seen: hasGap ? alongRow(isSeen, line.seen) : seenInWhole };
  };
  const around = Array.from({ length: taps }, () => nothing);
  for (let row = 0; row < smoothHaloPx; row++) slide(around, lineOf(row));
  const [sums, seen] = [new Float64Array(width), new Float64Array(width)];
  for (let row = 0; row < height; row++) {
    slide(around, lineOf(row + smoothHaloPx));
    const isWhole = around.every((line) => line.seen === seenInWhole);
    acrossRows(
      around.map((line) => line.sums),
      sums,
    );
    const weights = isWhole
      ? seenAmidWhole
      : acrossRows(
          around.map((line) => line.seen),
          seen,
        );
    const start = row * width;
    for (let col = 0; col < width; col++) {
      const value = values[start + col]!;
      out[start + col] = value === value ? sums[col]! / weights[col]! : Number.NaN;
    }
  }
  return out;
}

function slide(around: Line[], next: Line): void {
  around.shift();
  around.push(next);
}

/** Values between zeros, ones where there is a value; a zero added to a sum leaves its bits as they are. */
function takeRow(values: Float32Array, padded: Float64Array, isSeen: Float64Array): boolean {
  let hasGap = false;
  for (let col = 0; col < values.length; col++) {
    const value = values[col]!;
    const isThere = value === value;
    padded[smoothHaloPx + col] = isThere ? value : 0;
    isSeen[smoothHaloPx + col] = isThere ? 1 : 0;
    hasGap ||= !isThere;
  }
  return hasGap;
}

function alongRow(line: Float64Array, out: Float64Array): Float64Array {
  for (let col = 0; col < out.length; col++)
    out[col] =
      w5 * line[col]! +
      w4 * line[col + 1]! +
      w3 * line[col + 2]! +
      w2 * line[col + 3]! +
      w1 * line[col + 4]! +
      w0 * line[col + 5]! +
      w1 * line[col + 6]! +
      w2 * line[col + 7]! +
      w3 * line[col + 8]! +
      w4 * line[col + 9]! +
      w5 * line[col + 10]!;
  return out;
}

function acrossRows(lines: readonly Float64Array[], out: Float64Array): Float64Array {
  const [a, b, c, d, e, f, g, h, i, j, k] = lines as Eleven;
  for (let col = 0; col < out.length; col++)
    out[col] =
      w5 * a[col]! +
      w4 * b[col]! +
      w3 * c[col]! +
      w2 * d[col]! +
      w1 * e[col]! +
      w0 * f[col]! +
      w1 * g[col]! +
      w2 * h[col]! +
      w3 * i[col]! +
      w4 * j[col]! +
      w5 * k[col]!;
  return out;
}

type Plane = Float64Array;
type Eleven = readonly [Plane, Plane, Plane, Plane, Plane, Plane, Plane, Plane, Plane, Plane, Plane];
