import type { Samples } from '../types.ts';
import type { Layout } from './layout.ts';
import { dtypeBytes, newSamples, samplesOver } from './samples.ts';

/** Where the samples of a block go. */
export interface Target {
  readonly data: Samples;
  /** position of the first sample of each band of the block */
  readonly starts: readonly number[];
  /** samples from one row to the next */
  readonly stride: number;
  /** columns and rows wanted, from the block's first on */
  readonly cols: number;
  readonly rows: number;
}

/**
 * Decompressed bytes of a block → samples `[sample][row][col]` of their own. `bytes` is overwritten and may stay in use.
 *
 * @param rows rows that are present
 * @param isForeign samples are in the other byte order
 */
export function unpackBlock(bytes: Uint8Array, layout: Layout, rows: number, isForeign: boolean): Samples {
  const { dtype, bits, predictor, blockWidth: cols, blockSamples: samples } = layout;
  const count = cols * rows * samples;
  if (samples === 1 && predictor === 1 && bits > 1) {
    const size = dtypeBytes[dtype];
    if (isForeign) swapBytes(bytes, size);
    return samplesOver(dtype, bytes.subarray(0, count * size));
  }
  const data = newSamples(dtype, count);
  const starts = Array.from({ length: samples }, (_, s) => s * cols * rows);
  unpackInto(bytes, layout, isForeign, { data, starts, stride: cols, cols, rows });
  return data;
}

/**
 * Decompressed bytes of a block → samples where they are wanted: predictor undone, bytes in the machine's order, bands
 * apart, in one pass over the data. `bytes` is overwritten.
 *
 * @see TIFF 6.0, section 14 (differences); TIFF Technical Note 3 (floating-point predictor)
 */
export function unpackInto(bytes: Uint8Array, layout: Layout, isForeign: boolean, target: Target): void {
  const { dtype, bits, predictor } = layout;
  if (bits === 1) return unpackBits(bytes, layout, target);
  if (predictor === 3) return unpackFloats(bytes, layout, target);
  const size = dtypeBytes[dtype];
  const source = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (isForeign) swapBytes(source, size);
  const count = Math.floor(source.length / size);
  const { buffer, byteOffset, length } = target.data;
  const from = { buffer: source.buffer, at: source.byteOffset };
  const isDelta = predictor === 2;
  if (layout.blockSamples === 1 && !isDelta) return copyRows(source, layout, target, size);
  if (size === 1) unpack8(source, new Uint8Array(buffer, byteOffset, length), layout, target, isDelta);
  else if (size === 2)
    unpack16(
      new Uint16Array(from.buffer, from.at, count),
      new Uint16Array(buffer, byteOffset, length),
      layout,
      target,
      isDelta,
    );
  else if (size === 4)
    unpack32(
      new Int32Array(from.buffer, from.at, count),
      new Int32Array(buffer, byteOffset, length),
      layout,
      target,
      isDelta,
    );
  else
    unpack64(
      new BigUint64Array(from.buffer, from.at, count),
      new BigUint64Array(buffer, byteOffset, length),
      layout,
      target,
      isDelta,
    );
}

function copyRows(
  bytes: Uint8Array,
  { blockWidth }: Layout,
  { data, starts, stride, cols, rows }: Target,
  size: number,
): void {
  const out = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const [start = 0] = starts;
  for (let row = 0; row < rows; row++) {
    const from = row * blockWidth * size;
    out.set(bytes.subarray(from, from + cols * size), (start + row * stride) * size);
  }
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength - (bytes.byteLength % size));
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}

// One function an element size: one that served all would see four array types and run at a third of the speed.

function unpack8(
  src: Uint8Array,
  out: Uint8Array,
  layout: Layout,
  { starts, stride, cols, rows }: Target,
  isDelta: boolean,
): void {
  const { blockWidth, blockSamples: samples } = layout;
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < samples; s++) {
      let from = row * blockWidth * samples + s;
      let sum = 0;
      const to = (starts[s] as number) + row * stride;
      const end = to + cols;
      if (isDelta) for (let i = to; i < end; i++, from += samples) out[i] = sum = (sum + (src[from] as number)) & 255;
      else for (let i = to; i < end; i++, from += samples) out[i] = src[from] as number;
    }
  }
}

function unpack16(src: Uint16Array, out: Uint16Array, layout: Layout, target: Target, isDelta: boolean): void {
  const { blockWidth, blockSamples: samples } = layout;
  const { starts, stride, cols, rows } = target;
  if (samples === 4) return unpackFour16(src, out, layout, target, isDelta);
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < samples; s++) {
      let from = row * blockWidth * samples + s;
      let sum = 0;
      const to = (starts[s] as number) + row * stride;
      const end = to + cols;
      if (isDelta)
        for (let i = to; i < end; i++, from += samples) out[i] = sum = (sum + (src[from] as number)) & 65_535;
      else for (let i = to; i < end; i++, from += samples) out[i] = src[from] as number;
    }
  }
}

/** Four bands, the usual scene, in one pass over the source: faster than band by band, without differences by half. */
function unpackFour16(
  src: Uint16Array,
  out: Uint16Array,
  { blockWidth }: Layout,
  { starts, stride, cols, rows }: Target,
  isDelta: boolean,
): void {
  const [first = 0, second = 0, third = 0, fourth = 0] = starts;
  for (let row = 0; row < rows; row++) {
    let from = row * blockWidth * 4;
    const skip = row * stride;
    if (!isDelta) {
      for (let col = skip; col < skip + cols; col++, from += 4) {
        out[first + col] = src[from] as number;
        out[second + col] = src[from + 1] as number;
        out[third + col] = src[from + 2] as number;
        out[fourth + col] = src[from + 3] as number;
      }
      continue;
    }
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let col = skip; col < skip + cols; col++, from += 4) {
      a = (a + (src[from] as number)) | 0;
      b = (b + (src[from + 1] as number)) | 0;
      c = (c + (src[from + 2] as number)) | 0;
      d = (d + (src[from + 3] as number)) | 0;
      out[first + col] = a;
      out[second + col] = b;
      out[third + col] = c;
      out[fourth + col] = d;
    }
  }
}

function unpack32(
  src: Int32Array,
  out: Int32Array,
  layout: Layout,
  { starts, stride, cols, rows }: Target,
  isDelta: boolean,
): void {
  const { blockWidth, blockSamples: samples } = layout;
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < samples; s++) {
      let from = row * blockWidth * samples + s;
      let sum = 0;
      const to = (starts[s] as number) + row * stride;
      const end = to + cols;
      if (isDelta) for (let i = to; i < end; i++, from += samples) out[i] = sum = (sum + (src[from] as number)) | 0;
      else for (let i = to; i < end; i++, from += samples) out[i] = src[from] as number;
    }
  }
}

function unpack64(
  src: BigUint64Array,
  out: BigUint64Array,
  layout: Layout,
  { starts, stride, cols, rows }: Target,
  isDelta: boolean,
): void {
  const { blockWidth, blockSamples: samples } = layout;
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < samples; s++) {
      let from = row * blockWidth * samples + s;
      let sum = 0n;
      const to = (starts[s] as number) + row * stride;
      for (let i = to; i < to + cols; i++, from += samples) {
        sum = isDelta ? BigInt.asUintN(64, sum + (src[from] as bigint)) : (src[from] as bigint);
        out[i] = sum;
      }
    }
  }
}

/** Rows hold all first (highest) bytes, then all second ones …, each the difference to the byte `samples` before it. */
function unpackFloats(bytes: Uint8Array, layout: Layout, { data, starts, stride, cols, rows }: Target): void {
  const { blockWidth, blockSamples: samples, rowBytes, dtype } = layout;
  const size = dtypeBytes[dtype];
  const out = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const plane = blockWidth * samples;
  for (let row = 0; row < rows; row++) {
    const first = row * rowBytes;
    for (let i = first + samples; i < first + rowBytes; i++)
      bytes[i] = (bytes[i] as number) + (bytes[i - samples] as number);
    for (let s = 0; s < samples; s++) {
      const to = ((starts[s] as number) + row * stride) * size;
      for (let b = 0; b < size; b++) {
        let from = first + b * plane + s;
        for (let i = to + size - 1 - b; i < to + cols * size; i += size, from += samples)
          out[i] = bytes[from] as number;
      }
    }
  }
}

function unpackBits(bytes: Uint8Array, { rowBytes }: Layout, { data, starts, stride, cols, rows }: Target): void {
  const [start = 0] = starts;
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++)
      data[start + row * stride + col] = ((bytes[row * rowBytes + (col >> 3)] as number) >> (7 - (col & 7))) & 1;
}
