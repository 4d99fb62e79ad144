import { describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { openLand } from '../../pipeline/parcel/land.ts';
import { buildLayer } from '../../pipeline/parcel/layer.ts';
import type { Track } from '../../pipeline/track/track.ts';
import { frameCentreOf } from '../../workers/series/detect-look.ts';
import { judgedTracks, type TrackGround } from '../../workers/series/record-tracks.ts';

const grid = {
  crs: crsFromEpsg(32651),
  affine: [10, 0, 285_000, 0, -10, 3_405_000],
  width: 100,
  height: 100,
} as const;
const ground: TrackGround = {
  grid,
  classes: [
    { code: 1, name: 'crops', zh: '耕作', colour: '#00ff00', group: 'vegetation' },
    { code: 2, name: 'built', zh: '建筑、硬化', colour: '#ff0000', group: 'artificial' },
  ],
  layers: [],
  evidence: 'pairs',
  days: ['2025-07-20', '2025-08-15', '2026-07-25', '2026-08-12'],
};
const square = Float64Array.of(0, 0, 100, 0, 100, 100, 0, 100);
const track: Track = {
  id: 't',
  formerIds: ['u'],
  state: 'confirmed',
  category: 'non-farm',
  classBefore: 'crops',
  classAfter: 'built',
  firstSeen: '2026-07-25T02:30:00Z',
  since: '2026-07-25T02:30:00Z',
  lastSeen: '2026-08-12T02:30:00Z',
  confirmedOn: '2026-08-12T02:30:00Z',
  looksToConfirm: 2,
  daysToConfirm: 18,
  isClosingAsked: false,
  parents: [],
  children: [],
  mergedInto: null,
  polygons: [[square]],
  areaM2: 10_000,
  gsdM: 10,
  observations: [
    {
      look: 'a',
      date: '2026-07-25',
      reading: 'changed',
      sensor: null,
      kind: 'satellite',
      isCumulative: false,
      observedFraction: 1,
      areaM2: 10_000,
      probability: 0.9,
    },
    {
      look: 'b',
      date: '2026-08-12',
      reading: 'unseen',
      sensor: null,
      kind: 'satellite',
      isCumulative: false,
      observedFraction: 0,
      areaM2: 0,
      probability: null,
    },
  ],
  history: [
    { date: '2026-07-25T02:30:00Z', look: 'a', event: 'appeared', state: 'probable', areaM2: 10_000 },
    { date: '2026-08-12T02:30:00Z', look: 'b', event: 'confirmed', state: 'confirmed', areaM2: 10_000 },
  ],
};

describe('tracks of a series', () => {
  it('are judged by what was in force between the look before and the first that shows them', () => {
    const [recorded] = judgedTracks(ground, [track], null);
    expect(recorded).toMatchObject({
      state: 'confirmed',
      category: 'non-farm',
      isLawful: false,
      firstSeen: '2026-07-25',
      confirmedOn: '2026-08-12',
      formerIds: ['u'],
      facts: { dateBefore: '2025-08-15', probability: 0.9, unpermittedM2: 10_000 },
      policies: expect.arrayContaining([{ id: 'six-bans-5', version: 2, isPossible: false }]),
    });
    const frame = equalAreaFrame(frameCentreOf(grid));
    const [lon, lat] = frame.toLonLat(0, 0);
    const ring = recorded!.ground![0]![0]!;
    expect(Math.min(...ring.map(([x]) => Math.abs(x - lon)))).toBeLessThan(1e-6);
    expect(Math.min(...ring.map(([, y]) => Math.abs(y - lat)))).toBeLessThan(1e-6);
  });

  it('are what they were tracked as where all looks were weighed together, whatever the season', () => {
    const winter = { ...track, classAfter: 'bare', firstSeen: '2026-01-10', since: '2026-01-10' };
    const classes = [...ground.classes, { code: 3, name: 'bare', zh: '裸土', colour: '#aa7744', group: 'artificial' }];
    const ruleOf = (evidence: TrackGround['evidence']) =>
      judgedTracks({ ...ground, classes, evidence }, [winter], null)[0]!.rule;
    expect([ruleOf('pairs'), ruleOf('looks')]).toEqual(['cropland-bare-winter', 'cropland-bare']);
  });

  it('find the land below them, whatever frame its layers have', () => {
    const [frame, centre] = [equalAreaFrame(frameCentreOf(grid)), { lonDeg: 120.5, latDeg: 30.5 }];
    const landFrame = equalAreaFrame(centre);
    const moved = Float64Array.from({ length: 8 }, (_, i) => {
      const at = i - (i % 2);
      return landFrame.toFrame(...frame.toLonLat(square[at]!, square[at + 1]!))[i % 2]!;
    });
    const layer = (attributes: Readonly<Record<string, string>>) =>
      buildLayer({ centre, features: [{ polygons: [[moved]], attributes }] });
    const land = openLand({
      survey: layer({ id: 'p', code: '0101', county: '330411', town: '330411104', village: '330411104201' }),
      permanentFarmland: layer({ id: 'f' }),
      permits: layer({ id: 'x', number: '甲', validFrom: '2026-08-01', validTo: '' }),
      zones: [],
      projects: null,
      subProjects: null,
    });
    const timed = {
      frame: landFrame,
      layers: land.layers,
      shapeOf: () => [],
      underIn: land.under,
    };
    const [recorded] = judgedTracks(ground, [track], timed);
    expect(recorded).toMatchObject({ severity: 'severe', village: '330411104201', isLawful: false });
    // the permit began after the change had shown
    expect(recorded?.facts['reasons']).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'permit-not-in-force' })]),
    );
  });
});
