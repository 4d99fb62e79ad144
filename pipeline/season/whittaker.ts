/**
 * Whittaker smoothing with second differences: least squares to the weighted values plus `lambda` times the squared
 * second differences of the curve, by one pass over a band matrix of five diagonals.
 *
 * @param values one a step of equal length; those of weight 0 may be NaN
 * @param weights 0 = not seen; two seen steps make a line, one a constant
 * @param lambda how stiff: 1 follows steps of a few, 100 a season
 * @returns a value a step; NaN throughout where nothing was seen
 * @see Eilers 2003, doi:10.1021/ac034173t
 */
export function whittaker(values: ArrayLike<number>, weights: ArrayLike<number>, lambda: number): Float64Array {
  const n = values.length;
  const out = new Float64Array(n);
  // a trace of ridge holds slope and level where fewer than two steps were seen
  const ridge = 1e-9;
  let [total, sum] = [0, 0];
  for (let i = 0; i < n; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    total += weight;
    sum += weight * values[i]!;
  }
  if (total === 0) return out.fill(Number.NaN);
  const mean = sum / total;
  const [diagonal, first, second] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k + 2 < n; k++) {
    const row = [1, -2, 1] as const;
    for (const a of [0, 1, 2] as const) {
      diagonal[k + a]! += lambda * row[a] * row[a];
      if (a < 2) first[k + a]! += lambda * row[a] * row[a + 1]!;
    }
    second[k]! += lambda;
  }
  for (let i = 0; i < n; i++) {
    diagonal[i]! += weights[i]! + ridge;
    out[i] = weights[i] === 0 ? 0 : weights[i]! * (values[i]! - mean);
  }
  // LDLᵀ of the band, forward then backward
  for (let i = 0; i < n; i++) {
    if (i >= 1) diagonal[i]! -= first[i - 1]! ** 2 * diagonal[i - 1]!;
    if (i >= 2) diagonal[i]! -= second[i - 2]! ** 2 * diagonal[i - 2]!;
    if (i + 1 < n) {
      if (i >= 1) first[i]! -= second[i - 1]! * first[i - 1]! * diagonal[i - 1]!;
      first[i]! /= diagonal[i]!;
    }
    if (i + 2 < n) second[i]! /= diagonal[i]!;
    if (i >= 1) out[i]! -= first[i - 1]! * out[i - 1]!;
    if (i >= 2) out[i]! -= second[i - 2]! * out[i - 2]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    out[i]! /= diagonal[i]!;
    if (i + 1 < n) out[i]! -= first[i]! * out[i + 1]!;
    if (i + 2 < n) out[i]! -= second[i]! * out[i + 2]!;
  }
  for (let i = 0; i < n; i++) out[i]! += mean;
  return out;
}
