import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { patchPropertiesSchema } from '../../pipeline/report/formats.ts';
import { categoryCodes } from '../../pipeline/rule/reason.ts';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { runStatusSchema } from '../../workers/run-status.ts';
import { differences, readTree } from '../fault/kill.ts';
import { holdData } from '../support/data-holder.ts';
import { tianwatch } from '../support/run-command.ts';
import type { Outcome } from '../support/run-command.ts';
import { readFeatures, readManifest, readOutputRaster, readSummary } from '../support/run-output.ts';
import { coarseScene, cutScene, madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-run-'));
const at = (name: string): string => join(folder, name);
const data = at('data');
const sidePx = 260;
const pair = makePair(sidePx, 8);
const rasters = ['classes_before.tif', 'classes_after.tif', 'change.tif', 'change_into.tif', 'category.tif'];
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
  await writeMadeScene(at('coarse.tif'), coarseScene(pair.after, sidePx));
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

function run(out: string, flags: readonly string[] = [], after = 'after.tif'): Promise<Outcome> {
  const args = ['run', '--before', at('before.tif'), '--after', at(after), '--out', at(out)];
  return tianwatch([...args, ...(flags.includes('--model') ? [] : ['--model', 'none']), ...flags], { data });
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

  it('writes every raster on exactly the grid of the before file', async () => {
    for (const name of rasters) {
      const raster = await readOutputRaster(at(`out/${name}`));
      expect(raster).toMatchObject({ width: sidePx, height: sidePx, affine: madeAffine, epsg: 32651, dtype: 'uint8' });
      if (name === 'change.tif') {
        const threshold = Number(raster.metadata['THRESHOLD']);
        expect(threshold).toBeGreaterThan(0);
        expect(threshold).toBeLessThanOrEqual(250);
        expect(raster.samples.some((value) => value > 250 && value < 255)).toBe(false);
        const changed = raster.samples.filter((value) => value >= threshold && value <= 250).length;
        expect(changed).toBe(readManifest(at('out')).counts.changedPixels);
      } else {
        const classes = JSON.parse(raster.metadata['CLASSES'] ?? '{}') as Record<string, string>;
        expect(Object.values(classes)).toContain(name === 'category.tif' ? 'non-farm' : 'built');
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

  it('paints each category over as many pixels as its patches have', async () => {
    const { samples } = await readOutputRaster(at('out/category.tif'));
    const features = readFeatures(at('out'));
    for (const [category, code] of Object.entries(categoryCodes)) {
      const own = features.filter(({ properties }) => properties.category === category);
      const pixels = own.reduce((sum, { properties }) => sum + properties.pixels, 0);
      if (category !== 'none') expect(samples.filter((value) => value === code).length, category).toBe(pixels);
    }
    const { samples: change } = await readOutputRaster(at('out/change.tif'));
    expect(samples.every((value, i) => (value === 255) === (change[i] === 255))).toBe(true);
  });

  it('counts as much as it lists', () => {
    const [summary, manifest, features] = [readSummary(at('out')), readManifest(at('out')), readFeatures(at('out'))];
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
    const boxes = readFeatures(at('out'))
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
    const { inputs, outputs, config } = readManifest(at('out'));
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
    expect(readFeatures(at('same'))).toEqual([]);
    expect(readManifest(at('same')).counts.changedPixels).toBe(0);
    expect(readSummary(at('same')).warnings).toEqual(expect.any(Array));
  });

  it('compares scenes of different systems and resolutions on the grid of the first', async () => {
    const mixed = await run('mixed', [], 'coarse.tif');
    expect(mixed.exit, mixed.stderr).toBe(0);
    expect(await readOutputRaster(at('mixed/change.tif'))).toMatchObject({
      width: sidePx,
      height: sidePx,
      affine: madeAffine,
    });
    expect(readSummary(at('mixed')).coverage.observedM2).toBeGreaterThan(
      0.7 * readSummary(at('mixed')).coverage.gridM2,
    );
  });

  it('takes a grid and an area of interest', async () => {
    const [gridded, inside] = [
      await run('gridded', ['--grid', '32651:20']),
      await run('inside', ['--aoi', at('aoi.geojson')]),
    ];
    expect([gridded.exit, inside.exit], gridded.stderr + inside.stderr).toEqual([0, 0]);
    expect(await readOutputRaster(at('gridded/change.tif'))).toMatchObject({
      width: 130,
      height: 130,
      affine: [20, 0, madeAffine[2], 0, -20, madeAffine[5]],
    });
    const { samples } = await readOutputRaster(at('inside/change.tif'));
    const seen = [...samples.keys()].filter((i) => samples[i] !== 255);
    expect(seen.length).toBeGreaterThan(8000);
    expect(Math.max(...seen.map((i) => i % sidePx))).toBeLessThanOrEqual(100);
    expect(Math.max(...seen.map((i) => Math.floor(i / sidePx)))).toBeLessThanOrEqual(100);
    // 1 km² on the grid, times the scale of the projection there
    expect(readSummary(at('inside')).coverage.gridM2).toBeCloseTo(1_000_800, -4);
    expect(readManifest(at('inside')).inputs.at(-1)).toMatchObject({ role: 'aoi', file: 'aoi.geojson' });
  });

  it('runs the shipped network where it fits', async () => {
    const ended = await run('network', ['--model', 'auto']);
    expect(ended.exit, ended.stderr).toBe(0);
    const { model } = readManifest(at('network'));
    expect(readSummary(at('network')).model).toBe(`${model?.id}@${model?.version}`);
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
