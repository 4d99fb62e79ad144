import type { PlacedTrack } from '../../pipeline/alert/case.ts';
import type { RecordedTrack } from '../../workers/database/track-rows.ts';

/** A square of so many metres, roughly, somewhere in the north of Jiaxing; degrees. */
export function squareDeg(eastM: number, northM: number, sideM = 100): NonNullable<PlacedTrack['ground']> {
  const x = (m: number): number => 120.7 + m / 95_800;
  const y = (m: number): number => 30.7 + m / 110_900;
  const [w, s, e, n] = [x(eastM), y(northM), x(eastM + sideM), y(northM + sideM)];
  return [
    [
      [
        [w, s],
        [e, s],
        [e, n],
        [w, n],
        [w, s],
      ],
    ],
  ];
}

/** A suspected building site, seen once; what is given is different. */
export function madeTrack(id: string, given: Partial<RecordedTrack> = {}): RecordedTrack {
  const firstSeen = given.firstSeen ?? '2026-08-12';
  const areaM2 = given.areaM2 ?? 812.5;
  return {
    id,
    axis: 'land-class',
    state: 'probable',
    mergedInto: null,
    category: 'non-farm',
    firstSeen,
    lastSeen: firstSeen,
    areaM2,
    history: [{ date: firstSeen, event: 'appeared', state: 'probable', areaM2 }],
    severity: 'normal',
    isLawful: false,
    rule: 'built-on-cropland',
    ruleVersion: 1,
    ground: null,
    confirmedOn: null,
    looksToConfirm: null,
    formerIds: [],
    parents: [],
    policies: [],
    observations: [],
    county: '330411',
    town: '330411104',
    village: '330411104201',
    surveyAsOf: '2025-12-31',
    facts: { classAfter: 'built' },
    ...given,
  };
}
