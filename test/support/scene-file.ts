import { readFileSync } from 'node:fs';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { GeotiffBand, GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import { sensorTableSchema } from '../../pipeline/scene/sensor.ts';

export const table = sensorTableSchema.parse(
  JSON.parse(readFileSync(new URL('../../config/sensors.json', import.meta.url), 'utf8')),
);

export function bandOf(band: Partial<GeotiffBand> = {}): GeotiffBand {
  return {
    description: null,
    dtype: 'uint16',
    nodata: null,
    scale: null,
    offset: null,
    colour: null,
    wavelengthNm: null,
    metadata: {},
    ...band,
  };
}

const unread = () => Promise.reject(new Error('not to be read'));

/** A header without pixels: 100 × 100 at 10 m in UTM 51 N; reading it fails the test. */
export function fileOf(
  uri: string,
  bands: readonly Partial<GeotiffBand>[],
  rest: Partial<GeotiffFile> = {},
): GeotiffFile {
  return {
    uri,
    bytes: 1000,
    width: 100,
    height: 100,
    bands: bands.map(bandOf),
    crs: crsFromEpsg(32651),
    crsProblem: null,
    affine: [10, 0, 300_000, 0, -10, 3_400_000],
    metadata: {},
    dateTime: null,
    description: null,
    compression: 'none',
    tiled: true,
    blockPx: { width: 256, height: 256 },
    overviews: [],
    interleave: 'pixel',
    bigEndian: false,
    bigTiff: false,
    alphaIndex: null,
    hasMask: false,
    palette: null,
    readWindow: unread,
    readMask: unread,
    close: () => Promise.resolve(),
    ...rest,
  };
}

export const described = (...names: readonly string[]): Partial<GeotiffBand>[] =>
  names.map((description) => ({ description }));
