import { homeAt } from '../../workers/home.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadImportBasis } from '../../workers/registry/import-basis.ts';
import { prepareImport, previewQuickly } from '../../workers/registry/import-layer.ts';
import type { Preview } from '../../workers/registry/preview.ts';
import { openVector, type VectorOptions } from '../../workers/vector/open-vector.ts';
import { writeMadeParcels } from '../support/made-survey.ts';
import { parcelRow, squareAt, writeRows } from '../support/survey-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-files-'));
const at = (name: string): string => join(folder, name);
const basis = loadImportBasis();

beforeAll(async () => {
  await writeMadeParcels(at('DLTB'), { columns: 8, rows: 5, ringPoints: 20 });
  await writeMadeParcels(at('bare'), { columns: 8, rows: 5, ringPoints: 20 });
  rmSync(at('bare.prj'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function previewOf(name: string, options: VectorOptions = {}): Promise<Preview> {
  const file = await openVector(at(name), options);
  const how = { kind: 'land-survey', zone: null, basis, home: homeAt(at('none')) } as const;
  try {
    return (await prepareImport(file, how)).preview;
  } finally {
    await file.close();
  }
}

describe('the import of a file', () => {
  it('reads a GBK shapefile that has no .cpg', async () => {
    expect(await previewOf('DLTB.shp')).toMatchObject({
      rows: 40,
      encoding: 'gb18030',
      asOf: '2024-12-31',
      crs: { epsg: 4549 },
      problems: [],
    });
  });

  it('is quickly looked at: the same figures to four digits, and what was not looked at', async () => {
    const file = await openVector(at('DLTB.shp'));
    try {
      const quick = await previewQuickly(file, { kind: 'land-survey', zone: null, basis });
      const whole = await previewOf('DLTB.shp');
      expect(quick.notCovered).toEqual(['repairs', 'overlaps', 'gaps', 'areas beyond four digits']);
      expect(Math.abs(quick.areaM2 / whole.areaM2 - 1)).toBeLessThan(1e-6);
      for (const [i, { code, rows, areaM2 }] of whole.codes.entries()) {
        expect(quick.codes[i]).toMatchObject({ code, rows });
        expect(Math.abs(quick.codes[i]!.areaM2 / areaM2 - 1)).toBeLessThan(1e-6);
      }
      for (const [i, degrees] of whole.boundsDeg!.entries()) expect(quick.boundsDeg![i]).toBeCloseTo(degrees, 4);
      const same = ['rows', 'withoutGround', 'crs', 'encoding', 'columns', 'asOf', 'problems'] as const;
      for (const key of same) expect(quick[key], key).toEqual(whole[key]);
    } finally {
      await file.close();
    }
  });

  it('asks for the system of six-digit eastings without .prj, and takes it as an option', async () => {
    await expect(previewOf('bare.shp')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('bare.shp'),
      todo: expect.stringContaining('--crs'),
    });
    const given = await previewOf('bare.shp', { crs: '4549' });
    expect(given.areaM2).toBe((await previewOf('DLTB.shp')).areaM2);
  });

  it('refuses an encoding that the bytes contradict', async () => {
    await expect(previewOf('DLTB.shp', { encoding: 'utf-8' })).rejects.toMatchObject({
      message: expect.stringMatching(/DLTB.*utf-8/i),
    });
  });

  it('sees northings that stand first: the same ground, and a note', async () => {
    const rows = [parcelRow(0), parcelRow(1), parcelRow(2)];
    const turned = rows.map(({ properties, rings }) => ({
      properties,
      rings: rings!.map((ring) => ring.map(([x, y]) => [y, x] as const)),
    }));
    writeRows(at('straight.geojson'), rows);
    writeRows(at('turned.geojson'), turned);
    const preview = await previewOf('turned.geojson');
    expect(preview.areaM2).toBe((await previewOf('straight.geojson')).areaM2);
    expect(preview.problems).toMatchObject([{ code: 'FILE_NOTE', message: expect.stringContaining('axes-swapped') }]);
  });

  it('refuses eastings of two zones, naming the row', async () => {
    const far = { ...parcelRow(3), rings: [squareAt(0, 0, 100).map(([x, y]) => [x + 40_000_000, y] as const)] };
    writeRows(at('zones.geojson'), [parcelRow(0), parcelRow(1), parcelRow(2), far]);
    await expect(previewOf('zones.geojson')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/zones\.geojson.*\b4\b/),
    });
  });
});
