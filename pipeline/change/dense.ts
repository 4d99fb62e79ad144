/** A fully connected layer, rows flat. */
export interface DenseLayer {
  /** `[to][from]` */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Values of a layer, four rows at a time: an input is read once for all of them.
 *
 * @param to written; its length is that of the bias
 */
export function dense({ weights, bias }: DenseLayer, from: Float32Array, to: Float32Array, isRectified: boolean): void {
  const [wide, rows] = [from.length, to.length];
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const [b, c, d] = [(row + 1) * wide, (row + 2) * wide, (row + 3) * wide];
    let s0 = bias[row]!;
    let s1 = bias[row + 1]!;
    let s2 = bias[row + 2]!;
    let s3 = bias[row + 3]!;
    for (let k = 0, a = row * wide; k < wide; k++, a++) {
      const value = from[k]!;
      s0 += weights[a]! * value;
      s1 += weights[b + k]! * value;
      s2 += weights[c + k]! * value;
      s3 += weights[d + k]! * value;
    }
    to[row] = s0;
    to[row + 1] = s1;
    to[row + 2] = s2;
    to[row + 3] = s3;
  }
  for (; row < rows; row++) {
    let sum = bias[row]!;
    for (let k = 0, at = row * wide; k < wide; k++, at++) sum += weights[at]! * from[k]!;
    to[row] = sum;
  }
  if (isRectified) for (let i = 0; i < rows; i++) if (to[i]! < 0) to[i] = 0;
}
