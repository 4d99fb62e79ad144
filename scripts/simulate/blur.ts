import { blurReachPx } from './sensor.ts';

/** Blurs planes of `count` + 2 · reach rows of `wide` px into `count` rows without the rim; keeps its scratch space. */
export function openBlur(kernel: Float64Array): (sharp: Float32Array, wide: number, count: number) => Float32Array {
  let columns = new Float32Array(0);
  let out = new Float32Array(0);
  const taps = [...kernel.keys()].filter((k) => kernel[k]! > 0);
  return (sharp, wide, count) => {
    const width = wide - 2 * blurReachPx;
    if (columns.length !== count * wide) columns = new Float32Array(count * wide);
    if (out.length !== count * width) out = new Float32Array(count * width);
    const shape = { wide, count, width };
    if (taps.length === 3)
      blurThree(sharp, columns, out, { ...shape, near: kernel[taps[1]!]!, far: kernel[taps[0]!]! });
    else blurMany(sharp, columns, out, { ...shape, kernel, taps });
    return out;
  };
}

interface BlurShape {
  readonly wide: number;
  readonly count: number;
  readonly width: number;
}

function blurThree(
  sharp: Float32Array,
  columns: Float32Array,
  out: Float32Array,
  { wide, count, width, near, far }: BlurShape & { readonly near: number; readonly far: number },
): void {
  for (let i = 0, at = blurReachPx * wide; i < columns.length; i++, at++)
    columns[i] = near * sharp[at]! + far * (sharp[at - wide]! + sharp[at + wide]!);
  for (let row = 0, to = 0; row < count; row++)
    for (let col = 0, at = row * wide + blurReachPx; col < width; col++, at++, to++)
      out[to] = near * columns[at]! + far * (columns[at - 1]! + columns[at + 1]!);
}

function blurMany(
  sharp: Float32Array,
  columns: Float32Array,
  out: Float32Array,
  { wide, count, width, kernel, taps }: BlurShape & { readonly kernel: Float64Array; readonly taps: readonly number[] },
): void {
  columns.fill(0);
  out.fill(0);
  for (const k of taps) {
    const weight = kernel[k]!;
    for (let i = 0, from = k * wide; i < columns.length; i++, from++) columns[i]! += weight * sharp[from]!;
  }
  for (const k of taps) {
    const weight = kernel[k]!;
    for (let row = 0; row < count; row++)
      for (let col = 0, from = row * wide + k, to = row * width; col < width; col++, from++, to++)
        out[to]! += weight * columns[from]!;
  }
}
