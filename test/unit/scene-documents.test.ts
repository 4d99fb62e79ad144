import { describe, expect, it } from 'vitest';
import { hintsOfFlags, parseBandGroups, parseScale } from '../../pipeline/scene/hint.ts';
import { findSensor, readProductName } from '../../pipeline/scene/sensor.ts';
import { readSidecar } from '../../pipeline/scene/sidecar.ts';
import { readStacItem } from '../../pipeline/scene/stac.ts';
import { table } from '../support/scene-file.ts';

const item = (assets: unknown, properties: object = {}) =>
  JSON.stringify({
    type: 'Feature',
    stac_version: '1.0.0',
    id: 'x',
    properties: { datetime: '2023-06-01T02:36:01Z', platform: 'sentinel-2a', ...properties },
    assets,
  });
const cog = 'image/tiff; application=geotiff; profile=cloud-optimized';

const read = (value: unknown) => readSidecar('a.tif.scene.json', JSON.stringify(value));

describe('sidecar', () => {
  it('reads every field', () => {
    expect(
      read({
        bands: ['R', 'G', 'B', null],
        sensor: 'naip',
        acquired: '20200501',
        scale: 0.1,
        offset: 1,
        nodata: 'NaN',
      }),
    ).toMatchObject({
      bands: ['R', 'G', 'B', '-'],
      sensor: 'naip',
      acquired: '2020-05-01',
      scaling: { scale: 0.1, offset: 1 },
      nodata: Number.NaN,
    });
    expect(read({ scale: [1, 2], offset: [0, 3] }).scaling).toEqual([
      { scale: 1, offset: 0 },
      { scale: 2, offset: 3 },
    ]);
  });

  it.each([
    [{ bands: ['R', 7] }, 'bands[1]'],
    [{ acquired: '2020-02-30' }, 'acquired'],
    [{ scale: -1 }, 'scale'],
    [{ offset: 1 }, 'offset'],
    [{ band: ['R'] }, 'band'],
    [{ scale: [1, 2], offset: [1] }, 'offset'],
  ])('refuses %j and names the field %s', (value, field) => {
    expect(() => read(value)).toThrow(new RegExp(`^a\\.tif\\.scene\\.json: .*${field.replace('[', '\\[')}`));
  });

  it('refuses what is not JSON', () => {
    expect(() => readSidecar('a.json', '{')).toThrow(/a\.json is not JSON/);
  });
});

describe('STAC Item', () => {
  it('reads bands, scaling and nodata of STAC 1.0, telling three red edges apart', () => {
    const eo = (name: string, common_name: string) => ({
      href: `${name}.tif`,
      type: cog,
      roles: ['data'],
      'eo:bands': [{ name, common_name }],
      'raster:bands': [{ scale: 0.0001, offset: -0.1, nodata: 0 }],
    });
    const files = readStacItem(
      'i.json',
      item({
        visual: { href: 'TCI.tif', type: cog, roles: ['visual'], 'eo:bands': [{ name: 'B04', common_name: 'red' }] },
        a: eo('B05', 'rededge'),
        b: eo('B06', 'rededge'),
        c: eo('B8A', 'nir08'),
        scl: { href: 'SCL.tif', type: cog, roles: ['data'] },
        thumbnail: { href: 'p.jpg', type: 'image/jpeg' },
        'red-jp2': { href: 'B04.jp2', type: 'image/jp2', 'eo:bands': [{ name: 'B04' }] },
      }),
      table,
    );
    expect(files.map(({ href, hint }) => [href, hint.bands])).toEqual([
      ['B05.tif', ['rededge071']],
      ['B06.tif', ['rededge075']],
      ['B8A.tif', ['nir08']],
      ['SCL.tif', ['scl']],
    ]);
    expect(files[0]?.hint).toMatchObject({
      sensor: 'sentinel-2',
      acquired: '2023-06-01T02:36:01Z',
      scaling: { scale: 0.0001, offset: -0.1 },
      nodata: 0,
    });
    expect(files[3]?.hint.scaling).toBeNull();
  });

  it('leaves the offset out where the Item says that it has been applied', () => {
    const red = {
      href: 'r.tif',
      type: cog,
      'eo:bands': [{ common_name: 'red' }],
      'raster:bands': [{ scale: 0.0001, offset: -0.1 }],
    };
    const [file] = readStacItem('i.json', item({ red }, { 'earthsearch:boa_offset_applied': true }), table);
    expect(file?.hint.scaling).toEqual({ scale: 0.0001, offset: 0 });
  });

  it('reads the bands of STAC 1.1 and what the asset says for all of them', () => {
    const data = {
      href: 'x.tif',
      'raster:scale': 0.001,
      nodata: -1,
      bands: [
        { name: 'b1', 'eo:common_name': 'blue' },
        { name: 'b2', 'eo:center_wavelength': 0.84, 'raster:offset': 5 },
        { name: 'q' },
      ],
    };
    const [file] = readStacItem('i.json', item({ data }, { platform: 'kite' }), table);
    expect(file?.hint).toMatchObject({ bands: ['blue', 'nir', '-'], sensor: 'kite', nodata: [-1, -1, -1] });
    expect(file?.hint.scaling).toEqual([
      { scale: 0.001, offset: 0 },
      { scale: 0.001, offset: 5 },
      { scale: 0.001, offset: 0 },
    ]);
  });

  it('keeps GeoTIFFs without named bands when no other is there', () => {
    expect(readStacItem('i.json', item({ image: { href: 'x.tif' } }), table)[0]?.hint.bands).toBeNull();
  });

  it('refuses other JSON and names the field', () => {
    expect(() => readStacItem('i.json', '{"type":"FeatureCollection"}', table)).toThrow(
      /i\.json is not a STAC Item: type/,
    );
    expect(() => readStacItem('i.json', item({ a: { href: 'x.nc' } }), table)).toThrow(/assets: a: no GeoTIFF/);
    expect(() => readStacItem('i.json', item({ a: { href: 7 } }), table)).toThrow(/assets\.a\.href/);
  });
});

describe('flags', () => {
  it('gives one group of bands to all files or one to each', () => {
    expect(parseBandGroups('R, G,B/NIR')).toEqual([['R', 'G', 'B'], ['NIR']]);
    expect(hintsOfFlags({ bands: 'R,G' }, 2).map(({ bands }) => bands)).toEqual([
      ['R', 'G'],
      ['R', 'G'],
    ]);
    expect(hintsOfFlags({ bands: 'R/G', acquired: '20200501', scale: '2,-1' }, 2)[1]).toMatchObject({
      bands: ['G'],
      acquired: '2020-05-01',
      scaling: { scale: 2, offset: -1 },
    });
    expect(() => hintsOfFlags({ bands: 'R/G/B' }, 2)).toThrow(/3 groups for 2 files/);
    expect(() => hintsOfFlags({ bands: 'R,,B' }, 1)).toThrow(/a band name is empty/);
    expect(() => hintsOfFlags({ acquired: '2020-02-30' }, 1)).toThrow(/2020-02-30 is not a date/);
  });

  it.each(['0', '-1', 'x', '', '1,', '1,2,3', '1e999'])('refuses --scale %j', (text) => {
    expect(() => parseScale(text)).toThrow(/--scale/);
  });
});

describe('sensor table', () => {
  it.each([
    ['Sentinel-2 MSI L1C', 'sentinel-2'],
    ['S2A', 'sentinel-2'],
    ['sentinel-2c', 'sentinel-2'],
    ['LANDSAT_8', 'landsat-8'],
    ['OLI_TIRS', 'landsat-8'],
    ['Landsat 9 OLI-2', 'landsat-9'],
    ['ETM+', 'landsat-7'],
    ['高分二号', 'gf-2'],
    ['GF1-PMS', 'gf-1'],
    ['资源三号02星', 'zy-3'],
  ])('knows %s', (text, id) => {
    expect(findSensor(table, text)?.id).toBe(id);
  });

  it.each(['Sentinel-1', 'Sentinel', 'gf12', 'tmx', 'landsat', ''])('does not know %j', (text) => {
    expect(findSensor(table, text)).toBeNull();
  });

  it('does not take any file for an original product', () => {
    expect(readProductName(table, 'm_4709963_se_14_1_20120731.tif')).toBeNull();
    expect(readProductName(table, 'Boadella_2020-01-13.tif')).toBeNull();
    expect(readProductName(table, 'S2B_MSIL2A_20230601T023529_N0509_R089_T51RTQ_20230601T055500.tif')).toMatchObject({
      date: '2023-06-01',
    });
  });
});
