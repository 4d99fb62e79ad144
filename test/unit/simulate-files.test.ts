import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { describeDifficulty } from '../../scripts/simulate/describe.ts';
import { refuseSeed, seedUse } from '../../scripts/simulate/seed-use.ts';
import { simulate, type SimulationSummary } from '../../scripts/simulate/simulate.ts';
import { makeWorld } from '../../scripts/simulate/world.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { openScene } from '../../workers/images/open-scene.ts';

const wanted = { seed: 7, size: 180, gsd: '10', looks: 2 } as const;

const below = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
const hashes = (folder: string): string[] =>
  below(folder).map(
    (path) => `${path.slice(folder.length)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
  );

interface Truth {
  readonly features: readonly {
    readonly properties: Readonly<Record<string, string | number | boolean | null>>;
  }[];
}

let [one, two] = ['', ''];
let summary: SimulationSummary;
beforeAll(async () => {
  [one, two] = [mkdtempSync(join(tmpdir(), 'simulate-')), mkdtempSync(join(tmpdir(), 'simulate-'))];
  summary = await simulate(wanted, one);
  await simulate(wanted, two);
});
afterAll(() => {
  for (const folder of [one, two]) rmSync(folder, { recursive: true, force: true });
});

const truthOf = (folder: string): Truth =>
  JSON.parse(readFileSync(join(folder, 'truth', 'truth.geojson'), 'utf8')) as Truth;

async function raster(path: string) {
  const file = await openGeotiff(await openFileSource(path));
  const { data } = await file.readWindow({ col: 0, row: 0, width: file.width, height: file.height }, [0]);
  await file.close();
  return { file, data };
}

describe('a simulation on disk', () => {
  it('is the same to the last byte for the same seed', () => {
    expect(hashes(one).length).toBeGreaterThan(15);
    expect(hashes(two)).toEqual(hashes(one));
  });

  it('says in every file that it is simulated', () => {
    const readable = below(one).filter((name) => !/\.scene\.json$|(planting|states)\.csv$|\.(shp|shx|prj)$/.test(name));
    expect(readable.length).toBeGreaterThan(14);
    for (const path of readable) {
      const text = new TextDecoder(path.endsWith('.dbf') ? 'gbk' : 'utf-8').decode(readFileSync(path));
      expect(/simulated|模拟/.test(text), path).toBe(true);
    }
  });

  it('paints each truth polygon with its own area, within what pixels of 10 m can hold', async () => {
    const properties = truthOf(one).features.map((feature) => feature.properties);
    const shown = properties.filter(({ changed, areaM2 }) => changed === true && Number(areaM2) > 4000);
    expect(shown.length).toBeGreaterThan(4);
    for (const { areaM2, pixels } of shown) {
      const perimeterM = 6 * Math.sqrt(Number(areaM2));
      expect(Math.abs(Number(pixels) * 100 - Number(areaM2))).toBeLessThan(perimeterM * 10 * 0.35);
    }
    const { data } = await raster(join(one, 'truth', 'change.tif'));
    const painted = Array.from(data, Number).filter((value) => value > 0).length;
    const told = properties.reduce((sum, { pixels }) => sum + Number(pixels), 0);
    expect(painted).toBe(told);
  });

  it('changes the class where the change raster says so, and nowhere else', async () => {
    const [before, after] = await Promise.all(
      summary.looks.map(({ date }) => raster(join(one, 'truth', `classes_${date.replaceAll('-', '')}.tif`))),
    );
    const { data: change } = await raster(join(one, 'truth', 'change.tif'));
    const size = wanted.size;
    const isNearChange = (i: number): boolean => {
      const [row, col] = [Math.floor(i / size), i % size];
      for (let r = Math.max(0, row - 1); r <= Math.min(size - 1, row + 1); r++)
        for (let c = Math.max(0, col - 1); c <= Math.min(size - 1, col + 1); c++)
          if (Number(change[r * size + c]) > 0) return true;
      return false;
    };
    let [differs, agrees, elsewhere] = [0, 0, 0];
    for (let i = 0; i < change.length; i++) {
      if (before!.data[i] === after!.data[i]) continue;
      differs++;
      if (Number(change[i]) > 0) agrees++;
      else if (!isNearChange(i)) elsewhere++;
    }
    expect(differs).toBeGreaterThan(100);
    // a pixel that is half one class, half another may turn at the rim of a change without belonging to it
    expect(agrees / differs).toBeGreaterThan(0.85);
    expect(elsewhere).toBeLessThan(0.02 * differs);
  });

  it('is a scene that opens with date, sensor, bands and reflectance', async () => {
    const name = readdirSync(join(one, 'scenes')).find((file) => file.endsWith('.tif'))!;
    const open = await openScene({ files: [join(one, 'scenes', name)] });
    expect(open.scene).toMatchObject({
      acquired: summary.looks[0]!.date,
      sensor: 'sentinel-2',
      radiometry: 'reflectance',
    });
    expect(open.scene.bands.map((band) => band.name)).toEqual(['blue', 'green', 'red', 'nir', 'swir16', 'swir22']);
    await open.close();
  });

  it('writes the survey as a shapefile whose records follow one another and whose table is GBK', () => {
    const [shp, shx, dbf] = ['shp', 'shx', 'dbf'].map((type) => readFileSync(join(one, 'survey', `DLTB.${type}`)));
    expect(shp!.readInt32BE(24) * 2).toBe(shp!.length);
    const count = (shx!.length - 100) / 8;
    expect(count).toBe(summary.parcels);
    expect(dbf!.readUInt32LE(4)).toBe(count);
    let at = 100;
    for (let i = 0; i < count; i++) {
      expect(shx!.readInt32BE(100 + 8 * i) * 2).toBe(at);
      expect(shp!.readInt32BE(at)).toBe(i + 1);
      at += 8 + shp!.readInt32BE(at + 4) * 2;
    }
    expect(at).toBe(shp!.length);
    const row = dbf!.subarray(dbf!.readUInt16LE(8), dbf!.readUInt16LE(8) + dbf!.readUInt16LE(10));
    expect(new TextDecoder('gbk').decode(row)).toMatch(/^ 3304\d{14}2001010100.*模拟数据 *$/);
  });

  it('keeps seeds for training apart from seeds for tests', () => {
    expect([seedUse(999_999), seedUse(1_000_000)]).toEqual(['test', 'training']);
    expect(() => refuseSeed(5, 'training')).toThrow(/Seed 5 is for test/);
    expect(() => refuseSeed(1_000_001, 'test')).toThrow(/training/);
    expect(() => refuseSeed(1_000_001, 'training')).not.toThrow();
  });

  it('is harder than IR-MAD and class differencing can manage', () => {
    const { scores, isHardEnough, changedFraction } = describeDifficulty(
      makeWorld({ seed: 11, size: 220, gsd: '10', looks: 2 }),
    );
    expect(changedFraction).toBeGreaterThan(0.008);
    expect(scores[0]!.f1).toBeGreaterThan(0.05);
    expect(isHardEnough).toBe(true);
  });
});
