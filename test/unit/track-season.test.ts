import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { classMapSchema } from '../../models/card.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { Look } from '../../pipeline/track/look.ts';
import { loadTrackRules } from '../../workers/series/track-rules.ts';
import { madeLook } from '../support/made-looks.ts';

const classMap = classMapSchema.parse(
  JSON.parse(readFileSync(new URL('../../models/classes/cover-6.json', import.meta.url), 'utf8')),
);
// a square of 5 km near Xinqiao, Jiaxing
const grid = {
  crs: crsFromEpsg(32651),
  affine: [10, 0, 290_000, 0, -10, 3_402_000],
  width: 500,
  height: 500,
} as const;

test('water in June waits for mid July in every look, bare ground in November only where the look does not know the season', () => {
  const { rules } = loadTrackRules(classMap.classes, grid);
  const heldOn = (date: string, classAfter: string, look: Partial<Look>) => {
    const report = madeLook({ date, seen: [{ box: [0, 0, 60, 60], classAfter }], look });
    return rules.seasonGuard(report.sightings[0]!, report.look);
  };
  const knowing = { isCumulative: true };
  expect([heldOn('2025-06-10', 'water', {}), heldOn('2025-06-10', 'water', knowing)]).toEqual(['wait', 'wait']);
  expect([heldOn('2025-09-10', 'water', {}), heldOn('2025-09-10', 'water', knowing)]).toEqual(['count', 'count']);
  expect([heldOn('2025-11-10', 'bare', {}), heldOn('2025-11-10', 'bare', knowing)]).toEqual(['wait', 'count']);
});
