const work = new Int32Array(64);

const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

/** One pass over eight numbers that are `step` apart; results are rounded and shifted right by `shift`. */
function pass(input: Int32Array, from: number, output: Int32Array, to: number, step: number, shift: number): void {
  const round = 1 << (shift - 1);
  const even2 = input[from + 2 * step] as number;
  const even6 = input[from + 6 * step] as number;
  const z1 = (even2 + even6) * 4433;
  const t2 = z1 - even6 * 15_137;
  const t3 = z1 + even2 * 6270;
  const sum = ((input[from] as number) + (input[from + 4 * step] as number)) * 8192 + round;
  const difference = ((input[from] as number) - (input[from + 4 * step] as number)) * 8192 + round;
  const odd7 = input[from + 7 * step] as number;
  const odd5 = input[from + 5 * step] as number;
  const odd3 = input[from + 3 * step] as number;
  const odd1 = input[from + step] as number;
  const z5 = (odd7 + odd3 + odd5 + odd1) * 9633;
  const a = (odd7 + odd1) * -7373;
  const b = (odd5 + odd3) * -20_995;
  const c = (odd7 + odd3) * -16_069 + z5;
  const d = (odd5 + odd1) * -3196 + z5;
  const o0 = odd7 * 2446 + a + c;
  const o1 = odd5 * 16_819 + b + d;
  const o2 = odd3 * 25_172 + b + c;
  const o3 = odd1 * 12_299 + a + d;
  output[to] = (sum + t3 + o3) >> shift;
  output[to + 7 * step] = (sum + t3 - o3) >> shift;
  output[to + step] = (difference + t2 + o2) >> shift;
  output[to + 6 * step] = (difference + t2 - o2) >> shift;
  output[to + 2 * step] = (difference - t2 + o1) >> shift;
  output[to + 5 * step] = (difference - t2 - o1) >> shift;
  output[to + 3 * step] = (sum - t3 + o0) >> shift;
  output[to + 4 * step] = (sum - t3 - o0) >> shift;
}

/**
 * Inverse cosine transform of 8 × 8 dequantised coefficients into `plane`, in 13-bit fixed point: the same integers as
 * libjpeg's `jidctint`, so that files read the same here and there.
 *
 * @see Loeffler, Ligtenberg, Moschytz: Practical fast 1-D DCT algorithms with 11 multiplications, ICASSP 1989
 */
export function inverseTransform(coefficients: Int32Array, plane: Uint8Array, at: number, stride: number): void {
  for (let col = 0; col < 8; col++) pass(coefficients, col, work, col, 8, 11);
  for (let row = 0; row < 8; row++) {
    pass(work, row * 8, work, row * 8, 1, 18);
    const to = at + row * stride;
    for (let col = 0; col < 8; col++) plane[to + col] = clamp((work[row * 8 + col] as number) + 128);
  }
}
