import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { classMapSchema } from '../../models/card.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import type { Grid } from '../../pipeline/types.ts';
import { openLabelPolygons } from '../../scripts/evaluate/label-polygon.ts';
import { openLabelRaster, type LabelRasterOptions } from '../../scripts/evaluate/label-raster.ts';
import { labelCode, parseLabelValues, type Labels } from '../../scripts/evaluate/label-value.ts';
import coverClasses from '../../models/classes/cover-6.json' with { type: 'json' };
import { madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';
import type { MadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-labels-'));
const opened: Labels[] = [];
afterAll(async () => {
  for (const labels of opened) await labels.close();
  rmSync(folder, { recursive: true, force: true });
});

const { classes } = classMapSchema.parse(coverClasses);
const grid: Grid = { crs: crsFromEpsg(32651), affine: madeAffine, width: 6, height: 4 };
const whole = { col: 0, row: 0, width: 6, height: 4 };
const values = parseLabelValues({ changed: '2', unchanged: '1', ignore: '0' });

let count = 0;
async function raster(scene: Partial<MadeScene>, options: Partial<LabelRasterOptions> = {}) {
  const path = join(folder, `labels-${count++}.tif`);
  const plain = {
    data: Uint8Array.from({ length: 24 }, (_, i) => (i === 23 ? 2 : 1)),
    width: 6,
    height: 4,
    names: ['label'],
    acquired: '2026-01-01',
  };
  await writeMadeScene(path, { ...plain, dtype: 'uint8', nodata: null, ...scene });
  const labels = await openLabelRaster(path, { grid, classes, values, align: null, ...options });
  opened.push(labels);
  return labels;
}

describe('label values', () => {
  it('are lists of whole numbers, of change with or without the class', () => {
    const parsed = parseLabelValues({ changed: '2=built, 3', unchanged: '1,7', ignore: '' });
    expect([...parsed.changed]).toEqual([
      [2, 'built'],
      [3, null],
    ]);
    expect([[...parsed.unchanged], [...parsed.ignored]]).toEqual([[1, 7], []]);
  });

  it('are refused where one means two things or is no number', () => {
    expect(() => parseLabelValues({ changed: '2', unchanged: '1', ignore: '2' })).toThrow(/label value 2 stands twice/);
    expect(() => parseLabelValues({ changed: 'built', unchanged: '1', ignore: '0' })).toThrow(/--changed built is no/);
  });
});

describe('a label raster', () => {
  it('without georeference lies pixel by pixel on a grid of its size', async () => {
    const data = Uint8Array.from({ length: 24 }, (_, i) => i % 3);
    const labels = await raster({ data, epsg: null });
    expect(await labels.read(whole)).toEqual(data.map((value) => [0, 1, 2][value]!));
    expect([...(await labels.read({ col: 1, row: 3, width: 2, height: 1 }))]).toEqual([1, 2]);
  });

  it('of another size is refused with both sizes', async () => {
    const odd = { data: new Uint8Array(32).fill(1), width: 8, height: 4, epsg: null };
    await expect(raster(odd)).rejects.toThrow(/8 × 4 px.*before scene has 6 × 4 px/);
  });

  it('in another coordinate system is refused with both names', async () => {
    await expect(raster({ epsg: 32650 })).rejects.toThrow(/UTM zone 50N.*UTM zone 51N/);
  });

  it('of the size of the scene but placed elsewhere is refused until somebody says which is true', async () => {
    const moved = { affine: [10, 0, madeAffine[2] + 20, 0, -10, madeAffine[5]] } as const;
    const data = Uint8Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? 2 : 1));
    await expect(raster({ ...moved, data })).rejects.toMatchObject({ todo: expect.stringContaining('--align array') });
    const byArray = await raster({ ...moved, data }, { align: 'array' });
    expect([...(await byArray.read({ ...whole, height: 1 }))]).toEqual([2, 1, 1, 1, 1, 1]);
    const byMap = await raster({ ...moved, data }, { align: 'map' });
    expect([...(await byMap.read({ ...whole, height: 1 }))]).toEqual([0, 0, 2, 1, 1, 1]);
  });

  it('of a part of the scene labels that part alone', async () => {
    const affine = [10, 0, madeAffine[2] + 10, 0, -10, madeAffine[5] - 20] as const;
    const labels = await raster({ data: Uint8Array.of(2, 1), width: 2, height: 1, affine });
    const plane = await labels.read(whole);
    expect([...plane.subarray(12, 18)]).toEqual([0, 2, 1, 0, 0, 0]);
    expect(plane.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0)).toBe(2);
    expect(labels.notes.join()).toContain('a part of the grid');
  });

  it('half a pixel off is refused with the command that mends it', async () => {
    const affine = [10, 0, madeAffine[2] + 5, 0, -10, madeAffine[5]] as const;
    const off = raster({ data: Uint8Array.of(2, 1), width: 2, height: 1, affine });
    await expect(off).rejects.toMatchObject({ todo: expect.stringContaining('gdalwarp -r near -t_srs EPSG:32651') });
  });

  it('with a value that nothing names is refused, the values it has counted', async () => {
    const data = new Uint8Array(24).fill(1).fill(255, 0, 5);
    await expect(raster({ data })).rejects.toThrow(/the value 255, which nothing names.*1 \(19 px\), 255 \(5 px\)/);
  });

  it('leaves declared nodata out and says so', async () => {
    const labels = await raster({ data: new Uint8Array(24).fill(2).fill(255, 0, 5), nodata: 255 });
    expect((await labels.read(whole)).filter((code) => code === labelCode.ignored)).toHaveLength(5);
    expect(labels.notes.join()).toContain('5 px of nodata');
  });

  it('that labels nothing is refused', async () => {
    await expect(raster({ data: new Uint8Array(24) })).rejects.toThrow(/labels no pixel; its values are 0 \(24 px\)/);
  });

  it('without a pixel of change is refused, unless that is what somebody means', async () => {
    const data = Uint8Array.from({ length: 24 }, (_, i) => i % 2);
    await expect(raster({ data })).rejects.toMatchObject({
      message: expect.stringMatching(/no pixel of --changed 2; its values are 0 \(12 px\), 1 \(12 px\)/),
      todo: expect.stringContaining('--changed 1 --unchanged 0'),
    });
    const none = parseLabelValues({ changed: '', unchanged: '1', ignore: '0' });
    const labels = await raster({ data }, { values: none });
    expect((await labels.read(whole)).filter((code) => code === labelCode.unchanged)).toHaveLength(12);
  });

  it('names a class of the model or is refused', async () => {
    const named = (changed: string) => parseLabelValues({ changed, unchanged: '1', ignore: '' });
    const labels = await raster({ data: new Uint8Array(24).fill(2) }, { values: named('2=built') });
    expect((await labels.read(whole))[0]).toBe(labelCode.intoFirst + 4);
    await expect(raster({}, { values: named('2=castle') })).rejects.toThrow(/castle is no class.*water, trees/);
  });
});

const toLonLat = projector(crsFromEpsg(32651), crsFromEpsg(4326));
/** Pixels `[left, right)` of the first row as a feature. */
function strip(left: number, right: number, properties: Record<string, unknown> = {}): unknown {
  const corners = [
    [left, 1],
    [right, 1],
    [right, 0],
    [left, 0],
    [left, 1],
  ] as const;
  const ring = corners.map(([c, r]) => toLonLat(madeAffine[2] + 10 * c, madeAffine[5] - 10 * r));
  return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } };
}
function polygons(features: readonly unknown[], outside: 'unchanged' | 'ignore' | null = null) {
  const path = join(folder, `labels-${count++}.geojson`);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
  return openLabelPolygons(path, { grid, classes, outside, dates: { before: '2025-08-15', after: '2026-08-12' } });
}

describe('label polygons', () => {
  it('are changes, into a class where they name one; other ground is unchanged', async () => {
    const labels = await polygons([strip(0, 2), strip(3, 5, { classAfter: 'water' })]);
    const row = [...(await labels.read({ ...whole, height: 1 }))];
    expect(row).toEqual([2, 2, 1, labelCode.intoFirst, labelCode.intoFirst, 1]);
    expect([...(await labels.read({ col: 1, row: 0, width: 3, height: 1 }))]).toEqual([2, 1, labelCode.intoFirst]);
  });

  it('with verdicts leave other ground open', async () => {
    const labels = await polygons([strip(0, 2, { verdict: 'confirmed' }), strip(3, 5, { verdict: 'refuted' })]);
    expect([...(await labels.read({ ...whole, height: 1 }))]).toEqual([2, 2, 0, 1, 1, 0]);
    expect(labels.notes.join()).toContain('not scored');
  });

  it('of which only some have a verdict are scored in those alone', async () => {
    const features = [strip(0, 2, { verdict: 'confirmed' }), strip(3, 5, { verdict: null, classAfter: 'built' })];
    const labels = await polygons(features);
    expect([...(await labels.read({ ...whole, height: 1 }))]).toEqual([2, 2, 0, 0, 0, 0]);
    expect(labels.notes.join()).toContain('1 features have no verdict yet');
    const rest = await polygons(features, 'unchanged');
    expect([...(await rest.read({ ...whole, height: 1 }))]).toEqual([2, 2, 1, 0, 0, 1]);
  });

  it('of other dates than the scenes are told apart from those of the same', async () => {
    const same = await polygons([strip(0, 2, { dateBefore: '2025-08-15', dateAfter: '2026-08-12T02:31:09Z' })]);
    expect(same.notes.join()).not.toContain('other dates');
    const other = await polygons([strip(0, 2, { dateBefore: '2025-08-15', dateAfter: '2026-10-01' })]);
    expect(other.notes.join()).toContain('other dates than these scenes are among them: 2025-08-15 → 2026-10-01');
  });

  it('with an unknown verdict are refused by row', async () => {
    await expect(polygons([strip(0, 1), strip(1, 2, { verdict: 'maybe' })])).rejects.toThrow(
      /feature 2: verdict "maybe"/,
    );
  });

  it('that lie elsewhere are refused', async () => {
    await expect(polygons([strip(4000, 4004)])).rejects.toThrow(/none of its 1 polygons lies on the before scene/);
  });
});
