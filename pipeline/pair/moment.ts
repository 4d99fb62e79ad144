/** Weighted mean of each column and covariance of all pairs of columns, summed in the order of the pixels. */
export interface Moments {
  readonly mean: readonly number[];
  /** symmetric, `[column][column]`, divided by the sum of weights */
  readonly covariance: readonly (readonly number[])[];
  readonly weight: number;
}

/**
 * @param columns arrays of one length
 * @param weights ≥ 0, one a pixel; their sum must not be 0
 */
export function momentsOf(columns: readonly Float64Array[], weights: Float64Array): Moments {
  const weight = sumOf(weights);
  const mean = columns.map((column) => dot(column, weights) / weight);
  const covariance = columns.map(() => new Array<number>(columns.length).fill(0));
  // a stretch of pixels at a time: whole centred columns would be ten times the memory of a sample, every iteration
  const centred = columns.map(() => new Float64Array(stretchPx));
  const weighted = columns.map(() => new Float64Array(stretchPx));
  for (let start = 0; start < weights.length; start += stretchPx) {
    const count = Math.min(stretchPx, weights.length - start);
    for (const [k, column] of columns.entries())
      centre(column.subarray(start, start + count), mean[k]!, weights.subarray(start), [centred[k]!, weighted[k]!]);
    for (const [i, row] of covariance.entries())
      for (let j = i; j < columns.length; j++) row[j] = addDot(row[j]!, weighted[i]!, centred[j]!, count);
  }
  for (let i = 0; i < columns.length; i++)
    for (let j = i; j < columns.length; j++) covariance[i]![j] = covariance[j]![i] = covariance[i]![j]! / weight;
  return { mean, covariance, weight };
}

const stretchPx = 1024;

function centre(
  values: Float64Array,
  mean: number,
  weights: Float64Array,
  [centred, weighted]: readonly [Float64Array, Float64Array],
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! - mean;
    centred[i] = value;
    weighted[i] = value * weights[i]!;
  }
}

function addDot(start: number, a: Float64Array, b: Float64Array, count: number): number {
  let sum = start;
  for (let i = 0; i < count; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
