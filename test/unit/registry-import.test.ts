import { describe, expect, it } from 'vitest';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { asOfOf, describeDraft } from '../../workers/registry/describe-draft.ts';
import { readDraft } from '../../workers/registry/draft.ts';
import { mapColumns, projectKindOf } from '../../workers/registry/field-table.ts';
import { loadImportBasis } from '../../workers/registry/import-basis.ts';
import { refuseFuture, refuseProblems } from '../../workers/registry/import-layer.ts';
import type { LayerKind } from '../../pipeline/parcel/layer-ref.ts';
import type { Preview } from '../../workers/registry/preview.ts';
import { previewSchema } from '../../workers/registry/preview.ts';
import { checkCounties, checkNewIds, checkSubProjects } from '../../workers/registry/project-check.ts';
import { membersOf, mergeSet } from '../../workers/registry/project-set.ts';
import { gatherProblems } from '../../workers/registry/problem.ts';
import { madeParcels } from '../support/made-survey.ts';
import { type TestRow, parcelRow, sourceOf, squareAt } from '../support/survey-rows.ts';

const basis = loadImportBasis();

async function draftOf(rows: readonly TestRow[], kind: LayerKind = 'land-survey', epsg = 4549) {
  return readDraft(sourceOf(rows, epsg), { kind, zone: kind === 'zone' ? 'grain' : null, basis });
}

async function previewOf(rows: readonly TestRow[], kind: LayerKind = 'land-survey'): Promise<Preview> {
  const draft = await draftOf(rows, kind);
  const preview = describeDraft(draft, asOfOf(undefined, draft), basis, openParcelIndex(draft.layer));
  return previewSchema.parse(preview);
}

const codesOf = ({ problems }: Preview): string[] => problems.map(({ code }) => code);
const problemOf = ({ problems }: Preview, code: string) => problems.find((problem) => problem.code === code);

describe('a preview', () => {
  it('counts rows and areas by land code, in m² and in mu', async () => {
    const preview = await previewOf([parcelRow(0), parcelRow(1), parcelRow(2, { DLBM: '1104A' })]);
    expect(preview).toMatchObject({ rows: 3, withoutGround: 0, asOf: '2024-12-31', problems: [] });
    expect(preview.codes.map(({ code, name, rows }) => [code, name, rows])).toEqual([
      ['0101', '水田', 2],
      ['1104A', '养殖坑塘', 1],
    ]);
    // 60 km east of the meridian a plane hectare is 0.9 m² too large
    expect(preview.areaM2).toBeGreaterThan(29_996);
    expect(preview.areaM2).toBeLessThan(30_000);
    expect(preview.areaMu).toBeCloseTo((preview.areaM2 * 3) / 2000, 1);
    const [west, south, east, north] = preview.boundsDeg!;
    expect([west, south, east, north].map((value) => value.toFixed(2))).toEqual(['120.63', '30.67', '120.63', '30.67']);
  });

  it('says which field is which column, and which are not stored', async () => {
    const { columns } = await previewOf([parcelRow(0, { KCXS: 0.04 })]);
    expect(columns.mapped).toMatchObject({ id: 'BSM', code: 'DLBM', village: 'ZLDWDM', planting: 'ZZSXDM' });
    expect(columns.unknown).toEqual(['SJNF', 'KCXS']);
  });

  it('of a file without the column that its kind needs refuses it by name', async () => {
    const preview = await previewOf([{ rings: [squareAt(0, 0, 50)], properties: { NAME: 'x' } }]);
    expect(problemOf(preview, 'COLUMN_MISSING')).toMatchObject({
      effect: 'blocks',
      message: expect.stringMatching(/no column for code; it has NAME/),
    });
    expect(() => refuseProblems(preview, [])).toThrow(/COLUMN_MISSING/);
  });

  it('finds neighbours free of overlap when they share every point of their seam', async () => {
    const rows = [...madeParcels({ columns: 12, rows: 9, ringPoints: 20 })].map(({ polygons, properties }) => ({
      properties,
      rings: polygons!.map(([ring]) => ring!),
    }));
    const preview = await previewOf(rows);
    expect(preview.overlaps).toEqual({ pairs: 0, areaM2: 0, first: [] });
    expect(preview.gaps).toEqual({ count: 0, areaM2: 0, areaMu: 0, first: [], byTown: [] });
    expect(preview.problems).toEqual([]);
  });
});

describe('an unknown land code', () => {
  it('blocks the import, naming code and rows', async () => {
    const preview = await previewOf([parcelRow(0), parcelRow(1, { DLBM: '0199' }), parcelRow(2, { DLBM: '0199' })]);
    expect(problemOf(preview, 'CODE_UNKNOWN')).toMatchObject({
      effect: 'blocks',
      rows: [2, 3],
      message: 'rows 2, 3: the land code "0199" is not in config/land-codes.csv',
    });
    expect(() => refuseProblems(preview, ['CODE_UNKNOWN'])).toThrow(/DLTB\.shp: CODE_UNKNOWN, rows 2, 3: .*"0199"/);
  });

  it('that lost its zero in a table is recognised but not guessed', async () => {
    const preview = await previewOf([parcelRow(0, { DLBM: 101 })]);
    expect(problemOf(preview, 'CODE_UNKNOWN')?.todo).toMatch(/leading zero was lost \(0101\)/);
  });

  it('may be missing altogether, which blocks too', async () => {
    expect(codesOf(await previewOf([parcelRow(0, { DLBM: null })]))).toEqual(['CODE_UNKNOWN']);
  });
});

describe('geometries', () => {
  const bow = (x: number, sideM: number): TestRow => {
    const [a, b, c, d] = squareAt(x, 0, sideM);
    return { ...parcelRow(0), rings: [[a!, c!, b!, d!, a!]] };
  };

  it('that cross themselves are repaired, with their areas before and after', async () => {
    const preview = await previewOf([parcelRow(5), bow(0, 14)]);
    expect(problemOf(preview, 'GEOMETRY_REPAIRED')).toMatchObject({ effect: 'tells', rows: [2] });
    expect(preview.repaired).toMatchObject([{ row: 2, areaBeforeM2: 0 }]);
    expect(preview.repaired[0]?.areaAfterM2).toBeCloseTo(98, 0);
    expect(() => refuseProblems(preview, [])).not.toThrow();
  });

  it('whose repair would make another parcel are refused unless accepted', async () => {
    const preview = await previewOf([bow(0, 100)]);
    expect(problemOf(preview, 'REPAIR_TOO_LARGE')).toMatchObject({ effect: 'ask', rows: [1] });
    expect(preview.repaired[0]?.areaAfterM2).toBeCloseTo(5000, -1);
    expect(() => refuseProblems(preview, [])).toThrow(/REPAIR_TOO_LARGE, row 1/);
    expect(() => refuseProblems(preview, ['REPAIR_TOO_LARGE'])).not.toThrow();
  });

  it('that are missing or empty stay as rows without ground, listed', async () => {
    const rows = [parcelRow(0), { ...parcelRow(1), rings: null }, { ...parcelRow(2), rings: [] }];
    const preview = await previewOf(rows);
    expect(preview).toMatchObject({ rows: 3, withoutGround: 2 });
    expect(preview.problems.map(({ code, rows: named }) => [code, named])).toEqual([
      ['GEOMETRY_MISSING', [2]],
      ['GEOMETRY_MISSING', [3]],
    ]);
    expect((await draftOf(rows)).layer.featureCount).toBe(3);
  });

  it('whose ground is of a type that is not read are never taken for empty ones: somebody has to accept the loss', async () => {
    const source = sourceOf([parcelRow(0), { ...parcelRow(1), rings: null }]);
    const curved = {
      ...source,
      async *features() {
        for await (const feature of source.features())
          yield feature.polygons === null ? { ...feature, geometryType: 'CurvePolygon' } : feature;
      },
    };
    const draft = await readDraft(curved, { kind: 'land-survey', zone: null, basis });
    const preview = describeDraft(draft, asOfOf(undefined, draft), basis, openParcelIndex(draft.layer));
    expect(problemOf(preview, 'GEOMETRY_UNREAD')).toMatchObject({ effect: 'ask', rows: [2] });
    expect(() => refuseProblems(preview, [])).toThrow(/GEOMETRY_UNREAD, row 2: the geometry is CurvePolygon/);
    expect(() => refuseProblems(preview, ['GEOMETRY_UNREAD'])).not.toThrow();
  });

  it('that claim the same ground are found, with area and rows', async () => {
    const preview = await previewOf([parcelRow(0), parcelRow(1), { ...parcelRow(2), rings: [squareAt(190, 0, 100)] }]);
    expect(preview.overlaps).toMatchObject({ pairs: 1, first: [{ rows: [2, 3] }] });
    expect(preview.overlaps?.areaM2).toBeCloseTo(1000, 0);
    expect(problemOf(preview, 'OVERLAP')?.message).toMatch(
      /1 pairs of rows overlap, \d+\.\d\d m² in all: rows 2 and 3/,
    );
  });

  it('that enclose ground of no parcel are found with its area, place and town, and never blocked for it', async () => {
    const made = [...madeParcels({ columns: 26, rows: 18, ringPoints: 8 })];
    const missing = [195, 196, 300];
    const rows = made
      .filter((_, i) => !missing.includes(i))
      .map(({ polygons, properties }) => ({ properties, rings: polygons!.map(([ring]) => ring!) }));
    const whole = missing.map((i) => ({ properties: made[i]!.properties, rings: made[i]!.polygons!.map(([r]) => r!) }));
    const lost = await previewOf(whole);
    const preview = await previewOf(rows);
    // two of them are neighbours, and none lies at the edge
    expect(preview.gaps).toMatchObject({ count: 2 });
    expect(preview.gaps!.areaM2).toBeCloseTo(lost.areaM2, 1);
    const [first] = preview.gaps!.first;
    expect(first!.areaM2).toBeGreaterThan(preview.gaps!.first[1]!.areaM2);
    expect(first!.lonDeg).toBeGreaterThan(lost.boundsDeg![0]);
    expect(first!.latDeg).toBeLessThan(lost.boundsDeg![3]);
    expect(preview.gaps!.byTown.reduce((sum, { areaM2 }) => sum + areaM2, 0)).toBeCloseTo(lost.areaM2, 1);
    expect(preview.gaps!.byTown[0]!.name).not.toBe('');
    expect(problemOf(preview, 'GAP')).toMatchObject({ effect: 'tells', message: expect.stringContaining('2 gaps') });
    expect(() => refuseProblems(preview, [])).not.toThrow();
  });

  it('a file without a single one is refused', async () => {
    const preview = await previewOf([{ ...parcelRow(0), rings: null }]);
    expect(() => refuseProblems(preview, [])).toThrow(/NOTHING_TO_IMPORT/);
  });
});

describe('the date', () => {
  it('is asked for where neither the option nor the rows say it', async () => {
    const preview = await previewOf([parcelRow(0, { SJNF: null })]);
    expect(preview.asOf).toBeNull();
    expect(() => refuseProblems(preview, [])).toThrow(/nothing says which date/);
  });

  it('later than today is refused: it would supersede what is known', async () => {
    const preview = await previewOf([parcelRow(0, { SJNF: 2026 })]);
    expect(() => refuseFuture(preview, '2026-12-31')).not.toThrow();
    expect(() => refuseFuture(preview, '2026-11-27')).toThrow(/describes 2026-12-31 .*later than today, 2026-11-27/);
  });

  it('is that of the latest year where rows differ, and says so', async () => {
    const preview = await previewOf([parcelRow(0), parcelRow(1, { SJNF: 2023 })]);
    expect(preview.asOf).toBe('2024-12-31');
    expect(codesOf(preview)).toEqual(['YEARS_DIFFER']);
  });
});

describe('columns', () => {
  it('are found under names that a shapefile cut after ten characters', () => {
    const map = mapColumns('sub-project', ['ID', 'PROJECT', 'WORK', 'plannedCod', 'TOWN', 'plannedM2']);
    expect(map.columns['plannedCode']).toBe('plannedCod');
    expect(map.lacking).toEqual([]);
    expect(projectKindOf(['ID', 'PROJECT', 'WORK'])).toBe('sub-project');
    expect(projectKindOf(['id', 'name', 'county'])).toBe('project');
  });

  it('of a parcel give village, town and county of its seat', async () => {
    const { layer } = await draftOf([parcelRow(0), parcelRow(1, { ZLDWDM: '330411' })]);
    expect(layer.columns['village']).toEqual(['330411104201', '']);
    expect(layer.columns['town']).toEqual(['330411104', '']);
    expect(layer.columns['county']).toEqual(['330411', '330411']);
    expect(layer.columns['year']).toBeUndefined();
  });

  it('of a permit are dates or are refused', async () => {
    const permit = { id: 'P1', number: '批〔2025〕1号', use: '道路', validFrom: '2025/03/01', validTo: 'soon' };
    const preview = await previewOf([{ rings: [squareAt(0, 0, 30)], properties: permit }], 'permit');
    expect(problemOf(preview, 'DATE_INVALID')?.message).toBe('row 1: validTo "soon" is no date');
    expect(preview.overlaps).toBeNull();
  });

  it('of a permit are dates as spreadsheets write them too, and never end before they begin', async () => {
    const permit = { id: 'P1', validFrom: '2025/3/1', validTo: '2026.12.31 00:00:00' };
    const row = (given: object): TestRow => ({ rings: [squareAt(0, 0, 30)], properties: { ...permit, ...given } });
    const { layer, problems } = await draftOf([row({})], 'permit');
    expect([layer.columns['validFrom'], layer.columns['validTo']]).toEqual([['2025-03-01'], ['2026-12-31']]);
    expect(problems.list()).toEqual([]);
    const reversed = await previewOf([row({ validTo: '2024/12/31' })], 'permit');
    expect(problemOf(reversed, 'DATE_INVALID')).toMatchObject({
      effect: 'blocks',
      message: 'row 1: validTo 2024-12-31 is before validFrom 2025-03-01',
    });
  });

  it('of a parcel that name no town of the region are told, and no parcel is left out', async () => {
    const rows = [
      parcelRow(0),
      parcelRow(1, { ZLDWDM: '3.30411104201E+18' }),
      parcelRow(2, { ZLDWDM: '3304119990000000000' }),
      parcelRow(3, { ZLDWDM: null }),
    ];
    const preview = await previewOf(rows);
    expect(preview.problems.map(({ code, effect, message }) => [code, effect, message])).toEqual([
      ['SEAT_UNKNOWN', 'tells', 'row 2: the seat "3.30411104201E+18" does not begin with 9 digits'],
      ['SEAT_UNKNOWN', 'tells', 'row 3: the region has no town "330411999"'],
    ]);
    expect((await draftOf(rows)).layer.featureCount).toBe(4);
  });
});

describe('projects', () => {
  const project = (id: string, x: number, given: Readonly<Record<string, string>> = {}): TestRow => ({
    rings: [squareAt(x, 0, 100)],
    properties: { id, name: `项目${id}`, county: '330411', towns: '330411104', stage: '实施', ...given },
  });

  it('are held against the table of towns', async () => {
    const preview = await previewOf(
      [project('A', 0, { towns: '330411104,330499001' }), project('B', 200, { county: '330421' })],
      'project',
    );
    expect(codesOf(preview)).toEqual(['TOWN_UNKNOWN', 'TOWN_OUTSIDE_COUNTY']);
  });

  it('with one id twice are refused', async () => {
    const preview = await previewOf([project('A', 0), project('A', 200)], 'project');
    expect(problemOf(preview, 'ID_TWICE')).toMatchObject({ effect: 'blocks', rows: [2] });
    const { layer, problems } = await draftOf([project('A', 0), project('A', 200)], 'project');
    mergeSet(null, layer, { asOf: '2026-03-01', problems });
    expect(problems.list().map(({ code }) => code)).toEqual(['ID_TWICE']);
  });

  it('whose id was changed are told from new ones by their ground', async () => {
    const known = (await draftOf([project('A', 0), project('B', 200)], 'project')).layer;
    const toldOf = async (rows: readonly TestRow[]) => {
      const { layer, problems } = await draftOf(rows, 'project');
      checkNewIds(layer, known, { leastFraction: 0.5, problems });
      return problems.list().map(({ code, message }) => [code, message]);
    };
    expect(await toldOf([project('A', 0), project('C', 400)])).toEqual([]);
    expect(await toldOf([project('A', 20), project('N', 230)])).toEqual([
      ['GROUND_OF_ANOTHER', 'row 2: N is new, and 70 % of it is ground of B, which stays'],
    ]);
    expect(await toldOf([project('B', 400), project('N', 200)])).toEqual([]);
  });

  it('that end before they begin are refused', async () => {
    const preview = await previewOf([project('A', 0, { startDate: '2027-01-01', endDate: '2025-01-01' })], 'project');
    expect(problemOf(preview, 'DATE_INVALID')?.message).toMatch(/endDate 2025-01-01 is before startDate 2027-01-01/);
  });

  it('outside their county are told from those that no survey covers', async () => {
    const survey = (await draftOf([parcelRow(0), parcelRow(1, { ZLDWDM: '3304211032010000000' })])).layer;
    const projects = [
      project('own', 0),
      project('other', 100),
      project('off', 5000),
      project('unknown', 8000, { county: '330481', towns: '330481004' }),
    ];
    const { layer } = await draftOf(projects, 'project');
    const problems = gatherProblems(20);
    checkCounties(layer, survey, { leastFraction: 0.5, problems });
    expect(problems.list().map(({ code, rows }) => [code, rows])).toEqual([
      ['OUTSIDE_COUNTY', [2]],
      ['OUTSIDE_COUNTY', [3]],
      ['COUNTY_NOT_CHECKED', [4]],
    ]);
    expect(problems.list()[0]?.message).toMatch(/0 % of it lies on parcels of 330411; 100 % on those of 330421/);
  });

  it('are merged by id into a whole set, and only what changed is fresh', async () => {
    const problems = gatherProblems(20);
    const first = mergeSet(null, (await draftOf([project('A', 0), project('B', 200)], 'project')).layer, {
      asOf: '2026-03-01',
      problems,
    });
    expect(first.fresh.map(({ id }) => id)).toEqual(['A', 'B']);
    const later = await draftOf([project('B', 200, { stage: '验收' }), project('C', 400)], 'project');
    const second = mergeSet(first.layer, later.layer, { asOf: '2026-04-01', problems });
    expect(second.fresh.map(({ id }) => id)).toEqual(['B', 'C']);
    expect(membersOf(second.layer).map(({ id, attributes }) => [id, attributes['stage'], attributes['asOf']])).toEqual([
      ['A', '实施', '2026-03-01'],
      ['B', '验收', '2026-04-01'],
      ['C', '实施', '2026-04-01'],
    ]);
    const again = mergeSet(second.layer, later.layer, { asOf: '2026-05-01', problems });
    expect(again.fresh).toEqual([]);
    expect(again.layer).toEqual(second.layer);
    expect(problems.list()).toEqual([]);
    const changed = await draftOf([project('C', 400, { stage: '验收' })], 'project');
    mergeSet(second.layer, changed.layer, { asOf: '2026-04-01', problems });
    expect(problems.list()).toMatchObject([{ code: 'PROJECT_CHANGED', effect: 'blocks', rows: [1] }]);
  });

  it('are there before their parts, which lie within them', async () => {
    const part = (id: string, of: string, x: number, given: Readonly<Record<string, string>> = {}): TestRow => ({
      rings: [squareAt(x, 0, 50)],
      properties: { id, project: of, work: 'added', plannedCode: '0101', town: '330411104', ...given },
    });
    const projects = (await draftOf([project('A', 0)], 'project')).layer;
    const draft = await draftOf([part('A-1', 'A', 0), part('A-2', 'A', 300), part('Z-1', 'Z', 0)], 'sub-project');
    const how = { leastFraction: 0.5, plannedToleranceFraction: 0.05 };
    checkSubProjects(draft.layer, projects, { ...how, problems: draft.problems });
    expect(draft.problems.list().map(({ code, rows }) => [code, rows])).toEqual([
      ['OUTSIDE_PROJECT', [2]],
      ['PROJECT_UNKNOWN', [3]],
    ]);
    const odd = await previewOf([part('A-1', 'A', 0, { work: 'pond', plannedCode: '9' })], 'sub-project');
    expect(codesOf(odd)).toEqual(['VALUE_INVALID', 'CODE_UNKNOWN']);
    const plans = ['2500', '2400', '3.75', '0', ''].map((plannedM2, i) => part(`A-${i}`, 'A', 0, { plannedM2 }));
    const { layer, problems } = await draftOf(plans, 'sub-project');
    checkSubProjects(layer, projects, { ...how, problems });
    expect(problems.list().map(({ code, effect, rows }) => [code, effect, rows])).toEqual([
      ['PLANNED_AREA_DIFFERS', 'tells', [3]],
      ['PLANNED_AREA_DIFFERS', 'tells', [4]],
    ]);
    for (const plannedM2 of ['Infinity', '0x10', '-5', '1,000'])
      expect(codesOf(await previewOf([part('A-1', 'A', 0, { plannedM2 })], 'sub-project'))).toEqual(['VALUE_INVALID']);
    expect(codesOf(await previewOf([part('A-1', 'A', 0, { plannedM2: '1e3' })], 'sub-project'))).toEqual([]);
  });
});
