import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { holdData } from '../support/data-holder.ts';
import { tianwatch } from '../support/run-command.ts';
import type { Outcome } from '../support/run-command.ts';
import { readFeatures, readManifest, readSummary } from '../support/run-output.ts';
import type { Feature } from '../support/run-output.ts';
import { madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-layers-'));
const at = (name: string): string => join(folder, name);
const data = at('data');
const sidePx = 260;
const pair = makePair(sidePx, 8);
const parcelPx = 26;
const toLonLat = projector(crsFromEpsg(32651), crsFromEpsg(4326));
let holder: { close(): Promise<void> };

/** A rectangle of the grid as a closed ring of longitudes and latitudes. */
const ringOf = (col: number, row: number, width: number, height: number) =>
  [
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 0],
    [0, 0],
  ].map(([x = 0, y = 0]) => toLonLat(madeAffine[2] + 10 * (col + x * width), madeAffine[5] - 10 * (row + y * height)));

function writeLayer(name: string, rows: readonly { readonly ring: readonly unknown[]; readonly properties: object }[]) {
  const features = rows.map(({ ring, properties }) => ({
    type: 'Feature',
    properties,
    geometry: { type: 'Polygon', coordinates: [ring] },
  }));
  writeFileSync(at(name), JSON.stringify({ type: 'FeatureCollection', features }));
}

/** The westernmost columns of parcels are of one town, the others of its neighbour; the easternmost are factories. */
const survey = Array.from({ length: 100 }, (_, i) => {
  const [across, down] = [i % 10, Math.floor(i / 10)];
  const isFactory = across === 9;
  return {
    ring: ringOf(across * parcelPx, down * parcelPx, parcelPx, parcelPx),
    properties: {
      BSM: String(i + 1).padStart(18, '0'),
      DLBM: isFactory ? '0601' : '0101',
      DLMC: isFactory ? '工业用地' : '水田',
      ZLDWDM: across < 5 ? '3304111042010000000' : '3304111032010000000',
      ZLDWMC: across < 5 ? '潘家浜村' : '油车港村',
    },
  };
});
const seen = pair.changes.filter(
  ({ col, row, width, height }) =>
    col + width < 9 * parcelPx && pair.cloud[(row + (height >> 1)) * sidePx + col + (width >> 1)] === 0,
);
const permitted = seen.find(({ into }) => into === 'built')!;
const crossed =
  seen.find(({ into, width }) => into !== 'crops' && into !== permitted.into && width >= 8) ?? seen.at(-1)!;
/** its line runs through the middle of a change */
const boundary = ringOf(crossed.col - 20, crossed.row - 10, 20 + (crossed.width >> 1), crossed.height + 20);

beforeAll(async () => {
  const size = { width: sidePx, height: sidePx };
  await writeMadeScene(at('before.tif'), { ...size, data: pair.before, acquired: '2025-08-15' });
  await writeMadeScene(at('after.tif'), { ...size, data: pair.after, acquired: '2026-08-12' });
  expect(madeBands.length * sidePx * sidePx).toBe(pair.after.length);
  writeLayer('DLTB.geojson', survey);
  writeLayer('permit.geojson', [
    {
      ring: ringOf(permitted.col - 2, permitted.row - 2, permitted.width + 4, permitted.height + 4),
      properties: {
        id: 'PZ1',
        number: '浙土字〔2026〕1号',
        use: '建设',
        validFrom: '2026-01-01',
        validTo: '2027-12-31',
      },
    },
  ]);
  const project = { id: 'JX01', name: '新塍整治', county: '330411', towns: '330411104', stage: '实施' };
  writeLayer('project.geojson', [
    { ring: boundary, properties: { ...project, startDate: '2025-01-01', endDate: '2027-12-31' } },
  ]);
  writeLayer('sub-project.geojson', [
    {
      ring: boundary,
      properties: {
        id: 'JX01-01',
        project: 'JX01',
        work: 'added',
        plannedCode: '0101',
        town: '330411104',
        plannedM2: 1,
      },
    },
  ]);
  holder = await holdData(data);
});
afterAll(async () => {
  await holder.close();
  rmSync(folder, { recursive: true, force: true });
});

const command = (...words: string[]): Promise<Outcome> => tianwatch(words, { data });
const run = (out: string, ...flags: string[]): Promise<Outcome> =>
  command(
    'run',
    '--before',
    at('before.tif'),
    '--after',
    at('after.tif'),
    '--out',
    at(out),
    '--model',
    'none',
    ...flags,
  );

const isOver = ({ geometry }: Feature, { col, row, width, height }: (typeof pair.changes)[number]): boolean => {
  const [lon, lat] = toLonLat(madeAffine[2] + 10 * (col + width / 2), madeAffine[5] - 10 * (row + height / 2));
  const ring = geometry.coordinates[0]!;
  const [lons, lats] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
  return Math.min(...lons) < lon && lon < Math.max(...lons) && Math.min(...lats) < lat && lat < Math.max(...lats);
};

describe('tianwatch run on imported layers', { timeout: 120_000 }, () => {
  it('says what to import where nothing was', async () => {
    const outcome = await run('none', '--baseline');
    expect(outcome.exit).toBe(1);
    expect(outcome.stderr).toContain('tianwatch baseline import');
    expect((await run('none', '--baseline', 'DLTB.shp')).exit).toBe(2);
  });

  it('judges each patch by the land below it', async () => {
    const imports = [
      ['baseline', 'import', at('DLTB.geojson'), '--kind', 'land-survey', '--as-of', '2025-12-31'],
      ['baseline', 'import', at('permit.geojson'), '--kind', 'permit', '--as-of', '2026-06-30'],
      ['project', 'import', at('project.geojson'), '--as-of', '2026-01-01'],
      ['project', 'import', at('sub-project.geojson'), '--as-of', '2026-01-01'],
    ];
    for (const words of imports) {
      const imported = await command(...words);
      expect(imported.exit, `${words.join(' ')}\n${imported.stderr}`).toBe(0);
    }
    const outcome = await run('out', '--baseline', '--project');
    expect(outcome.exit, outcome.stderr).toBe(0);
    expect(readFileSync(join(data, 'log/tianwatch.log'), 'utf8')).toContain('"county":"330411"');
    const features = readFeatures(at('out'));
    expect(features.length).toBeGreaterThan(3);
    for (const { properties } of features) {
      const { parcels, beforeFrom, codeBefore, town, category, classAfter } = properties;
      expect(beforeFrom).toBe('survey');
      expect(parcels.reduce((sum, { shareFraction }) => sum + shareFraction, 0)).toBeCloseTo(1, 4);
      expect(['330411103', '330411104']).toContain(town);
      expect(town === '330411104' ? Number(parcels[0]!.id) % 10 < 6 : Number(parcels[0]!.id) % 10 !== 1).toBe(true);
      if (codeBefore === '0601') expect(['other', 'none', 'review', 'recovered']).toContain(category);
      if (codeBefore === '0101' && classAfter === 'built') expect(category).toBe('non-farm');
    }
    const kinds = readSummary(at('out')).layers.map(({ kind }) => kind);
    expect(kinds).toEqual(['land-survey', 'permit', 'project', 'sub-project']);
    expect(readManifest(at('out')).layers.every(({ id }) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
  });

  it('keeps what is permitted as a finding with its permit, and prints figures without it', () => {
    const features = readFeatures(at('out'));
    const own = features.filter(({ properties }) => properties.permits.length > 0);
    expect(own.some((feature) => isOver(feature, permitted))).toBe(true);
    for (const { properties } of own) {
      expect(properties.isLawful).toBe(properties.permitFraction >= 0.9);
      expect(properties.permits[0]).toMatchObject({ id: 'PZ1', number: '浙土字〔2026〕1号' });
      expect(properties.permits[0]!.coveredM2).toBeLessThanOrEqual(properties.areaM2 + 0.01);
    }
    const row = readSummary(at('out')).categories.find(({ category }) => category === 'non-farm')!;
    expect(row.unpermittedM2).toBeLessThan(row.suspectedM2);
    expect(row.lawful).toBeGreaterThan(0);
  });

  it('lists works over the boundary of a project, in a table for a spreadsheet', () => {
    const text = readFileSync(at('out/discrepancies.csv'), 'utf8');
    expect(text.startsWith('\uFEFFproject,name,county,town,work,plannedM2,observedM2,outsideM2,unobservedM2,')).toBe(
      true,
    );
    const [, first = ''] = text.split('\r\n');
    const cells = first.split(',');
    expect(cells.slice(0, 2)).toEqual(['JX01', '新塍整治']);
    expect(Number(cells[7])).toBeGreaterThan(200);
    expect(first).toContain('越界');
    expect(readFileSync(at('out/report.html'), 'utf8')).toContain('新塍整治');
  });

  it('gives the same bytes again, and another result once a newer survey is there', async () => {
    const before = readFileSync(at('out/patches.geojson'), 'utf8');
    expect((await run('again', '--baseline', '--project')).exit).toBe(0);
    expect(readFileSync(at('again/patches.geojson'), 'utf8')).toBe(before);
    writeLayer(
      'newer.geojson',
      survey.map(({ ring, properties }) => ({ ring, properties: { ...properties, DLBM: '0601', DLMC: '工业用地' } })),
    );
    const words = ['baseline', 'import', at('newer.geojson'), '--kind', 'land-survey', '--as-of', '2026-03-31'];
    expect((await command(...words)).exit).toBe(0);
    expect((await run('again', '--baseline', '--project')).exit).toBe(0);
    expect(readFeatures(at('again')).every(({ properties }) => properties.codeBefore === '0601')).toBe(true);
  });
});
