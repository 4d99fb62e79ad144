import type { Dtype, Samples } from '../../pipeline/types.ts';

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

const ranges: Readonly<Record<Dtype, readonly [from: number, to: number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  float32: [-1000, 3000],
  float64: [-1e9, 1e9],
};

/** A texture that uses the whole range of its type, `[band][row][col]`; waves with steps, runs and noise, always the same. */
export function madeRaster(dtype: Dtype, width: number, height: number, bands: number): Samples {
  const data = new arrays[dtype](width * height * bands);
  const [from, to] = ranges[dtype];
  const isFloat = dtype.startsWith('float');
  let noise = 12_345;
  for (let band = 0, at = 0; band < bands; band++)
    for (let row = 0; row < height; row++)
      for (let col = 0; col < width; col++, at++) {
        noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
        const wave =
          0.5 + 0.45 * Math.sin(col / (11 + band) + row / 23) + (col % 64 < 20 ? 0 : (noise >>> 16) / 65_536 / 20);
        const value = from + (to - from) * Math.min(1, Math.max(0, wave));
        data[at] = isFloat ? value : Math.round(value);
      }
  return data;
}
