import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectSchema, type InspectedFile } from '../../pipeline/scene/inspect-format.ts';
import { tinyGeotiff, type TinyGeotiff } from '../support/tiny-geotiff.ts';

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
    const command = [join(root, 'scripts/tianwatch.mjs'), 'scene', 'inspect', ...args];
    const child = spawn(process.execPath, command, { cwd: folder });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes) => (stdout += String(bytes)));
    child.stderr.on('data', (bytes) => (stderr += String(bytes)));
    child.on('error', reject);
    child.on('close', (exit) => settle({ exit, stdout, stderr }));
  });
}

async function inspectJson(...args: readonly string[]): Promise<{ exit: number | null; entries: InspectedFile[] }> {
  const { exit, stdout, stderr } = await inspect('--json', ...args);
  expect(stderr).toBe('');
  return { exit, entries: inspectSchema.parse(JSON.parse(stdout)) };
}

const put = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return name;
};
const s2 = { width: 30, height: 20, bands: 4, descriptions: ['B02', 'B03', 'B04', 'B08'] };
const image = (name: string, spec: Partial<TinyGeotiff> = {}) => put(name, tinyGeotiff({ ...s2, ...spec }));
const sidecar = (name: string, text: string) => put(`${image(name, { descriptions: [] })}.scene.json`, text);
const item = (href: string) =>
  JSON.stringify({
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
const codes = (entry: InspectedFile | undefined) => entry?.problems.map(({ code }) => code);

const good = image('good_20200501.tif', { nodata: '0' });
const rgbn = image('rgbn.tif', { descriptions: [], dtype: 'uint8', photometric: 2 });

describe('scene inspect of files that can be read', () => {
  let exit: number | null;
  const seen = new Map<string, InspectedFile>();
  beforeAll(async () => {
    image('degrees.tif', { epsg: 4326, isGeographic: true, pixelSize: 0.0001, origin: [2.3, 48.86] });
    image('bare.tif', { epsg: null });
    image('blank.tif', { nodata: '7', value: () => 7 });
    image('nan_20200101.tif', { dtype: 'float32', value: (_, col) => (col === 3 ? Number.NaN : 0.2) });
    sidecar(
      'side.tif',
      JSON.stringify({ bands: ['B', 'G', 'R', 'NIR'], acquired: '2020-06-01', scale: 0.0001, nodata: 9 }),
    );
    image('red.tif', { bands: 1, descriptions: [] });
    put('item.json', item('./red.tif'));
    const names = ['degrees.tif', 'bare.tif', 'blank.tif', 'nan_20200101.tif', 'side.tif', 'item.json'];
    const found = await inspectJson(good, rgbn, ...names);
    exit = found.exit;
    for (const entry of found.entries) seen.set(entry.file.split('/').at(-1) ?? '', entry);
  });

  it('exits 0, whatever is unknown about them', () => {
    expect(exit).toBe(0);
    expect(seen.size).toBe(8);
  });

  it('prints the contract for a file that says everything', () => {
    expect(seen.get(good)).toEqual({
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
      compression: 'NONE',
      tiled: false,
      overviews: [],
      interleave: 'pixel',
      problems: [],
    });
  });

  it('measures degrees on the ellipsoid', () => {
    // 1e-4° at 48.859° N: 7.338 m along the parallel, 11.121 m along the meridian (Karney's geodesics)
    expect(seen.get('degrees.tif')?.gsdM?.[0]).toBeCloseTo(7.338, 2);
    expect(seen.get('degrees.tif')?.gsdM?.[1]).toBeCloseTo(11.121, 2);
  });

  it('says which flag names unknown bands', () => {
    expect(seen.get(rgbn)?.bands?.map(({ name }) => name)).toEqual([null, null, null, null]);
    const unknown = seen.get(rgbn)?.problems.find(({ code }) => code === 'BANDS_UNKNOWN');
    expect(unknown?.todo).toContain('--bands R,G,B,NIR or B,G,R,NIR');
  });

  it('lists what a run will stumble over', () => {
    expect(codes(seen.get('bare.tif'))).toEqual(['CRS_UNKNOWN', 'DATE_UNKNOWN', 'NODATA_UNDECLARED']);
    expect(codes(seen.get('blank.tif'))).toEqual(['DATE_UNKNOWN', 'ALL_NODATA']);
    expect(codes(seen.get('nan_20200101.tif'))).toEqual(['NAN_PRESENT']);
    expect(seen.get('nan_20200101.tif')?.bands?.[0]).toMatchObject({ scale: 1, offset: 0 });
  });

  it('reads the sidecar beside a file', () => {
    expect(seen.get('side.tif')).toMatchObject({ acquired: '2020-06-01', problems: [] });
    expect(seen.get('side.tif')?.bands?.[0]).toEqual({
      name: 'blue',
      dtype: 'uint16',
      nodata: 9,
      scale: 0.0001,
      offset: 0,
    });
  });

  it('reads the assets of a STAC Item', () => {
    expect(seen.get('red.tif')).toMatchObject({ acquired: '2023-06-01T02:36:01Z', sensor: 'sentinel-2' });
    const red = { name: 'red', dtype: 'uint16', nodata: null, scale: 0.0001, offset: -0.1 };
    expect(seen.get('red.tif')?.bands).toEqual([red]);
  });
});

describe('scene inspect', () => {
  it('shows every other file when one cannot be used, and exits 1', async () => {
    const whole = tinyGeotiff({ ...s2, width: 300, height: 300 });
    const bad: readonly (readonly [string, RegExp])[] = [
      [put('page.tif', '<!DOCTYPE html><html><body>404 Not Found</body></html>'), /page\.tif.*HTML/i],
      [put('empty.tif', ''), /empty\.tif.*empty/],
      [put('truncated.tif', whole.subarray(0, 40_000)), /truncated\.tif/],
      [put('header.tif', whole.subarray(0, 60)), /header\.tif/],
      [put('huge.tif', tinyGeotiff({ ...s2, claimPx: 1_000_000 })), /huge\.tif.*1000000 × 1000000/],
      ['folder.tif', /folder\.tif is a folder/],
      ['missing.tif', /missing\.tif does not exist/],
      [image('twice.tif', { descriptions: ['Red', 'Green', 'Red', 'NIR'] }), /bands 1 and 3 are both red/],
      [sidecar('field.tif', '{ "bands": ["B", "G", 3, "NIR"] }').replace('.scene.json', ''), /scene\.json: bands\[2\]/],
      [sidecar('json.tif', '{ bands: 1 }').replace('.scene.json', ''), /json\.tif\.scene\.json is not JSON/],
      [put('lost.json', item('gone.tif')), /lost\.json asset red is at .*gone\.tif, which does not exist/],
      [
        put('remote.json', item('ftp://example.org/a.tif')),
        /remote\.json asset red is at ftp:.*cannot be read from here/,
      ],
    ];
    mkdirSync(join(folder, 'folder.tif'));
    const names = bad.map(([name]) => name);
    const { exit, entries } = await inspectJson(good, ...names);
    expect(exit).toBe(1);
    expect(entries.map(({ file }) => file)).toEqual([good, ...names]);
    expect(codes(entries[0])).toEqual([]);
    entries.slice(1).forEach((entry, index) => {
      expect(entry).toMatchObject({ width: null, bands: null, crs: null, overviews: null });
      expect(codes(entry)).toEqual(['INPUT_INVALID']);
      expect(entry.problems[0]?.message).toMatch(bad[index]?.[1] ?? /never/);
      expect(entry.problems[0]?.message).not.toMatch(/\n| at .*\.ts:/);
      expect(entry.problems[0]?.todo).not.toBe('');
    });
  });

  it('is readable without --json, Chinese first, also where a file is missing', async () => {
    const { exit, stdout, stderr } = await inspect(good, 'missing.tif');
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: '' });
    expect(stdout).toMatch(/文件 File +good_20200501\.tif/);
    expect(stdout).toMatch(/近红外 nir {2}uint16 {2}无效值 nodata 0 {2}× 0\.0001/);
    expect(stdout).toMatch(/INPUT_INVALID 文件无法使用: missing\.tif does not exist/);
  });

  it('takes flags, comma-separated files and one group of bands for each, an alpha band included', async () => {
    const second = image('b.tif', { bands: 1, descriptions: [] });
    const flags = ['--bands', 'R,G,B,NIR/SWIR1', '--acquired', '2019-09-04', '--scale', '0.004,-0.1'];
    const { exit, entries } = await inspectJson(`${rgbn},${second}`, ...flags, '--sensor', 'naip');
    expect(exit).toBe(0);
    const names = entries.map(({ bands }) => bands?.map(({ name }) => name));
    expect(names).toEqual([['red', 'green', 'blue', 'nir'], ['swir16']]);
    expect(entries[0]).toMatchObject({ acquired: '2019-09-04', sensor: 'naip' });
    expect(entries[0]?.bands?.[3]).toEqual({ name: 'nir', dtype: 'uint8', nodata: null, scale: 0.004, offset: -0.1 });
  });

  it.each([
    [[], /missing required argument/],
    [[good, '--acquired', '2020-02-30'], /2020-02-30 is not a date/],
    [[good, '--bands', 'R,G'], /--bands names 2 bands \(R,G\), good_20200501\.tif has 4/],
  ])('exits 2 for wrong use: %j', async (args, message) => {
    const { exit, stdout, stderr } = await inspect(...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.runIf(hasShared)('understands real collections without a flag as far as they say what they are', async () => {
    const tens = ['blue', 'green', 'red', 'nir'];
    const twenties = ['rededge071', 'rededge075', 'rededge078', 'nir08', 'swir16', 'swir22'];
    const naip = 'm_4709963_se_14_1_20120731.tif';
    copyFileSync(at(`naip_timeseries/${naip}`), join(folder, naip));
    const all = [...tens.slice(0, 3), ...twenties.slice(0, 3), 'nir'];
    const others: readonly (readonly [string, (string | null)[], string | null, string | null, number | null])[] = [
      [at('taizhou_landsat/taizhou_20000317.tif'), [...tens, 'swir16', 'swir22'], 'landsat-7', '2000-03-17', null],
      [at('boadella_series/Boadella_2020-06-21.tif'), [...tens, 'swir16'], 'sentinel-2', '2020-06-21', 0.0001],
      [at('belgium_s2_12month/2021-05.tif'), [...all, 'swir16', 'swir22'], 'sentinel-2', '2021-05-15', 0.0001],
      [
        at('eolearn_slovenia/s2l1c_scene2.tif'),
        ['coastal', ...all, 'nir08', 'nir09', 'cirrus', 'swir16', 'swir22'],
        'sentinel-2',
        null,
        0.0001,
      ],
      [at('cloud_masks/sentinel2_img.tif'), [...tens, 'swir16', 'swir22'], 'sentinel-2', null, 0.0001],
      [at('cloud_masks/landsat8_biome/Barren_03_0207_img.tif'), [null, null, null, null, null], null, null, null],
      [naip, [null, null, null, null], null, '2012-07-31', null],
    ];
    const cities = readdirSync(at('s2_pairs')).flatMap((city) =>
      readdirSync(at(`s2_pairs/${city}`)).map((name) => at(`s2_pairs/${city}/${name}`)),
    );
    const pairs = cities.filter((file) => /_[12]0m\.tif$/.test(file));
    const { exit, entries } = await inspectJson(...others.map(([file]) => file), ...pairs);
    expect(exit).toBe(0);
    expect(pairs).toHaveLength(80);
    const facts = entries.map(({ file, bands, sensor, acquired }) => [
      file,
      bands?.map(({ name }) => name),
      sensor,
      acquired,
      bands?.[0]?.scale,
    ]);
    expect(facts.slice(0, others.length)).toEqual(others);
    expect(facts.slice(others.length)).toEqual(
      pairs.map((file) => {
        const date = /_(\d{4})(\d{2})(\d{2})_/.exec(file)?.slice(1).join('-');
        return [file, file.includes('_10m') ? tens : twenties, 'sentinel-2', date, 0.0001];
      }),
    );
  });
});
