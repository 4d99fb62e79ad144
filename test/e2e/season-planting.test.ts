import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseTable } from '../../pipeline/rule/csv-table.ts';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { openScene } from '../../workers/images/open-scene.ts';
import { readDraft } from '../../workers/registry/draft.ts';
import { loadImportBasis } from '../../workers/registry/import-basis.ts';
import { loadRegion } from '../../workers/rule/load-rules.ts';
import { plantingColumns } from '../../workers/season/planting-file.ts';
import { plantingOfSeries, writePlantingFile, type PlantingLook } from '../../workers/season/series-planting.ts';
import { openVector } from '../../workers/vector/open-vector.ts';

const folder = mkdtempSync(join(tmpdir(), 'season-planting-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('writes the planting of every cropland parcel and year of a series, and never a wrong grain year where it saw rice', async () => {
  // the weather of this seed: clear in April, on 12 June and in August, overcast on 10 February, 24 June and 2 July
  const days = '2025-12-05,2026-02-10,2026-04-02,2026-05-03,2026-06-04,2026-06-12,2026-06-24,2026-07-02,2026-08-12';
  const dates = `${days},2026-08-25,2026-10-28,2026-12-04`.split(',');
  await simulate({ seed: 11, size: 128, gsd: '10', looks: dates.length, dates, changes: 'none' }, folder, () => {});
  const source = await openVector(join(folder, 'survey/DLTB.geojson'));
  const { layer } = await readDraft(source, { kind: 'land-survey', zone: null, basis: loadImportBasis() });
  await source.close();
  const looks: PlantingLook[] = [];
  for (const name of readdirSync(join(folder, 'scenes')).filter((file) => file.endsWith('.tif'))) {
    const opened = await openScene({ files: [join(folder, 'scenes', name)] });
    await opened.close();
    looks.push({ scene: opened.scene, cloud: null });
  }
  const { grid, gsdM } = looks[0]!.scene;
  const isWanted = (feature: number): boolean => layer.columns['code']![feature]!.startsWith('01');
  const place = { grid, gsdM, region: loadRegion(), isWanted };
  const { rows, leftOut } = plantingOfSeries(looks, layer, place);
  const path = join(folder, 'planting.csv');
  const counts = await writePlantingFile(path, rows);
  expect(leftOut).toEqual([]);
  const found = parseTable(readFileSync(path, 'utf8'), [...plantingColumns], 'planting.csv');
  const wanted = layer.columns['code']!.filter((code) => code.startsWith('01')).length;
  expect(found.length).toBe(2 * wanted);
  expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(found.length);
  const truth = new Map(
    parseTable(
      readFileSync(join(folder, 'truth/planting.csv'), 'utf8'),
      ['parcel', 'year', 'winter', 'summer', 'status', 'grainFraction'],
      'truth',
    ).map((row) => [`${row.parcel} ${row.year}`, Number(row.grainFraction)]),
  );
  const grainOf = (id: string, year: string): number | undefined => truth.get(`${Number(id.slice(-8))} ${year}`);
  const sawRice = found.filter(({ evidence }) => evidence.includes('水稻'));
  expect(sawRice.length).toBeGreaterThan(5);
  for (const { parcel, year, status } of sawRice) {
    expect(['grain', 'rotation']).toContain(status);
    expect(grainOf(parcel, year)).toBeGreaterThan(0);
  }
  const nothing = plantingOfSeries(looks, layer, { ...place, region: null });
  expect(nothing.leftOut.length).toBe(looks.length);
  expect((await nothing.rows.next()).done).toBe(true);
}, 120_000);
