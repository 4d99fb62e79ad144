import type { Dtype, Samples } from '../types.ts';

export const dtypeBytes: Readonly<Record<Dtype, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
};

const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Zeroed samples. */
export function newSamples(dtype: Dtype, length: number): Samples {
  return new arrays[dtype](length);
}

/** Bytes seen as samples in the order of the machine; copied only where they are not aligned. */
export function samplesOver(dtype: Dtype, bytes: Uint8Array): Samples {
  const size = dtypeBytes[dtype];
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(aligned.byteLength / size));
}
