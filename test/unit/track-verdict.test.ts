import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { StoredVerdict } from '../../pipeline/report/label-export.ts';
import { trackPatches } from '../../pipeline/track/replay.ts';
import type { LookReport } from '../../pipeline/track/sighting.ts';
import { verdictReport } from '../../pipeline/track/verdict-look.ts';
import { frameCentreOf } from '../../workers/series/detect-look.ts';
import { verdictLooks } from '../../workers/series/verdict-looks.ts';
import { boxPolygon, madeLook, shippedTrackRules, type Box } from '../support/made-looks.ts';

const site: Box = [0, 0, 60, 60];
const larger: Box = [0, 0, 120, 60];
const days = (month: number, count: number) =>
  Array.from({ length: count }, (_, i) => `2025-0${month}-${String(1 + 5 * i).padStart(2, '0')}`);
const as = (box: Box | null) => (date: string) => madeLook({ date, seen: box === null ? [] : [box] });
const verdict = (date: string, isChanged: boolean, box = site) =>
  verdictReport({
    id: `v ${date}`,
    date,
    isChanged,
    polygons: [boxPolygon(box)],
    classBefore: 'crops',
    classAfter: 'built',
    category: 'non-farm',
  });
const built = [as(null)('2025-06-01'), ...days(7, 4).map(as(site))];
const only = (looks: readonly LookReport[]) => {
  const tracks = trackPatches(looks, shippedTrackRules);
  expect(tracks).toHaveLength(1);
  return tracks[0]!;
};

describe('a verdict is a look of the highest weight', () => {
  it('takes back what looks had confirmed, and the same signal does not confirm it again', () => {
    expect(only(built).state).toBe('confirmed');
    const refuted = [...built, verdict('2025-07-20', false)];
    expect(only(refuted)).toMatchObject({ state: 'reversed' });
    expect(only([...refuted, ...days(8, 5).map(as(site))]).state).toBe('reversed');
  });

  it('keeps what was not yet confirmed from being so, until the ground was as before and changed again, or grew', () => {
    const early = [...built.slice(0, 2), verdict('2025-07-02', false)];
    expect(only([...early, ...days(8, 5).map(as(site))]).state).toBe('expired');
    expect(only([...early, ...days(8, 5).map(as(larger))]).state).toBe('confirmed');
    const again = [...early, as(null)('2025-07-20'), as(null)('2025-07-25'), ...days(8, 5).map(as(site))];
    expect(only(again).state).toBe('confirmed');
  });

  it('confirms alone what fewer looks had shown than are asked for', () => {
    const twice = built.slice(0, 3);
    expect(only(twice).state).toBe('probable');
    expect(only([...twice, verdict('2025-07-10', true)])).toMatchObject({
      state: 'confirmed',
      confirmedOn: '2025-07-10T23:59:59Z',
    });
  });

  it('closes what was reversed, and a relapse is told again', () => {
    const gone = [...built, ...days(8, 4).map(as(null)), ...days(9, 4).map(as(null))];
    expect(only(gone)).toMatchObject({ state: 'reversed', isClosingAsked: true });
    const closed = [...gone, verdict('2025-09-20', false)];
    expect(only(closed)).toMatchObject({ state: 'reversed', isClosingAsked: false });
    const relapse = [as(null)('2025-09-25'), ...['2025-10-01', '2025-10-06', '2025-10-11'].map(as(site))];
    expect(only([...closed, ...relapse])).toMatchObject({ state: 'confirmed' });
    expect(only([...closed, ...relapse]).history.at(-1)!.event).toBe('relapsed');
  });

  it('says nothing of ground beside it', () => {
    const beside: Box = [300, 0, 360, 60];
    const both = built.map((report, i) =>
      i === 0 ? report : madeLook({ date: report.look.date, seen: [site, beside] }),
    );
    const states = trackPatches([...both, verdict('2025-07-20', false)], shippedTrackRules).map(({ state }) => state);
    expect(states.toSorted()).toEqual(['confirmed', 'reversed']);
  });

  it('comes out the same in whatever order looks and verdicts arrive, a late clear scene before all of them too', () => {
    const all = [...built, verdict('2025-07-20', false), ...days(8, 3).map(as(larger)), as(null)('2025-05-01')];
    const expected = trackPatches(all, shippedTrackRules);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(trackPatches(shuffled, shippedTrackRules)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('verdicts of a data folder', () => {
  const grid = {
    crs: crsFromEpsg(32651),
    affine: [10, 0, 285_000, 0, -10, 3_405_000],
    width: 100,
    height: 100,
  } as const;
  const frame = equalAreaFrame(frameCentreOf(grid));
  const ground = (east: number) =>
    [
      [
        [east, 0],
        [east + 60, 0],
        [east + 60, 60],
        [east, 60],
        [east, 0],
      ].map(([x, y]) => [...frame.toLonLat(x!, y!)]),
    ].map((ring) => [ring]);
  const stored = (id: string, given: Partial<StoredVerdict> = {}): StoredVerdict => ({
    id,
    track: 't',
    axis: 'land-class',
    says: 'refuted',
    date: '2025-07-20',
    givenBy: '王工',
    ground: ground(0),
    classBefore: 'crops',
    classAfter: 'built',
    dateBefore: null,
    dateAfter: null,
    category: 'non-farm',
    ...given,
  });

  it('are looks where they lie on the grid, are of changed ground and not of the future', () => {
    const looks = verdictLooks(
      [
        stored('a'),
        stored('b', { says: 'confirmed' }),
        stored('restored', { says: 'restored' }),
        stored('planting', { axis: 'planting' }),
        stored('elsewhere', { ground: ground(5000) }),
        stored('tomorrow', { date: '2025-08-02' }),
        stored('nowhere', { ground: null }),
        stored('nameless', { says: 'lawful', category: null }),
      ],
      grid,
      '2025-08-01',
    );
    expect(looks.map(({ look, sightings }) => [look.id, sightings.length])).toEqual([
      ['verdict a', 0],
      ['verdict b', 1],
      ['verdict restored', 0],
    ]);
    expect(looks[1]!.sightings[0]!.areaM2).toBeCloseTo(3600, 0);
    expect(looks[0]!.observedFraction([boxPolygon([0, 0, 120, 60])])).toBeCloseTo(0.5, 2);
  });
});
