import { describe, expect, it } from 'vitest';
import { crsFromEpsg, crsFromWkt } from '../../pipeline/geo/crs.ts';
import { chooseCrs, crsFromOption } from '../../pipeline/vector/crs-choice.ts';
import { wktOf } from '../../pipeline/vector/wkt-write.ts';

const points = {
  degrees: [120.7, 30.75],
  'swapped degrees': [30.75, 120.7],
  plain: [567_000, 3_403_000],
  'swapped plain': [3_403_000, 567_000],
  'zone 40': [40_567_000, 3_403_000],
  'zone 21': [21_280_000, 3_403_000],
  'zone 41': [41_280_000, 3_403_000],
  'swapped zone 40': [3_403_000, 40_567_000],
  mercator: [13_436_000, 3_605_000],
} as const;
type Kind = keyof typeof points;

const choose = (kinds: readonly Kind[], declared: number | null = null, option: number | null = null) => {
  const samples = kinds.map((kind, i) => ({ row: i + 1, x: points[kind][0], y: points[kind][1] }));
  const claim = declared === null ? null : { crs: crsFromEpsg(declared), how: '.prj' };
  const { crs, isSwapped, notes } = chooseCrs('x.shp', {
    option: option === null ? null : crsFromEpsg(option),
    declared: claim,
    samples,
  });
  return [crs.epsg, isSwapped, ...notes.map(({ code }) => code)];
};

describe('the coordinate system of a file', () => {
  it('is what it declares where the coordinates agree', () => {
    for (const epsg of [4326, 4490]) expect(choose(['degrees'], epsg)).toEqual([epsg, false]);
    for (const epsg of [4549, 4547, 32650, 32651]) expect(choose(['plain'], epsg)).toEqual([epsg, false]);
    expect(choose(['zone 40'], 4528)).toEqual([4528, false]);
    expect(choose(['mercator'], 3857)).toEqual([3857, false]);
  });

  it('is recognised without a declaration by degrees or by the zone in the easting, never from six digits', () => {
    expect(choose(['degrees'])).toEqual([4490, false]);
    expect(choose(['zone 40'])).toEqual([4528, false]);
    expect(choose(['zone 41'])).toEqual([4529, false]);
    expect(() => choose(['plain'])).toThrow(/six-digit eastings fit several \(row 1 begins at 567000, 3403000\)/);
    expect(() => choose(['mercator'])).toThrow(/coordinates do not tell/);
    expect(choose(['plain'], null, 4547)).toEqual([4547, false]);
  });

  it('has its axes exchanged, with a note, where northing or latitude comes first', () => {
    expect(choose(['swapped degrees'])).toEqual([4490, true, 'axes-swapped']);
    expect(choose(['swapped degrees'], 4326)).toEqual([4326, true, 'axes-swapped']);
    expect(choose(['swapped plain'], 4549)).toEqual([4549, true, 'axes-swapped']);
    expect(choose(['swapped zone 40'], 4528)).toEqual([4528, true, 'axes-swapped']);
  });

  it('is corrected, with a note, where it is the same belt with or without its zone number', () => {
    expect(choose(['zone 40'], 4549)).toEqual([4528, false, 'zone-corrected']);
    expect(choose(['plain'], 4528)).toEqual([4549, false, 'zone-corrected']);
    // the 6° zone 21 and the 3° belt without number share 123°E
    expect(choose(['zone 21'], 4550)).toEqual([4499, false, 'zone-corrected']);
    expect(choose(['swapped zone 40'], 4549)).toEqual([4528, true, 'axes-swapped', 'zone-corrected']);
  });

  it('is refused where the coordinates contradict it, naming row and values', () => {
    for (const [kind, epsg] of [
      ['zone 41', 4549],
      ['zone 40', 4547],
      ['degrees', 4549],
      ['plain', 4490],
      ['plain', 4326],
      ['zone 40', 32651],
    ] as const)
      expect(() => choose([kind], epsg), `${kind} ${epsg}`).toThrow(/row 1 begins at/);
  });

  it('is refused where rows are of two zones or of two axis orders, naming rows of each', () => {
    expect(() => choose(['zone 40', 'zone 40', 'zone 41'], 4528)).toThrow(
      'eastings of zone 40 in row 1, 2; eastings of zone 41 in row 3',
    );
    expect(() => choose(['plain', 'swapped plain'], 4549)).toThrow(
      /six-digit eastings in row 1; six-digit eastings in the second place in row 2/,
    );
  });

  it('is named by a person as a code or as text', () => {
    expect([crsFromOption('4549').epsg, crsFromOption('EPSG:4528').epsg, crsFromOption('epsg::4490').epsg]).toEqual([
      4549, 4528, 4490,
    ]);
    expect(() => crsFromOption('somewhere')).toThrow(/--crs "somewhere"/);
  });

  it('is recognised again from the text that is written for it', () => {
    for (const epsg of [4326, 4490, 4528, 4549, 4547, 32650, 32651, 3857, 4498, 4499, 32751])
      expect(crsFromWkt(wktOf(crsFromEpsg(epsg))).epsg).toBe(epsg);
  });
});
