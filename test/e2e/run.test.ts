import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { manifestSchema, patchPropertiesSchema, summarySchema } from '../../pipeline/report/formats.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import type { Affine } from '../../pipeline/types.ts';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { runStatusSchema } from '../../workers/run-status.ts';
import { differences, readTree } from '../fault/kill.ts';
import { holdData } from '../support/data-holder.ts';
import { tianwatch } from '../support/run-command.ts';
import type { Outcome } from '../support/run-command.ts';
import { cutScene, madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-run-'));
const at = (name: string): string => join(folder, name);
const data = at('data');
const sidePx = 260;
const pair = makePair(sidePx, 8);
const plane = sidePx * sidePx;
const rasters = ['classes_before.tif', 'classes_after.tif', 'change.tif', 'change_into.tif'];
const files = [...rasters, 'patches.geojson', 'summary.json', 'run.json', 'report.html'];
let holder: { close(): Promise<void> };

/** The after scene lacks the rightmost 60 columns. */
const cutPx = 60;

beforeAll(async () => {
  const size = { width: sidePx, height: sidePx };
  await writeMadeScene(at('before.tif'), { ...size, data: pair.before, acquired: '2025-08-15' });
  const whole = { data: pair.after, ...size, bands: madeBands.length };
  const part = { col: 0, row: 0, width: sidePx - cutPx, height: sidePx };
  await writeMadeScene(at('after.tif'), { ...part, data: cutScene(whole, part), acquired: '2026-08-12' });
  await writeMadeScene(at('coarse.tif'), coarse());
  const toLonLat = projector(crsFromEpsg(32651), crsFromEpsg(4326));
  const ring = [
    [0, 0],
    [100, 0],
    [100, 100],
    [0, 100],
    [0, 0],
  ].map(([col, row]) => toLonLat(madeAffine[2] + 10 * col!, madeAffine[5] - 10 * row!));
  writeFileSync(at('aoi.geojson'), JSON.stringify({ type: 'Polygon', coordinates: [ring] }));
  holder = await holdData(data);
});
afterAll(async () => {
  await holder.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The after scene again at 20 m in longitude and latitude, taken from the nearest pixel. */
function coarse(): Parameters<typeof writeMadeScene>[1] {
  const toGrid = projector(crsFromEpsg(4326), crsFromEpsg(32651));
  const [left, top] = projector(crsFromEpsg(32651), crsFromEpsg(4326))(madeAffine[2], madeAffine[5]);
  const affine: Affine = [2.1e-4, 0, left, 0, -1.8e-4, top];
  const [width, height] = [130, 130];
  const dn = new Uint16Array(madeBands.length * width * height);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const [x, y] = toGrid(left + (col + 0.5) * affine[0], top + (row + 0.5) * affine[4]);
      const [c, r] = [Math.floor((x - madeAffine[2]) / 10), Math.floor((madeAffine[5] - y) / 10)];
      if (c < 0 || r < 0 || c >= sidePx || r >= sidePx) continue;
      for (let band = 0; band < madeBands.length; band++)
        dn[(band * height + row) * width + col] = pair.after[band * plane + r * sidePx + c]!;
    }
  return { data: dn, width, height, affine, epsg: 4326, acquired: '2026-08-12' };
}

interface Feature {
  readonly type: 'Feature';
  readonly properties: PatchProperties;
  readonly geometry: {
    readonly type: 'Polygon';
    readonly coordinates: readonly (readonly (readonly [number, number])[])[];
  };
}

function run(out: string, flags: readonly string[] = [], after = 'after.tif'): Promise<Outcome> {
  const args = ['run', '--before', at('before.tif'), '--after', at(after), '--out', at(out)];
  return tianwatch([...args, ...(flags.includes('--model') ? [] : ['--model', 'none']), ...flags], { data });
}

const json = (out: string, name: string): unknown => JSON.parse(readFileSync(at(`${out}/${name}`), 'utf8'));
const summaryOf = (out: string) => summarySchema.parse(json(out, 'summary.json'));
const manifestOf = (out: string) => manifestSchema.parse(json(out, 'run.json'));
const featuresOf = (out: string) => (json(out, 'patches.geojson') as { features: Feature[] }).features;

async function readRaster(out: string, name: string) {
  const file = await openGeotiff(await openFileSource(at(`${out}/${name}`)));
  const { width, height, affine, crs, metadata, tiled } = file;
  const { data: samples } = await file.readWindow({ col: 0, row: 0, width, height }, [0]);
  await file.close();
  return { width, height, affine, epsg: crs?.epsg, metadata, tiled, dtype: file.bands[0]?.dtype, samples };
}

describe('tianwatch run', { timeout: 120_000 }, () => {
  let first: Outcome;
  beforeAll(async () => {
    first = await run('out');
  }, 120_000);

  it('ends with 0, says what it found and where the report is', () => {
    expect(first.exit, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/疑似图斑 suspected patches: \d+/);
    expect(first.stdout).toContain(at('out/report.html'));
    expect(first.stderr).toMatch(/open[\s\S]*infer[\s\S]*stitch[\s\S]*detect[\s\S]*report/);
    expect(readdirSync(at('out')).toSorted()).toEqual(files.toSorted());
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('writes four rasters on exactly the grid of the before file', async () => {
    for (const name of rasters) {
      const raster = await readRaster('out', name);
      expect(raster).toMatchObject({ width: sidePx, height: sidePx, affine: madeAffine, epsg: 32651, dtype: 'uint8' });
      if (name === 'change.tif') {
        const threshold = Number(raster.metadata['THRESHOLD']);
        expect(threshold).toBeGreaterThan(0);
        expect(threshold).toBeLessThanOrEqual(250);
        expect(raster.samples.some((value) => value > 250 && value < 255)).toBe(false);
        const changed = raster.samples.filter((value) => value >= threshold && value <= 250).length;
        expect(changed).toBe(manifestOf('out').counts.changedPixels);
      } else {
        const classes = JSON.parse(raster.metadata['CLASSES'] ?? '{}') as Record<string, string>;
        expect(Object.values(classes)).toContain('built');
        const known = new Set([255, ...Object.keys(classes).map(Number)]);
        expect(raster.samples.every((value) => known.has(value))).toBe(true);
      }
      const right = raster.samples.filter((_, i) => i % sidePx >= sidePx - cutPx);
      expect(
        right.every((value) => value === 255),
        name,
      ).toBe(true);
    }
  });

  it('counts as much as it lists', () => {
    const [summary, manifest, features] = [summaryOf('out'), manifestOf('out'), featuresOf('out')];
    for (const { properties } of features) patchPropertiesSchema.parse(properties);
    for (const state of ['suspected', 'watch'] as const) {
      const own = features.filter(({ properties }) => properties.state === state);
      expect(own).toHaveLength(summary.patches[state]);
      const areaM2 = own.reduce((sum, { properties }) => sum + properties.areaM2, 0);
      expect(Math.abs(areaM2 - summary.patches[`${state}M2`])).toBeLessThan(0.01 * (own.length + 1));
    }
    const pixels = features.reduce((sum, { properties }) => sum + properties.pixels, 0);
    expect(pixels + manifest.counts.dropped.slivers.pixels).toBe(manifest.counts.changedPixels);
    expect(new Set(features.map(({ properties }) => properties.id)).size).toBe(features.length);
    const { coverage } = summary;
    expect(coverage.gridM2).toBeCloseTo(coverage.observedM2 + coverage.unobservedM2, 1);
    expect(coverage.reasonsM2.outside / coverage.gridM2).toBeCloseTo(cutPx / sidePx, 3);
    expect(coverage.reasonsM2.cloud + coverage.reasonsM2.shadow).toBeLessThan(0.2 * coverage.gridM2);
  });

  it('finds the made changes that can be seen and little else', () => {
    const toGrid = projector(crsFromEpsg(4326), crsFromEpsg(32651));
    const boxes = featuresOf('out')
      .filter(({ properties }) => properties.state === 'suspected')
      .map(({ geometry }) => {
        const points = geometry.coordinates[0]!.map(([lon, lat]) => toGrid(lon, lat)).map(
          ([x, y]) => [(x - madeAffine[2]) / 10, (madeAffine[5] - y) / 10] as const,
        );
        const [cols, rows] = [points.map(([col]) => col), points.map(([, row]) => row)];
        return [Math.min(...cols), Math.min(...rows), Math.max(...cols), Math.max(...rows)] as const;
      });
    const visible = pair.changes.filter(
      ({ col, row, width, height }) =>
        col + width < sidePx - cutPx - 2 && pair.cloud[(row + (height >> 1)) * sidePx + col + (width >> 1)] === 0,
    );
    const isFound = ({ col, row, width, height }: (typeof visible)[number]): boolean =>
      boxes.some(
        ([left, top, right, bottom]) => left < col + width && right > col && top < row + height && bottom > row,
      );
    expect(visible.length).toBeGreaterThan(3);
    expect(visible.filter(isFound).length / visible.length).toBeGreaterThanOrEqual(0.7);
  });

  it('names every input and output with its sha256, and no folder of this machine', () => {
    const { inputs, outputs, config } = manifestOf('out');
    const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(inputs.map(({ file, role, acquired }) => [file, role, acquired])).toEqual([
      ['before.tif', 'before', '2025-08-15'],
      ['after.tif', 'after', '2026-08-12'],
    ]);
    for (const { file, sha256: said } of inputs) expect(said).toBe(sha256(at(file)));
    expect(outputs.map(({ file }) => file)).toEqual(files.filter((name) => name !== 'run.json').toSorted());
    for (const { file, sha256: said } of outputs) expect(said).toBe(sha256(at(`out/${file}`)));
    for (const { file, sha256: said } of config)
      expect(said).toBe(sha256(new URL(`../../${file}`, import.meta.url).pathname));
    for (const name of ['run.json', 'summary.json', 'report.html', 'patches.geojson'])
      expect(readFileSync(at(`out/${name}`), 'utf8')).not.toContain(folder);
  });

  it('writes a report that stands alone and calls its patches suspected', () => {
    const page = readFileSync(at('out/report.html'), 'utf8');
    expect(page).toContain('疑似');
    expect(page).toContain('data:image/jpeg;base64,');
    expect(page).not.toMatch(/<script|src="http|href="http/);
  });

  it('gives the same bytes again in the place of the old ones', async () => {
    const before = await readTree(at('out'));
    writeFileSync(at('out/patches.geojson'), 'spoilt');
    const again = await run('out');
    expect(again.exit, again.stderr).toBe(0);
    expect(differences(before, await readTree(at('out')))).toEqual([]);
  });

  it('leaves a folder of others alone, and replaces it when told so', async () => {
    mkdirSync(at('foreign'));
    writeFileSync(at('foreign/notes.txt'), 'mine');
    const refused = await run('foreign');
    expect(refused.exit).toBe(2);
    expect(readFileSync(at('foreign/notes.txt'), 'utf8')).toBe('mine');
    const forced = await run('foreign', ['--force']);
    expect(forced.exit, forced.stderr).toBe(0);
    expect(readdirSync(at('foreign')).toSorted()).toEqual(files.toSorted());
  });

  it('finds no patch between a scene and itself', async () => {
    const same = await run('same', [], 'before.tif');
    expect(same.exit, same.stderr).toBe(0);
    expect(featuresOf('same')).toEqual([]);
    expect(manifestOf('same').counts.changedPixels).toBe(0);
    expect(summaryOf('same').warnings).toEqual(expect.any(Array));
  });

  it('compares scenes of different systems and resolutions on the grid of the first', async () => {
    const mixed = await run('mixed', [], 'coarse.tif');
    expect(mixed.exit, mixed.stderr).toBe(0);
    expect(await readRaster('mixed', 'change.tif')).toMatchObject({
      width: sidePx,
      height: sidePx,
      affine: madeAffine,
    });
    expect(summaryOf('mixed').coverage.observedM2).toBeGreaterThan(0.7 * summaryOf('mixed').coverage.gridM2);
  });

  it('takes a grid and an area of interest', async () => {
    const [gridded, inside] = [
      await run('gridded', ['--grid', '32651:20']),
      await run('inside', ['--aoi', at('aoi.geojson')]),
    ];
    expect([gridded.exit, inside.exit], gridded.stderr + inside.stderr).toEqual([0, 0]);
    expect(await readRaster('gridded', 'change.tif')).toMatchObject({
      width: 130,
      height: 130,
      affine: [20, 0, madeAffine[2], 0, -20, madeAffine[5]],
    });
    const { samples } = await readRaster('inside', 'change.tif');
    const seen = [...samples.keys()].filter((i) => samples[i] !== 255);
    expect(seen.length).toBeGreaterThan(8000);
    expect(Math.max(...seen.map((i) => i % sidePx))).toBeLessThanOrEqual(100);
    expect(Math.max(...seen.map((i) => Math.floor(i / sidePx)))).toBeLessThanOrEqual(100);
    // 1 km² on the grid, times the scale of the projection there
    expect(summaryOf('inside').coverage.gridM2).toBeCloseTo(1_000_800, -4);
    expect(manifestOf('inside').inputs.at(-1)).toMatchObject({ role: 'aoi', file: 'aoi.geojson' });
  });

  it('runs the shipped network where it fits', async () => {
    const ended = await run('network', ['--model', 'auto']);
    expect(ended.exit, ended.stderr).toBe(0);
    const { model } = manifestOf('network');
    expect(summaryOf('network').model).toBe(`${model?.id}@${model?.version}`);
  });

  it('plans without doing: --dry-run writes nothing', async () => {
    const planned = await run('planned', ['--dry-run', '--json']);
    expect(planned.exit, planned.stderr).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      grid: { epsg: 32651, width: sidePx, height: sidePx },
      chunks: 1,
      model: 'none',
    });
    expect(existsSync(at('planned'))).toBe(false);
  });

  it('is listed by status with where it writes', async () => {
    const { exit, stdout } = await tianwatch(['status', '--json'], { data });
    expect(exit).toBe(0);
    const listed = runStatusSchema.array().parse(JSON.parse(stdout));
    const own = listed.find(({ request }) => request.out === at('out'));
    expect(own).toMatchObject({ state: 'done', round: 2, chunks: { total: 1, failed: 0 } });
  });
});
