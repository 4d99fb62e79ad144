import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import type { Samples } from '../../pipeline/types.ts';
import { fileError, fileSpools, openFileSink } from '../../workers/images/file-sink.ts';
import { complete, encode, rasterOf, shapeRaster, wgs84, type Options } from '../support/cog-raster.ts';
import { memorySink } from '../support/memory-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'cog-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = (data: Samples) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

describe('our own reader gives back', () => {
  const wide = { width: 1100, height: 700 };
  test.each<[string, Options]>([
    ['codes', { ...wide, nodata: 255, metadata: { CLASSES: '{"0":"built <bare>"}', THRESHOLD: '125' } }],
    ['continuous bytes', { ...wide, overview: 'average' }],
    [
      'bands of 16 bits in degrees',
      { ...wide, bands: 3, dtype: 'uint16', overview: 'average', crs: wgs84, affine: [1e-4, 0, 120.5, 0, -1e-4, 30.9] },
    ],
    [
      'floats on a turned grid',
      { ...wide, bands: 2, dtype: 'float32', overview: 'average', affine: [8, 5, 3e5, 5, -8, 34e5] },
    ],
    ['a BigTIFF', { ...wide, forceBigTiff: true }],
  ])('%s', async (_name, partial) => {
    const options = complete(partial);
    const raster = shapeRaster(partial);
    const bytes = await encode(options, raster);
    const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
    const file = await openGeotiff({ uri: 'memory', size: bytes.length, read, close: async () => {} });
    const { width, height, bands, crs, affine, metadata, overviews } = file;
    expect({ width, height, bands: bands.length, affine, epsg: crs?.epsg }).toEqual({
      ...wide,
      bands: options.bands,
      affine: options.affine,
      epsg: options.crs?.epsg,
    });
    expect(metadata).toMatchObject(options.metadata ?? {});
    expect(bands[0]).toMatchObject({ dtype: options.dtype, nodata: options.nodata ?? null });
    expect(overviews.map((overview) => overview.width)).toEqual([550, 275]);
    const whole = await file.readWindow(
      { col: 0, row: 0, ...wide },
      bands.map((_, band) => band),
    );
    expect(Buffer.compare(bytesOf(whole.data), bytesOf(raster.data))).toBe(0);
    await file.close();
  });
});

describe('the writer', () => {
  test('gives the same bytes however rows arrive, tiles are spooled and threads run', async () => {
    const options = complete({ width: 1300, height: 1111, bands: 2, dtype: 'uint16', overview: 'average' });
    const raster = rasterOf(options);
    const whole = await encode(options, raster);
    expect(Buffer.compare(await encode({ ...options, concurrency: 7 }, raster, 100), whole)).toBe(0);
    const spooled = await encode({ ...options, concurrency: 1, spool: fileSpools(join(folder, 'spool')) }, raster, 513);
    expect(Buffer.compare(spooled, whole)).toBe(0);
  });

  test('refuses rows that do not fit and an early end', async () => {
    const options = complete({ width: 4, height: 4 });
    const writer = await openCogWriter(options);
    await expect(writer.writeRows(rasterOf({ ...options, width: 5 }))).rejects.toMatchObject({ code: 'BUG' });
    await expect(writer.finish(memorySink())).rejects.toMatchObject({ code: 'BUG' });
    await writer.writeRows(rasterOf(options));
    await expect(writer.writeRows(rasterOf(options))).rejects.toMatchObject({ code: 'BUG' });
  });

  test('refuses what TIFF cannot hold', async () => {
    await expect(openCogWriter(complete({ width: 0, height: 4 }))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(
      openCogWriter(complete({ width: 4, height: 4, dtype: 'float32', predictor: 2 })),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(openCogWriter(complete({ width: 4, height: 4, dtype: 'uint16', palette: [] }))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  test('a file stands under its name only when it is whole', async () => {
    const path = join(folder, 'atomic.bin');
    const given = await openFileSink(path);
    await given.write(new Uint8Array([1, 2, 3]));
    await given.discard();
    expect(readdirSync(folder).filter((name) => name.startsWith('atomic'))).toEqual([]);
    const sink = await openFileSink(path);
    await sink.write(new Uint8Array(3_000_000).fill(7));
    await sink.write(new Uint8Array([1, 2, 3]));
    await sink.patch(1, new Uint8Array([9]));
    await sink.publish();
    await sink.discard();
    const bytes = readFileSync(path);
    expect([bytes.length, bytes[0], bytes[1], bytes.at(-1)]).toEqual([3_000_003, 7, 9, 3]);
    expect(readdirSync(folder).filter((name) => name.startsWith('atomic'))).toEqual(['atomic.bin']);
  });

  test('an unwritable place is named', async () => {
    await expect(openFileSink(join(folder, 'absent', 'x.tif'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a full disk is said to be one', () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    expect(fileError(full, '/out/x.tif')).toMatchObject({
      code: 'EXHAUSTED',
      message: expect.stringContaining('/out/x.tif'),
    });
  });
});
