/** Spread of the smoothing of both evidences (px). */
export const smoothSigmaPx = 1.5;
/** Reach of the kernel, 3.3 σ (px): a value depends on nothing farther away. */
export const smoothHaloPx = 5;

const weights = Float64Array.from({ length: 2 * smoothHaloPx + 1 }, (_, i) =>
  Math.exp(-((i - smoothHaloPx) ** 2) / (2 * smoothSigmaPx ** 2)),
);

/**
 * Gaussian mean of the observed neighbours; NaN stays NaN and adds nothing to others.
 *
 * Each sum runs over the kernel in one order, and what is outside the window counts as unobserved: the value of a
 * pixel `smoothHaloPx` or more from the window's edge has the same bits wherever the window begins.
 *
 * @param values `[row][col]`
 */
export function smooth(values: Float32Array, width: number, height: number): Float32Array {
  const sums = new Float64Array(values.length);
  const seen = new Float64Array(values.length);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const first = Math.max(-smoothHaloPx, -col);
      const last = Math.min(smoothHaloPx, width - 1 - col);
      const at = row * width + col;
      let sum = 0;
      let weight = 0;
      for (let k = first; k <= last; k++) {
        const value = values[at + k]!;
        if (value !== value) continue;
        const w = weights[k + smoothHaloPx]!;
        sum += w * value;
        weight += w;
      }
      sums[at] = sum;
      seen[at] = weight;
    }
  }
  return columnMeans(values, sums, seen, { width, height });
}

function columnMeans(
  values: Float32Array,
  sums: Float64Array,
  seen: Float64Array,
  { width, height }: { readonly width: number; readonly height: number },
): Float32Array {
  const out = new Float32Array(values.length);
  const rowSum = new Float64Array(width);
  const rowWeight = new Float64Array(width);
  for (let row = 0; row < height; row++) {
    rowSum.fill(0);
    rowWeight.fill(0);
    const first = Math.max(-smoothHaloPx, -row);
    const last = Math.min(smoothHaloPx, height - 1 - row);
    for (let k = first; k <= last; k++) {
      const w = weights[k + smoothHaloPx]!;
      const from = (row + k) * width;
      for (let col = 0; col < width; col++) {
        rowSum[col]! += w * sums[from + col]!;
        rowWeight[col]! += w * seen[from + col]!;
      }
    }
    for (let col = 0; col < width; col++) {
      const at = row * width + col;
      out[at] = Number.isNaN(values[at]!) ? Number.NaN : rowSum[col]! / rowWeight[col]!;
    }
  }
  return out;
}
