import { describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { nameOfText, namesOfWavelengths } from '../../pipeline/scene/band-name.ts';
import { nameBands, type BandQuestion } from '../../pipeline/scene/bands.ts';
import type { SceneHint } from '../../pipeline/scene/hint.ts';
import { findSensor } from '../../pipeline/scene/sensor.ts';
import { bandOf, described, table } from '../support/scene-file.ts';

function ask(bands: readonly Parameters<typeof bandOf>[0][], rest: Partial<BandQuestion> = {}) {
  return nameBands({
    uri: 'a.tif',
    bands: bands.map(bandOf),
    alphaIndex: null,
    hints: [],
    sensor: null,
    isSensorCertain: true,
    productBand: null,
    table,
    ...rest,
  });
}
const flag = (...bands: string[]): SceneHint => ({ from: 'flag', label: '--bands', bands });
const sensor = (id: string) => findSensor(table, id);
const nothing = Array.from({ length: 4 }, () => ({}));
const rgbColours = [{ colour: 'red' }, { colour: 'green' }, { colour: 'blue' }, { colour: 'alpha' }] as const;

const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof AppError ? `${error.code} ${error.message}` : String(error);
  }
  return 'nothing';
};

describe('band names', () => {
  it.each([
    ['Blue', 'blue'],
    ['蓝', 'blue'],
    ['绿波段', 'green'],
    ['近红外', 'nir'],
    ['NIR', 'nir'],
    ['SWIR1', 'swir16'],
    ['SWIR 2', 'swir22'],
    ['red edge 1', 'rededge071'],
    ['Red_Edge-3', 'rededge078'],
    ['Band 1 (Blue)', 'blue'],
    ['波段3(红)', 'red'],
    ['B8 - NIR', 'nir'],
    ['波段1 蓝', 'blue'],
    ['Band 4 Near Infrared', 'nir'],
    ['SCL', 'scl'],
    ['cloud mask', 'cloudmask'],
    ['rededge075', 'rededge075'],
  ])('understands the word %s', (text, name) => {
    expect(nameOfText(text)).toBe(name);
  });

  it.each([
    'B4',
    'Band 1',
    'NDVI',
    'class_0shadow_1water',
    'Resize (ETM+ Meta (Band 1):L71119038_03820000317_MTL.txt) (0.482500 Micrometers)',
  ])('finds no word in %s', (text) => {
    expect(nameOfText(text)).toBeNull();
  });

  it('reads padded numbers as Sentinel-2 where the whole set fits', () => {
    expect(ask(described('B02', 'B03', 'B04', 'B08')).names).toEqual(['blue', 'green', 'red', 'nir']);
    expect(ask(described('B05', 'B06', 'B07', 'B8A', 'B11', 'B12')).names).toEqual([
      'rededge071',
      'rededge075',
      'rededge078',
      'nir08',
      'swir16',
      'swir22',
    ]);
    expect(ask(described('B2', 'B3', 'B4', 'B8A')).names).toEqual(['blue', 'green', 'red', 'nir08']);
  });

  it('does not say what B4 is without the sensor', () => {
    const names = (id: string | null) =>
      ask(described('B2', 'B3', 'B4', 'B5'), { sensor: id === null ? null : sensor(id) }).names;
    expect(names(null)).toEqual([null, null, null, null]);
    expect(names('landsat-7')).toEqual(['green', 'red', 'nir', 'swir16']);
    expect(names('landsat-8')).toEqual(['blue', 'green', 'red', 'nir']);
    expect(names('sentinel-2')).toEqual(['blue', 'green', 'red', 'rededge071']);
    expect(ask(described('SR_B4'), { sensor: sensor('landsat-8') }).names).toEqual(['red']);
  });

  it('does not take padded numbers that another padded scheme shares for Sentinel-2', () => {
    expect(ask(described('B04', 'B05', 'B06')).names).toEqual([null, null, null]);
    expect(ask(described('B02', 'B03', 'B04')).names).toEqual(['blue', 'green', 'red']);
  });

  it('takes Band 1, Band 2, … for positions that say nothing', () => {
    expect(ask(described('Band 1', 'Band 2', 'Band 3', 'Band 4'), { sensor: sensor('sentinel-2') }).names).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('uses wavelengths, the nearest to the nominal centre where several fit', () => {
    expect(namesOfWavelengths([482.5, 565, 660, 825, 1650, 2220])).toEqual([
      'blue',
      'green',
      'red',
      'nir',
      'swir16',
      'swir22',
    ]);
    expect(namesOfWavelengths([655, 664, 672, 610, null])).toEqual([null, 'red', null, null, null]);
    expect(ask([{ wavelengthNm: 655 }, { wavelengthNm: 865 }])).toEqual({ names: ['red', 'nir'], from: 'wavelength' });
  });

  it('prefers the flag to the description and the description to the wavelength', () => {
    const bands = [{ description: 'Blue', wavelengthNm: 660 }, { wavelengthNm: 660 }];
    expect(ask(bands).names).toEqual(['blue', 'red']);
    expect(ask(bands, { hints: [flag('G', '-')] })).toEqual({ names: ['green', null], from: 'flag' });
  });

  it('uses the order of the sensor table only where the band count matches', () => {
    expect(ask(nothing, { sensor: sensor('gf-2') })).toEqual({
      names: ['blue', 'green', 'red', 'nir'],
      from: 'sensor',
    });
    expect(ask(nothing.slice(1), { sensor: sensor('gf-2') }).from).toBeNull();
    expect(ask(nothing, { sensor: sensor('gf-2'), isSensorCertain: false }).from).toBeNull();
    expect(ask(nothing, { sensor: sensor('sentinel-2') }).from).toBeNull();
  });

  it('does not use an order that the file contradicts', () => {
    expect(ask(rgbColours, { sensor: sensor('gf-2'), alphaIndex: 3 }).from).toBeNull();
    expect(ask(rgbColours, { sensor: sensor('naip'), alphaIndex: 3 }).names).toEqual(['red', 'green', 'blue', 'nir']);
  });

  it('never reads colour interpretation as band names', () => {
    expect(ask(rgbColours, { alphaIndex: 3 }).from).toBeNull();
    expect(ask(rgbColours.slice(0, 3)).from).toBeNull();
  });

  it('lets a flag name all bands but a last alpha band', () => {
    expect(ask(rgbColours, { alphaIndex: 3, hints: [flag('R', 'G', 'B')] }).names).toEqual([
      'red',
      'green',
      'blue',
      null,
    ]);
    expect(ask(rgbColours, { alphaIndex: 3, hints: [flag('R', 'G', 'B', 'NIR')] }).names).toEqual([
      'red',
      'green',
      'blue',
      'nir',
    ]);
  });

  it('refuses flags that do not fit and names given twice, with the right code', () => {
    expect(codeOf(() => ask(nothing, { hints: [flag('R', 'G', 'B')] }))).toMatch(
      /^CONFIG_INVALID --bands names 3 bands .*a\.tif has 4/,
    );
    expect(codeOf(() => ask(nothing, { hints: [flag('R', 'G', 'R', '-')] }))).toMatch(
      /^CONFIG_INVALID .*bands 1 and 3 are both red/,
    );
    expect(codeOf(() => ask(nothing, { hints: [flag('R', 'G', 'X', '-')] }))).toMatch(
      /^CONFIG_INVALID .*X is no band name/,
    );
    expect(codeOf(() => ask(described('B04', 'B08', 'B04')))).toMatch(
      /^INPUT_INVALID a\.tif: bands 1 and 3 are both red/,
    );
  });

  it('names the band of an original one-band product', () => {
    expect(ask([{}], { productBand: 'B8A', sensor: sensor('sentinel-2') })).toEqual({
      names: ['nir08'],
      from: 'product',
    });
    expect(ask([{}], { productBand: 'SCL', sensor: sensor('sentinel-2') }).names).toEqual(['scl']);
    expect(ask(nothing, { productBand: 'B04', sensor: sensor('sentinel-2') }).from).toBeNull();
  });
});
