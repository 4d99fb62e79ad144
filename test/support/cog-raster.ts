import { openCogWriter, type CogOptions } from '../../pipeline/raster/cog.ts';
import type { Crs, Raster, Samples } from '../../pipeline/types.ts';
import { memorySink } from './memory-sink.ts';

export const wgs84: Crs = {
  epsg: 4326,
  definition: '+proj=longlat +datum=WGS84 +no_defs',
  name: 'WGS 84',
  isGeographic: true,
};
export const utm51: Crs = {
  epsg: 32651,
  definition: '+proj=utm +zone=51 +datum=WGS84 +units=m +no_defs',
  name: 'WGS 84 / UTM zone 51N',
  isGeographic: false,
};

export type Options = Partial<CogOptions> & { width: number; height: number };

export function complete(options: Options): CogOptions {
  return {
    bands: 1,
    dtype: 'uint8',
    crs: utm51,
    affine: [10, 0, 300_000, 0, -10, 3_400_000],
    overview: 'mode',
    ...options,
  };
}

/** Blocky codes 0..6 with a touch of noise; deterministic. */
export function codeAt(band: number, row: number, col: number): number {
  const cell = Math.imul((row >> 4) * 31 + (col >> 4) * 17 + band * 7 + 1, 0x9e37_79b1) >>> 29;
  return Math.imul(row * 8191 + col, 0x85eb_ca6b) >>> 24 < 8 ? (cell + 1) % 7 : cell % 7;
}

export function rasterOf(options: CogOptions, value = codeAt): Raster<Samples> {
  const { width, height, bands, dtype } = options;
  const length = width * height * bands;
  const data =
    dtype === 'uint8'
      ? new Uint8Array(length)
      : dtype === 'uint16'
        ? new Uint16Array(length)
        : dtype === 'int16'
          ? new Int16Array(length)
          : new Float32Array(length);
  for (let band = 0, at = 0; band < bands; band++)
    for (let row = 0; row < height; row++) for (let col = 0; col < width; col++) data[at++] = value(band, row, col);
  return { data, width, height, bands };
}

function rowsOf(raster: Raster<Samples>, from: number, count: number): Raster<Samples> {
  const parts = Array.from({ length: raster.bands }, (_, band) => {
    const start = (band * raster.height + from) * raster.width;
    return [...raster.data.subarray(start, start + count * raster.width)];
  });
  const data = raster.data.slice(0, count * raster.width * raster.bands);
  data.set(parts.flat());
  return { data, width: raster.width, height: count, bands: raster.bands };
}

export async function encode(
  options: CogOptions,
  raster: Raster<Samples>,
  rowsAtOnce = raster.height,
): Promise<Uint8Array> {
  const writer = await openCogWriter(options);
  for (let row = 0; row < raster.height; row += rowsAtOnce)
    await writer.writeRows(
      rowsAtOnce === raster.height ? raster : rowsOf(raster, row, Math.min(rowsAtOnce, raster.height - row)),
    );
  const sink = memorySink();
  await writer.finish(sink);
  return sink.bytes();
}

/** The raster of a shape: codes, for floats fractions of them. */
export function shapeRaster(partial: Options): Raster<Samples> {
  const options = complete(partial);
  return rasterOf(options, options.dtype === 'float32' ? (b, r, c) => codeAt(b, r, c) * 0.37 - 1 : codeAt);
}
