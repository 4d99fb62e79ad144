import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectSchema } from '../../pipeline/scene/inspect-format.ts';
import { tinyGeotiff } from '../support/tiny-geotiff.ts';

const root = new URL('../..', import.meta.url).pathname;
const shared = process.env['TIANWATCH_SHARED'] ?? join(root, '../shared');
const hasShared = existsSync(join(shared, 'data/s2_pairs'));
if (!hasShared) console.log('skipped: ../shared is absent');
const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function inspect(...args: readonly string[]): Promise<Outcome> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [join(root, 'scripts/tianwatch.mjs'), 'scene', 'inspect', ...args], {
      cwd: folder,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes) => (stdout += String(bytes)));
    child.stderr.on('data', (bytes) => (stderr += String(bytes)));
    child.on('error', reject);
    child.on('close', (exit) => settle({ exit, stdout, stderr }));
  });
}

async function inspectJson(...args: readonly string[]) {
  const outcome = await inspect('--json', ...args);
  expect(outcome.stderr).toBe('');
  return { exit: outcome.exit, entries: inspectSchema.parse(JSON.parse(outcome.stdout)) };
}

const put = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return name;
};
const s2 = { width: 30, height: 20, bands: 4, descriptions: ['B02', 'B03', 'B04', 'B08'] };
const good = put('good_20200501.tif', tinyGeotiff({ ...s2, nodata: '0' }));

const item = (href: string) => ({
  type: 'Feature',
  stac_version: '1.0.0',
  id: 'x',
  properties: { datetime: '2023-06-01T02:36:01Z', constellation: 'sentinel-2' },
  assets: {
    red: {
      href,
      'eo:bands': [{ name: 'B04', common_name: 'red' }],
      'raster:bands': [{ scale: 0.0001, offset: -0.1 }],
    },
  },
});
const at = (path: string) => join(shared, 'data', path);

describe('scene inspect', () => {
  it('prints the contract for a file that says everything', async () => {
    const { exit, entries } = await inspectJson(good);
    expect(exit).toBe(0);
    expect(entries).toEqual([
      {
        file: good,
        width: 30,
        height: 20,
        bands: ['blue', 'green', 'red', 'nir'].map((name) => ({
          name,
          dtype: 'uint16',
          nodata: 0,
          scale: 0.0001,
          offset: 0,
        })),
        crs: expect.stringMatching(/UTM zone 51N/),
        epsg: 32651,
        transform: [10, 0, 300_000, 0, -10, 3_400_000],
        gsdM: [expect.closeTo(10, 1), expect.closeTo(10, 1)],
        acquired: '2020-05-01',
        sensor: 'sentinel-2',
        compression: expect.stringMatching(/^none$/i),
        tiled: false,
        overviews: [],
        interleave: 'pixel',
        problems: [],
      },
    ]);
  });

  it('is readable without --json, Chinese first', async () => {
    const { exit, stdout } = await inspect(good);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/文件 File +good_20200501\.tif/);
    expect(stdout).toMatch(/近红外 nir {2}uint16 {2}无效值 nodata 0 {2}× 0\.0001/);
  });

  it('measures degrees on the ellipsoid', async () => {
    const name = put(
      'degrees.tif',
      tinyGeotiff({ ...s2, epsg: 4326, isGeographic: true, pixelSize: 0.0001, origin: [2.3, 48.86] }),
    );
    const [entry] = (await inspectJson(name)).entries;
    expect(entry?.gsdM?.[0]).toBeCloseTo(7.336, 2);
    expect(entry?.gsdM?.[1]).toBeCloseTo(11.121, 2);
  });

  it('shows every other file when one cannot be read, and exits 1', async () => {
    put('page.tif', '<!DOCTYPE html><html><body>404 Not Found</body></html>');
    put('empty.tif', '');
    put('truncated.tif', tinyGeotiff({ ...s2, width: 300, height: 300 }).subarray(0, 40_000));
    put('header.tif', tinyGeotiff(s2).subarray(0, 60));
    put('huge.tif', tinyGeotiff({ ...s2, claimPx: 1_000_000 }));
    mkdirSync(join(folder, 'folder.tif'));
    const bad = ['page.tif', 'empty.tif', 'truncated.tif', 'header.tif', 'huge.tif', 'folder.tif', 'missing.tif'];
    const { exit, entries } = await inspectJson(good, ...bad);
    expect(exit).toBe(1);
    expect(entries.map(({ file }) => file)).toEqual([good, ...bad]);
    expect(entries[0]?.problems).toEqual([]);
    for (const entry of entries.slice(1)) {
      expect(entry).toMatchObject({ width: null, bands: null, crs: null, overviews: null });
      expect(entry.problems.map(({ code }) => code)).toEqual(['INPUT_INVALID']);
      expect(entry.problems[0]?.message).toContain(entry.file);
      expect(entry.problems[0]?.message).not.toMatch(/\n| at .*\.ts/);
      expect(entry.problems[0]?.todo).not.toBe('');
    }
  });

  it('says which flag names unknown bands, and takes them by flag, alpha band or not', async () => {
    const name = put('rgbn.tif', tinyGeotiff({ ...s2, descriptions: [], dtype: 'uint8', photometric: 2 }));
    const [unnamed] = (await inspectJson(name)).entries;
    expect(unnamed?.bands?.map((band) => band.name)).toEqual([null, null, null, null]);
    expect(unnamed?.problems.find(({ code }) => code === 'BANDS_UNKNOWN')?.todo).toContain(
      '--bands R,G,B,NIR or B,G,R,NIR',
    );
    const { exit, entries } = await inspectJson(
      name,
      '--bands',
      'R,G,B,NIR',
      '--acquired',
      '2019-09-04',
      '--scale',
      '0.004,-0.1',
      '--sensor',
      'naip',
    );
    expect(exit).toBe(0);
    expect(entries[0]).toMatchObject({ acquired: '2019-09-04', sensor: 'naip' });
    expect(entries[0]?.bands?.[3]).toEqual({ name: 'nir', dtype: 'uint8', nodata: null, scale: 0.004, offset: -0.1 });
  });

  it('lists what a run will stumble over', async () => {
    const bare = put('bare.tif', tinyGeotiff({ ...s2, epsg: null }));
    const blank = put('blank.tif', tinyGeotiff({ ...s2, nodata: '7', value: () => 7 }));
    const nan = put(
      'nan_20200101.tif',
      tinyGeotiff({ ...s2, dtype: 'float32', value: (_, col) => (col === 3 ? Number.NaN : 0.2) }),
    );
    const { exit, entries } = await inspectJson(bare, blank, nan);
    expect(exit).toBe(0);
    const codes = entries.map(({ problems }) => problems.map(({ code }) => code));
    expect(codes[0]).toEqual(['CRS_UNKNOWN', 'DATE_UNKNOWN', 'NODATA_UNDECLARED']);
    expect(codes[1]).toEqual(['DATE_UNKNOWN', 'ALL_NODATA']);
    expect(codes[2]).toEqual(['NAN_PRESENT']);
    expect(entries[2]?.bands?.[0]).toMatchObject({ scale: 1, offset: 0 });
  });

  it('refuses two bands of one name', async () => {
    const { exit, entries } = await inspectJson(
      put('twice.tif', tinyGeotiff({ ...s2, descriptions: ['Red', 'Green', 'Red', 'NIR'] })),
    );
    expect(exit).toBe(1);
    expect(entries[0]?.problems[0]?.message).toMatch(/twice\.tif: bands 1 and 3 are both red/);
  });

  it('reads the sidecar beside a file and names the wrong field in a bad one', async () => {
    const name = put('side.tif', tinyGeotiff({ ...s2, descriptions: [] }));
    put(
      'side.tif.scene.json',
      JSON.stringify({ bands: ['B', 'G', 'R', 'NIR'], acquired: '2020-06-01', scale: 0.0001, nodata: 9 }),
    );
    const [entry] = (await inspectJson(name)).entries;
    expect(entry).toMatchObject({ acquired: '2020-06-01', problems: [] });
    expect(entry?.bands?.[0]).toEqual({ name: 'blue', dtype: 'uint16', nodata: 9, scale: 0.0001, offset: 0 });
    put('side.tif.scene.json', JSON.stringify({ bands: ['B', 'G', 3, 'NIR'] }));
    const wrong = await inspectJson(name);
    expect(wrong.exit).toBe(1);
    expect(wrong.entries[0]?.problems[0]?.message).toMatch(/side\.tif\.scene\.json: bands\[2\]/);
    put('side.tif.scene.json', '{ bands: 1 }');
    expect((await inspectJson(name)).entries[0]?.problems[0]?.message).toMatch(/side\.tif\.scene\.json is not JSON/);
  });

  it('reads the assets of a STAC Item and says which one is missing', async () => {
    put('red.tif', tinyGeotiff({ ...s2, bands: 1, descriptions: [] }));
    const [entry] = (await inspectJson(put('item.json', JSON.stringify(item('./red.tif'))))).entries;
    expect(entry).toMatchObject({ acquired: '2023-06-01T02:36:01Z', sensor: 'sentinel-2' });
    expect(entry?.bands).toEqual([{ name: 'red', dtype: 'uint16', nodata: null, scale: 0.0001, offset: -0.1 }]);
    const lost = await inspectJson(put('lost.json', JSON.stringify(item('gone.tif'))));
    expect(lost.exit).toBe(1);
    expect(lost.entries[0]?.problems[0]?.message).toMatch(
      /lost\.json asset red is at .*gone\.tif, which does not exist/,
    );
  });

  it('takes comma-separated files and one group of bands for each', async () => {
    put('a_20200501.tif', tinyGeotiff({ ...s2, bands: 2, descriptions: [] }));
    put('b_20200501.tif', tinyGeotiff({ ...s2, bands: 1, descriptions: [] }));
    const { entries } = await inspectJson('a_20200501.tif,b_20200501.tif', '--bands', 'R,NIR/SWIR1');
    expect(entries.map(({ bands }) => bands?.map(({ name }) => name))).toEqual([['red', 'nir'], ['swir16']]);
  });

  it.each([
    [[], /missing required argument/],
    [[good, '--acquired', '2020-02-30'], /2020-02-30 is not a date/],
    [[good, '--scale', '0'], /--scale 0 is not a scale above 0/],
    [[good, '--bands', 'R,G'], /--bands names 2 bands \(R,G\), good_20200501\.tif has 4/],
    [[good, '--bands', 'R,G,B,Q'], /Q is no band name/],
    [[good, '--nonsense'], /unknown option/],
  ])('exits 2 for wrong use: %j', async (args, message) => {
    const { exit, stdout, stderr } = await inspect(...args);
    expect(exit).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.runIf(hasShared)('understands every file of the 20 city pairs without a flag', async () => {
    const pairs = join(shared, 'data/s2_pairs');
    const files = readdirSync(pairs).flatMap((city) =>
      readdirSync(join(pairs, city)).map((name) => join(pairs, city, name)),
    );
    const images = files.filter((file) => /_(10|20)m\.tif$/.test(file));
    const { exit, entries } = await inspectJson(...images);
    expect(exit).toBe(0);
    expect(entries).toHaveLength(80);
    for (const entry of entries) {
      const date = /_(\d{4})(\d{2})(\d{2})_/.exec(entry.file)?.slice(1).join('-');
      expect(entry).toMatchObject({ acquired: date, sensor: 'sentinel-2', epsg: 4326 });
      expect(entry.bands?.map(({ name, scale }) => `${name} ${scale}`)).toEqual(
        (entry.file.includes('_10m')
          ? ['blue', 'green', 'red', 'nir']
          : ['rededge071', 'rededge075', 'rededge078', 'nir08', 'swir16', 'swir22']
        ).map((name) => `${name} 0.0001`),
      );
    }
  });

  it.runIf(hasShared)('understands the other collections as far as they say what they are', async () => {
    copyFileSync(at('naip_timeseries/m_4709963_se_14_1_20120731.tif'), join(folder, 'm_4709963_se_14_1_20120731.tif'));
    const { entries } = await inspectJson(
      at('taizhou_landsat/taizhou_20000317.tif'),
      at('boadella_series/Boadella_2020-06-21.tif'),
      at('belgium_s2_12month/2021-05.tif'),
      at('eolearn_slovenia/s2l1c_scene2.tif'),
      at('cloud_masks/sentinel2_img.tif'),
      at('cloud_masks/landsat8_biome/Barren_03_0207_img.tif'),
      'm_4709963_se_14_1_20120731.tif',
    );
    const seen = entries.map(({ bands, sensor, acquired }) => [
      bands?.map(({ name }) => name).join(' '),
      sensor,
      acquired,
      bands?.[0]?.scale,
    ]);
    const rededge = 'rededge071 rededge075 rededge078';
    expect(seen).toEqual([
      ['blue green red nir swir16 swir22', 'landsat-7', '2000-03-17', null],
      ['blue green red nir swir16', 'sentinel-2', '2020-06-21', 0.0001],
      [`blue green red ${rededge} nir swir16 swir22`, 'sentinel-2', '2021-05-15', 0.0001],
      [`coastal blue green red ${rededge} nir nir08 nir09 cirrus swir16 swir22`, 'sentinel-2', null, 0.0001],
      ['blue green red nir swir16 swir22', 'sentinel-2', null, 0.0001],
      ['    ', null, null, null],
      ['   ', null, '2012-07-31', null],
    ]);
  });
});
