import { describe, expect, it } from 'vitest';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { buildLayer } from '../../pipeline/parcel/layer.ts';
import { openGroundTally } from '../../workers/compute/ground-tally.ts';
import { splitByTown, warnOfUnplanned } from '../../workers/compute/project-parts.ts';

const centre = { lonDeg: 120.78, latDeg: 30.69 };
const box = (x: number, y: number, width: number, height: number): Float64Array =>
  Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);
const sub = { id: 'P1-01', project: 'P1', work: 'added', plannedCode: '0101', town: '330402100', plannedM2: '60000' };
const subProjects = buildLayer({ centre, features: [{ polygons: [[box(0, 0, 300, 200)]], attributes: sub }] });
const parcel = (x: number, town: string) => ({
  polygons: [[box(x, -50, 100, 300)]],
  attributes: { id: `${x}`, code: '0101', town },
});

describe('splitByTown', () => {
  it('cuts a sub-project at the border of towns; what no parcel covers stays with the town that is named', () => {
    const survey = buildLayer({ centre, features: [parcel(0, '330402100'), parcel(100, '330402101')] });
    const parts = splitByTown(subProjects, survey);
    const byTown = parts.columns['town']!.map((town, i) => [town, Math.round(parts.areaM2[i]!)] as const);
    expect(byTown.toSorted()).toEqual([
      ['330402100', 40_000],
      ['330402101', 20_000],
    ]);
    expect(parts.columns['id']).toEqual(['P1-01', 'P1-01']);
  });

  it('leaves it whole without a survey, or within one town', () => {
    expect(splitByTown(subProjects, null).areaM2).toEqual(subProjects.areaM2);
    const survey = buildLayer({ centre, features: [parcel(0, '330402100'), parcel(100, '330402100')] });
    expect(splitByTown(subProjects, survey).featureCount).toBe(1);
  });
});

describe('warnOfUnplanned', () => {
  it('names projects of which no sub-project is known: they would be passed over in silence', () => {
    const project = (id: string) => ({ polygons: [[box(0, 0, 300, 200)]], attributes: { id } });
    const projects = buildLayer({ centre, features: [project('P1'), project('P2')] });
    expect(warnOfUnplanned(projects, subProjects)).toMatchObject([
      { code: 'NO_SUB_PROJECTS', message: expect.stringMatching(/boundary: P2\.$/) },
    ]);
    expect(warnOfUnplanned(projects, null)[0]?.message).toMatch(/boundary: P1, P2\.$/);
    expect(warnOfUnplanned(null, subProjects)).toEqual([]);
    expect(warnOfUnplanned(buildLayer({ centre, features: [project('P1')] }), subProjects)).toEqual([]);
  });
});

describe('openGroundTally', () => {
  it('counts what was seen by class, changed ground by what it became, and nothing that was not seen', () => {
    const frame = equalAreaFrame(centre);
    const [lon, lat] = frame.toLonLat(0, 200);
    const [east, south] = frame.toLonLat(300, 0);
    const crs = { epsg: 4326, definition: 'EPSG:4326', name: 'WGS 84', isGeographic: true };
    // 30 × 20 pixels of about 10 m over the sub-project, one column of pixels more to the right
    const step = [(east - lon) / 30, (south - lat) / 20] as const;
    const grid = { crs, affine: [step[0], 0, lon, 0, step[1], lat] as const, width: 31, height: 20 };
    const tally = openGroundTally(subProjects, { grid, frame });
    const plane = (value: (col: number, row: number) => number): Uint8Array =>
      Uint8Array.from({ length: 31 * 20 }, (_, i) => value(i % 31, Math.floor(i / 31)));
    const rows = {
      category: plane((col, row) => (row < 2 ? 255 : col < 10 ? 2 : col < 20 ? 5 : 0)),
      classAfter: plane(() => 3),
      changeInto: plane(() => 0),
    };
    const cut = (from: number, to: number) => ({
      row: from,
      rowCount: to - from,
      category: rows.category.subarray(from * 31, to * 31),
      classAfter: rows.classAfter.subarray(from * 31, to * 31),
      changeInto: rows.changeInto.subarray(from * 31, to * 31),
    });
    tally.addRows(cut(0, 7));
    tally.addRows(cut(7, 20));
    const [found] = tally.tallies();
    // the frame and the grid of degrees agree to a pixel's rim
    expect(Math.abs(found!.observedM2 - 300 * 180)).toBeLessThan(400);
    expect(Math.abs(found!.changedIntoM2.get(0)! - 100 * 180)).toBeLessThan(300);
    expect(found!.classAfterM2.get(3)! + found!.classAfterM2.get(0)!).toBeCloseTo(found!.observedM2, 6);
    expect([...found!.changedIntoM2.keys()]).toEqual([0]);
  });
});
