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
  const centred = columns.map((column, k) => column.map((value) => value - mean[k]!));
  const weighted = centred.map((column) => column.map((value, i) => value * weights[i]!));
  const covariance = columns.map(() => new Array<number>(columns.length).fill(0));
  for (let i = 0; i < columns.length; i++) {
    for (let j = i; j < columns.length; j++) {
      const value = dot(weighted[i]!, centred[j]!) / weight;
      covariance[i]![j] = value;
      covariance[j]![i] = value;
    }
  }
  return { mean, covariance, weight };
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
