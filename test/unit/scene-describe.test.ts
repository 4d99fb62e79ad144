import { describe, expect, it } from 'vitest';
import { describeFile } from '../../pipeline/scene/describe.ts';
import type { SceneHint } from '../../pipeline/scene/hint.ts';
import { findProblems } from '../../pipeline/scene/problems.ts';
import type { FileSample } from '../../pipeline/scene/sample.ts';
import { described, fileOf, table } from '../support/scene-file.ts';

const flag: SceneHint = { from: 'flag', label: '--bands' };
const ask = (
  file: Parameters<typeof describeFile>[0],
  hints: readonly SceneHint[] = [],
  sample: FileSample | null = null,
) => describeFile(file, hints, table, sample);
const codes = (
  file: Parameters<typeof describeFile>[0],
  hints: readonly SceneHint[] = [],
  sample: FileSample | null = null,
) => findProblems(file, ask(file, hints, sample), sample).map(({ code }) => code);
const s2 = described('B02', 'B03', 'B04', 'B08');
const scalingOf = (facts: ReturnType<typeof ask>) =>
  facts.bands.map(({ scaling }) => scaling && [scaling.scale, scaling.offset, scaling.from]);
const sampleOf = (unitFraction: number, valid = 10): FileSample => ({
  isWhole: true,
  bands: [{ pixels: 10, valid, nan: 10 - valid, unitFraction }],
});

const dated = (rest: object) => fileOf('/x/a_20200105.tif', s2, rest);
const late = (metadata: Record<string, string>) =>
  fileOf('/x/a.tif', s2, { metadata: { SENSOR: 'S2A', ACQUISITION_DATE: '2023-01-01', ...metadata } });

describe('describeFile', () => {
  it('understands a Sentinel-2 pair file by its tags alone', () => {
    const facts = ask(
      fileOf('/x/paris_20160101_10m.tif', s2, {
        metadata: { ACQUISITION_DATE: '2016-01-20', SENSOR: 'Sentinel-2 MSI L1C' },
      }),
    );
    expect(facts).toMatchObject({
      sensor: 'sentinel-2',
      acquired: '2016-01-20',
      acquiredFrom: 'metadata',
      bandsFrom: 'description',
    });
    expect(scalingOf(facts)).toEqual(s2.map(() => [0.0001, 0, 'sensor']));
    expect(facts.bands[0]).toMatchObject({ nodata: null, nodataUsed: 0 });
    expect(facts.gsdM?.mean).toBeCloseTo(10, 1);
  });

  it('reads sensor and date of a stacked Landsat scene from the MTL name in its descriptions', () => {
    const bands = ['0.482500', '0.565000', '0.660000', '0.825000', '1.650000', '2.220000'].map((um, index) => ({
      dtype: 'uint8' as const,
      wavelengthNm: Number(um) * 1000,
      description: `Resize (ETM+ Meta (Band ${index + 1}):L71119038_03820030206_MTL.txt) (${um} Micrometers)`,
    }));
    const facts = ask(fileOf('/x/taizhou_2003.tif', bands));
    expect(facts.bands.map(({ name }) => name)).toEqual(['blue', 'green', 'red', 'nir', 'swir16', 'swir22']);
    expect(facts).toMatchObject({ sensor: 'landsat-7', acquired: '2003-02-06', bandsFrom: 'wavelength' });
    expect(scalingOf(facts)).toEqual(bands.map(() => null));
    expect(codes(fileOf('/x/taizhou_2003.tif', bands))).toContain('SCALE_UNKNOWN');
  });

  it('asks flag, sidecar, STAC, metadata, tag and file name for the date, in this order', () => {
    const tagged = { dateTime: '2020:01:04 10:00:00' };
    const all = { ...tagged, metadata: { ACQUISITION_DATE: '2020-01-03' } };
    const [sidecar, stac] = [
      { from: 'sidecar', label: 's', acquired: '2020-01-01' },
      { from: 'stac', label: 't', acquired: '2020-01-02' },
    ] as const;
    expect(ask(dated(all), [{ ...flag, acquired: '2019-12-31' }, sidecar, stac])).toMatchObject({
      acquired: '2019-12-31',
      acquiredFrom: 'flag',
    });
    expect(ask(dated(all), [flag, sidecar, stac])).toMatchObject({ acquired: '2020-01-01', acquiredFrom: 'sidecar' });
    expect(ask(dated(all), [flag, stac])).toMatchObject({ acquired: '2020-01-02', acquiredFrom: 'stac' });
    expect(ask(dated(all))).toMatchObject({ acquired: '2020-01-03', acquiredFrom: 'metadata' });
    expect(ask(dated(tagged))).toMatchObject({ acquired: '2020-01-04', acquiredFrom: 'tag' });
    expect(ask(dated({}))).toMatchObject({ acquired: '2020-01-05', acquiredFrom: 'name' });
  });

  it('does not choose between two dates of a file name, but knows which one an original product means', () => {
    const two = fileOf('/x/diff_20160101_20180101.tif', s2);
    expect(ask(two)).toMatchObject({ acquired: null, rivalDates: ['2016-01-01', '2018-01-01'] });
    expect(findProblems(two, ask(two), null).find(({ code }) => code === 'DATE_UNKNOWN')?.message).toContain(
      '2016-01-01 and 2018-01-01',
    );
    const landsat = ask(fileOf('/x/LC08_L2SP_119038_20200101_20200823_02_T1_SR_B5.TIF', [{}]));
    expect(landsat).toMatchObject({ acquired: '2020-01-01', sensor: 'landsat-8', bandsFrom: 'product' });
    expect(landsat.bands[0]).toMatchObject({ name: 'nir', scaling: { scale: 0.0000275, offset: -0.2 } });
    expect(ask(fileOf('/x/LC81190382015123LGN00.tif', [{}]))).toMatchObject({
      acquired: '2015-05-03',
      sensor: 'landsat-8',
    });
    expect(ask(fileOf('/x/T51RTQ_20200101T023109_B8A_20m.tif', [{}]))).toMatchObject({
      acquired: '2020-01-01',
      sensor: 'sentinel-2',
    });
    expect(ask(fileOf('/x/GF2_PMS1_E120.5_N30.7_20200515_L1A0004805223-MSS1.tiff', [{}, {}, {}, {}]))).toMatchObject({
      acquired: '2020-05-15',
      sensor: 'gf-2',
      bandsFrom: 'sensor',
    });
  });

  it('says that season rules are off when no date is known', () => {
    expect(codes(fileOf('/x/a.tif', s2))).toContain('DATE_UNKNOWN');
  });

  it('scales by flag, sidecar, STAC, file and sensor in this order', () => {
    const file = fileOf('/x/a.tif', [{ description: 'B08', scale: 0.001, offset: -0.1 }]);
    const [sidecar, stac] = [
      { from: 'sidecar', label: 's', scaling: [{ scale: 3, offset: 0 }] },
      { from: 'stac', label: 't', scaling: { scale: 4, offset: 1 } },
    ] as const;
    expect(scalingOf(ask(file, [{ ...flag, scaling: { scale: 2, offset: 0 } }, sidecar, stac]))).toEqual([
      [2, 0, 'flag'],
    ]);
    expect(scalingOf(ask(file, [flag, sidecar, stac]))).toEqual([[3, 0, 'sidecar']]);
    expect(scalingOf(ask(file, [flag, stac]))).toEqual([[4, 1, 'stac']]);
    expect(scalingOf(ask(file))).toEqual([[0.001, -0.1, 'file']]);
    expect(scalingOf(ask(fileOf('/x/a.tif', [{ description: 'B08', scale: 1, offset: 0 }])))).toEqual([
      [0.0001, 0, 'sensor'],
    ]);
  });

  it('never takes whole numbers of an unknown sensor for reflectance', () => {
    for (const dtype of ['uint8', 'uint16', 'int16'] as const) {
      const file = fileOf(
        '/x/a.tif',
        ['Blue', 'NIR'].map((description) => ({ description, dtype })),
      );
      expect(scalingOf(ask(file))).toEqual([null, null]);
      expect(codes(file)).toContain('SCALE_UNKNOWN');
    }
  });

  it('takes floats for reflectance only when they lie in its range', () => {
    const file = fileOf('/x/a.tif', [{ description: 'NIR', dtype: 'float32' }]);
    expect(scalingOf(ask(file, [], sampleOf(1)))).toEqual([[1, 0, 'values']]);
    expect(scalingOf(ask(file, [], sampleOf(0.5)))).toEqual([null]);
  });

  it('applies the Sentinel-2 offset only where the file states it, and warns where it may be missing', () => {
    expect(scalingOf(ask(late({ BOA_ADD_OFFSET: '-1000' })))[0]).toEqual([0.0001, -0.1, 'sensor']);
    expect(codes(late({ BOA_ADD_OFFSET: '-1000' }))).not.toContain('OFFSET_UNKNOWN');
    expect(scalingOf(ask(late({})))[0]).toEqual([0.0001, 0, 'sensor']);
    expect(codes(late({}))).toContain('OFFSET_UNKNOWN');
  });

  it('keeps an alpha band that has a name of its own from masking', () => {
    const rgbn = fileOf('/x/a.tif', [{}, {}, {}, {}], { alphaIndex: 3 });
    expect(ask(rgbn, [{ ...flag, bands: ['R', 'G', 'B', 'NIR'] }]).alphaIndex).toBeNull();
    expect(ask(rgbn, [{ ...flag, bands: ['R', 'G', 'B'] }]).alphaIndex).toBe(3);
  });

  it('lists what is missing or slow', () => {
    const bare = fileOf('/x/a.tif', [{}, {}, {}, {}], { crs: null, width: 5000, tiled: false });
    expect(codes(bare, [], sampleOf(0, 0))).toEqual([
      'BANDS_UNKNOWN',
      'CRS_UNKNOWN',
      'DATE_UNKNOWN',
      'NODATA_UNDECLARED',
      'ALL_NODATA',
      'NAN_PRESENT',
      'NOT_TILED',
      'NO_OVERVIEWS',
    ]);
    expect(codes(fileOf('/x/a.tif', described('Blue', 'NDVI'), { metadata: { SENSOR: 'Kite 7' } }))).toEqual(
      expect.arrayContaining(['BAND_IGNORED', 'SENSOR_UNKNOWN']),
    );
  });

  it('quotes what the file calls bands that it does not know', () => {
    const messages = [fileOf('/x/a.tif', described('B2', 'B3')), fileOf('/x/a.tif', [{}])].map(
      (file) => findProblems(file, ask(file), null)[0]?.message,
    );
    expect(messages).toEqual([
      'none of its 2 bands is known by name (it calls them B2, B3).',
      'its band is not known by name.',
    ]);
  });

  it('offers both usual orders for four unnamed bands', () => {
    const file = fileOf('/x/a.tif', [{}, {}, {}, {}]);
    expect(findProblems(file, ask(file), null)[0]?.todo).toMatch(/--bands R,G,B,NIR or B,G,R,NIR/);
  });
});
