import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { evaluationSchema, type Evaluation } from '../../scripts/evaluate/evaluation-format.ts';
import { makePair } from '../../scripts/made-pair.ts';
import { tianwatch } from '../support/run-command.ts';
import type { Outcome } from '../support/run-command.ts';
import { readOutputRaster } from '../support/run-output.ts';
import { madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-evaluate-'));
const at = (name: string): string => join(folder, name);
const sidePx = 200;
const size = { width: sidePx, height: sidePx };
const pair = makePair(sidePx, 8);
const truth = new Uint8Array(sidePx * sidePx).fill(1);
for (const { col, row, width, height } of pair.changes)
  for (let r = row; r < row + height; r++) truth.fill(2, r * sidePx + col, r * sidePx + col + width);

beforeAll(async () => {
  await writeMadeScene(at('before.tif'), { ...size, data: pair.before, acquired: '2025-08-15' });
  await writeMadeScene(at('after.tif'), { ...size, data: pair.after, acquired: '2026-08-12' });
  const label = { ...size, names: ['label'], dtype: 'uint8', nodata: null, acquired: '2026-08-12' } as const;
  await writeMadeScene(at('labels.tif'), { ...label, data: truth });
  const toLonLat = projector(crsFromEpsg(32651), crsFromEpsg(4326));
  const features = pair.changes.map(({ col, row, width, height, into }) => ({
    type: 'Feature',
    properties: { classAfter: into },
    geometry: {
      type: 'Polygon',
      coordinates: [
        (
          [
            [col, row + height],
            [col + width, row + height],
            [col + width, row],
            [col, row],
            [col, row + height],
          ] as const
        ).map(([c, r]) => toLonLat(madeAffine[2] + 10 * c, madeAffine[5] - 10 * r)),
      ],
    },
  }));
  writeFileSync(at('labels.geojson'), JSON.stringify({ type: 'FeatureCollection', features }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scenes = ['--before', at('before.tif'), '--after', at('after.tif')];
const command = (args: readonly string[]): Promise<Outcome> => tianwatch(args, { data: at('data') });
const evaluate = (labels: string, out: string, flags: readonly string[] = []): Promise<Outcome> =>
  command(['evaluate', ...scenes, '--labels', at(labels), '--model', 'none', '--out', at(out), ...flags]);
const written = (out: string): Evaluation =>
  evaluationSchema.parse(JSON.parse(readFileSync(join(at(out), 'evaluation.json'), 'utf8')));

describe('tianwatch evaluate', { timeout: 300_000 }, () => {
  it('counts exactly what a run writes against the labels', async () => {
    const { exit, stdout } = await evaluate('labels.tif', 'by-raster');
    expect(exit).toBe(0);
    expect(stdout).toContain('evaluation.html');
    const run = await command(['run', ...scenes, '--model', 'none', '--out', at('run')]);
    expect(run.exit).toBe(0);
    const { samples: data, metadata } = await readOutputRaster(join(at('run'), 'change.tif'));
    const threshold = Number(metadata['THRESHOLD']);
    let [hit, flagged, changed, unobserved] = [0, 0, 0, 0];
    for (let i = 0; i < truth.length; i++) {
      if (data[i] === 255) {
        unobserved++;
        continue;
      }
      if (truth[i] === 2) changed++;
      if (data[i]! < threshold) continue;
      flagged++;
      if (truth[i] === 2) hit++;
    }
    expect(hit).toBeGreaterThan(0);
    const { pooled, places, model } = written('by-raster');
    expect(model).toBeNull();
    expect(pooled).toMatchObject({ changedPx: changed, unobservedPx: unobserved, labelledPx: truth.length });
    expect(pooled.methods[0]).toMatchObject({
      method: 'product',
      thresholdFrom: 'shipped',
      precision: hit / flagged,
      recall: hit / changed,
      f1Interval: null,
    });
    expect(pooled.methods.map(({ method }) => method)).toEqual(['product', 'product', 'irmad', 'vectors']);
    expect(places).toHaveLength(1);
    const page = readFileSync(join(at('by-raster'), 'evaluation.html'), 'utf8');
    expect(page).toContain(pooled.methods[0]!.f1!.toFixed(3));
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  it('gives the same figures of the same changes as polygons, and recall by class besides', async () => {
    const { exit } = await evaluate('labels.geojson', 'by-polygons');
    expect(exit).toBe(0);
    const [raster, polygons] = [written('by-raster').pooled, written('by-polygons').pooled];
    expect(polygons.methods).toEqual(raster.methods);
    expect(polygons.classes.find((row) => row.class === 'built')?.changedPx).toBeGreaterThan(0);
  });

  it('takes places from a list and bootstraps over them', async () => {
    mkdirSync(at('lists'));
    const place = { before: '../before.tif', after: '../after.tif', labels: '../labels.tif' };
    const places = ['a', 'b', 'c'].map((name) => ({ name, ...place }));
    writeFileSync(at('lists/places.json'), JSON.stringify({ format: 'tianwatch-places/1', places }));
    const args = ['--places', at('lists/places.json'), '--model', 'none', '--into', 'built,bare', '--out', at('three')];
    const { exit, stdout } = await command(['evaluate', ...args, '--json']);
    expect(exit).toBe(0);
    const { pooled, into } = evaluationSchema.parse(JSON.parse(stdout));
    const [row] = pooled.methods;
    expect([into, pooled.places, row!.counts]).toEqual([['built', 'bare'], 3, 'into']);
    // three times the same place: nothing varies
    expect(row!.f1Interval![0]).toBeCloseTo(row!.f1!, 12);
    expect(row!.f1Interval![1]).toBeCloseTo(row!.f1!, 12);
  });

  it('refuses labels that do not fit in one line, writes nothing', async () => {
    const small = { width: 10, height: 10, names: ['label'], dtype: 'uint8', nodata: null, epsg: null } as const;
    await writeMadeScene(at('small.tif'), { ...small, data: new Uint8Array(100).fill(1), acquired: '2026-01-01' });
    const { exit, stderr } = await evaluate('small.tif', 'refused');
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^INPUT_INVALID: small: small\.tif is 10 × 10 px.*200 × 200 px.*\n$/);
    const unnamed = await evaluate('labels.tif', 'refused', ['--changed', '7']);
    expect(unnamed.stderr).toMatch(/the value 2, which nothing names/);
    const strange = await evaluate('labels.tif', 'refused', ['--into', 'castle']);
    expect([strange.exit, strange.stderr.includes('--into castle is no class of this model')]).toEqual([2, true]);
    expect(() => readFileSync(join(at('refused'), 'evaluation.json'))).toThrow();
  });
});
