import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import type { Dtype, Samples } from '../../pipeline/types.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { madeRaster } from '../support/made-raster.ts';

const [width, height, bands] = [203, 150, 3];
const tiled = ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48'];
const strips = ['BLOCKYSIZE=16'];
const band = ['INTERLEAVE=BAND'];
const big = ['ENDIANNESS=BIG'];
const dtypes: readonly Dtype[] = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'];
type Case = readonly [dtype: Dtype, options: readonly string[]];

/** What GDAL 3.6 writes big-endian and cannot read back itself: predictor 3, and LERC of floats (swapped, some are NaN). */
const isLostInBigEndian = (dtype: Dtype, options: readonly string[]) =>
  options.includes('PREDICTOR=3') || (dtype.startsWith('float') && options.includes('COMPRESS=LERC'));

const everyType: Case[] = dtypes.flatMap((dtype): Case[] => {
  const compressions = [
    ['COMPRESS=NONE'],
    ['COMPRESS=DEFLATE'],
    ['COMPRESS=DEFLATE', 'PREDICTOR=2'],
    ['COMPRESS=LZW'],
    ['COMPRESS=ZSTD', 'PREDICTOR=2'],
    ['COMPRESS=PACKBITS'],
    ['COMPRESS=LERC'],
    ...(dtype.startsWith('float')
      ? [
          ['COMPRESS=DEFLATE', 'PREDICTOR=3'],
          ['COMPRESS=ZSTD', 'PREDICTOR=3'],
        ]
      : []),
  ];
  return compressions.flatMap((one): Case[] => [
    [dtype, [...one, ...tiled]],
    [dtype, [...one, ...strips, ...(isLostInBigEndian(dtype, one) ? [] : big), ...band]],
  ]);
});
const everyShape: Case[] = [
  ['uint16', ['COMPRESS=LZW', 'PREDICTOR=2', ...tiled, ...band]],
  ['uint16', ['COMPRESS=LZW', 'PREDICTOR=2', ...tiled, ...big]],
  ['uint16', ['COMPRESS=DEFLATE', 'PREDICTOR=2', ...tiled, ...big, 'BIGTIFF=YES']],
  ['uint16', ['COMPRESS=DEFLATE', 'PREDICTOR=2', 'BIGTIFF=YES']],
  ['uint16', ['COMPRESS=DEFLATE', `BLOCKYSIZE=${height}`]],
  ['uint16', [`BLOCKYSIZE=${height}`]],
  ['uint8', ['COMPRESS=LZW', `BLOCKYSIZE=${height}`]],
  ['float32', ['COMPRESS=LZW', 'PREDICTOR=3', ...tiled]],
  ['float32', ['COMPRESS=DEFLATE', 'PREDICTOR=3', ...strips, ...band]],
  ['float64', ['COMPRESS=DEFLATE', 'PREDICTOR=3', ...tiled, ...band]],
  ['uint16', ['COMPRESS=LERC_DEFLATE', ...tiled]],
  ['float32', ['COMPRESS=LERC_ZSTD', ...tiled]],
];

interface Made {
  readonly path: string;
  readonly dtype: Dtype;
  readonly options: readonly string[];
}

const write = `
import numpy as np
from osgeo import gdal_array
for one in given['cases']:
    a = np.fromfile(one['raw'], one['dtype']).reshape(given['bands'], given['height'], given['width'])
    signed = one['dtype'] == 'int8'
    code = gdal.GDT_Byte if signed else gdal_array.NumericTypeCodeToGDALTypeCode(a.dtype.type)
    options = one['options'] + (['PIXELTYPE=SIGNEDBYTE'] if signed else [])
    d = gdal.GetDriverByName('GTiff').Create(one['path'], given['width'], given['height'], given['bands'], code, options)
    d.WriteArray(a.view('uint8') if signed else a)
    d = None
print('[]')
`;

describe.skipIf(!hasGdalPython)('files that GDAL writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'formats-'));
  const truths = new Map<Dtype, Samples>(dtypes.map((dtype) => [dtype, madeRaster(dtype, width, height, bands)]));
  const cases: Made[] = [...everyType, ...everyShape].map(([dtype, options], i) => ({
    dtype,
    options,
    path: join(folder, `${i}.tif`),
  }));

  beforeAll(() => {
    for (const [dtype, data] of truths) writeFileSync(join(folder, dtype), new Uint8Array(data.buffer));
    runGdalPython(write, {
      width,
      height,
      bands,
      cases: cases.map((one) => ({ ...one, raw: join(folder, one.dtype) })),
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(cases.map((one) => [`${one.dtype} ${one.options.join(' ')}`, one] as const))(
    '%s reads sample by sample as it was',
    async (_, { path, dtype }) => {
      const file = await openGeotiff(await openFileSource(path));
      try {
        expect(file.bands.map((one) => one.dtype)).toEqual([dtype, dtype, dtype]);
        const truth = truths.get(dtype) as Samples;
        const whole = await file.readWindow({ col: 0, row: 0, width, height }, [0, 1, 2]);
        expect(firstDifference(whole.data, truth)).toBe(-1);
        const cut = { col: 61, row: 45, width: 70, height: 53 };
        const part = await file.readWindow(cut, [2, 0]);
        const wanted = [2, 0].flatMap((b) =>
          Array.from({ length: cut.height }, (_row, r) => {
            const from = (b * height + cut.row + r) * width + cut.col;
            return [...truth.subarray(from, from + cut.width)];
          }).flat(),
        );
        expect(firstDifference(part.data, wanted)).toBe(-1);
      } finally {
        await file.close();
      }
    },
  );
});

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i]) && a[i] !== b[i]) return i;
  return -1;
}
