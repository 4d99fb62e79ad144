import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import type { GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import { assembleScene, type ScenePart } from '../../pipeline/scene/assemble.ts';
import { describeFile } from '../../pipeline/scene/describe.ts';
import { described, fileOf, table } from '../support/scene-file.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const part = (header: GeotiffFile): ScenePart => ({
  header,
  facts: describeFile(header, [], table, null),
  etag: null,
  sha256: hash(header.uri.split('/').at(-1) ?? ''),
  bytes: 1,
});
const fine = fileOf('/x/a_20200101_10m.tif', described('B02', 'B03', 'B04', 'B08'));
const coarse = (rest: Partial<GeotiffFile> = {}) =>
  fileOf('/x/a_20200101_20m.tif', described('B04', 'B8A', 'B12'), {
    affine: [20, 0, 300_000, 0, -20, 3_400_000],
    width: 50,
    height: 50,
    ...rest,
  });
const make = (...files: GeotiffFile[]) => assembleScene(files.map(part), hash);

const id = (file: GeotiffFile) => make(file).scene.id;

describe('a file without a place', () => {
  const todo = (rest: Partial<GeotiffFile>) => {
    try {
      make(fileOf('/x/a_20200101.tif', described('B02', 'B03', 'B04', 'B08'), rest));
    } catch (error) {
      return error instanceof AppError ? error.todo : String(error);
    }
    return 'nothing';
  };

  it('is to be reprojected where its system is not read: another one written over it would move it', () => {
    expect(todo({ crs: null, crsProblem: 'EPSG:2437 is not carried.' })).toMatch(/^Reproject it: gdalwarp/);
    expect(todo({ crs: null, crsProblem: null })).toMatch(/^Write both/);
  });

  it('is to be warped where control points are all it has', () => {
    expect(todo({ affine: null })).toMatch(/^If it has control points: gdalwarp/);
  });
});

describe('assembleScene', () => {
  it('is reflectance when the bands that are read are, whatever a band that is left out is', () => {
    const unscaled = fileOf('/x/a_20200101_30m.tif', described('Red'), {
      affine: [30, 0, 300_000, 0, -30, 3_400_000],
    });
    expect(make(unscaled).scene.radiometry).toBe('dn');
    expect(make(fine, unscaled).scene.radiometry).toBe('reflectance');
  });

  it('unites the bands of all files and takes a band that is in two from the finer one', () => {
    for (const files of [
      [fine, coarse()],
      [coarse(), fine],
    ]) {
      const { scene, problems } = make(...files);
      const at = files.indexOf(fine);
      expect(scene.bands.map(({ name }) => name).sort()).toEqual(['blue', 'green', 'nir', 'nir08', 'red', 'swir22']);
      expect(scene.bands.find(({ name }) => name === 'red')?.file).toBe(at);
      expect(problems.map(({ code }) => code)).toEqual(['BAND_TWICE']);
      expect(problems[0]?.message).toContain('it is read from /x/a_20200101_10m.tif, 10.00 m against 20.00 m');
      expect(scene.grid).toEqual(part(fine).facts.grid);
      expect(scene.gsdM).toBeCloseTo(10, 1);
      expect(scene).toMatchObject({ acquired: '2020-01-01', sensor: 'sentinel-2', radiometry: 'reflectance' });
    }
  });

  it('has an id of what is in the files, not of where they are', () => {
    expect(id({ ...fine, uri: '/elsewhere/a_20200101_10m.tif' })).toBe(id(fine));
    expect(id({ ...fine, metadata: { ACQUISITION_DATE: '2020-01-02' } })).not.toBe(id(fine));
    expect(id({ ...fine, bands: fine.bands.map((band) => ({ ...band, nodata: 7 })) })).not.toBe(id(fine));
    expect(id({ ...fine, bands: fine.bands.map((band) => ({ ...band, scale: 0.5 })) })).not.toBe(id(fine));
  });

  it('is only a matter of relative values as soon as one band has no scale', () => {
    const { scene } = make(fileOf('/x/a_20200101.tif', described('Blue', 'NIR')));
    expect(scene.radiometry).toBe('dn');
    expect(scene.bands.map(({ scale, offset }) => [scale, offset])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('takes the time of day from the file that has it and a date from any file that has one', () => {
    const timed = { ...coarse(), metadata: { SENSING_TIME: '2020-01-01T02:30:00Z' } };
    expect(make(fine, timed).scene.acquired).toBe('2020-01-01T02:30:00Z');
    expect(make(fine, coarse({ uri: '/x/b.tif' })).scene.acquired).toBe('2020-01-01');
  });

  it('refuses files that differ in date, sensor or place, naming both', () => {
    expect(() => make(fine, coarse({ uri: '/x/b_20200102.tif' }))).toThrow(
      /differ in date: .*10m\.tif: 2020-01-01, .*b_20200102\.tif: 2020-01-02/,
    );
    expect(() => make(fine, coarse({ metadata: { SENSOR: 'LANDSAT_8' }, bands: fine.bands }))).toThrow(
      /different sensors: sentinel-2, landsat-8/,
    );
    expect(() => make(fine, coarse({ affine: [20, 0, 400_000, 0, -20, 3_400_000] }))).toThrow(
      /20m\.tif lies at \[400000, .* must overlap/,
    );
  });

  it('refuses unknown bands with the flag to give, and a file without CRS', () => {
    expect(() => make(fileOf('/x/a.tif', [{}, {}, {}, {}]))).toThrow(
      /a\.tif: none of its 4 bands is known by name \(BANDS_UNKNOWN\)/,
    );
    expect(() => make({ ...fine, crs: null })).toThrow(
      /10m\.tif: it names no coordinate reference system \(CRS_UNKNOWN\)/,
    );
    expect(() => make({ ...fine, affine: [0, 0, 1, 0, 0, 1] })).toThrow(/its pixels have no area/);
  });
});
