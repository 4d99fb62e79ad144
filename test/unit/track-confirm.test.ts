import { expect, test } from 'vitest';
import { trackPatches } from '../../pipeline/track/replay.ts';
import type { Box } from '../support/made-looks.ts';
import { madeLook, shippedTrackRules } from '../support/made-looks.ts';

const site: Box = [0, 0, 60, 60];

test('three clear looks that show a building site confirm it, two do not', () => {
  const looks = [
    madeLook({ date: '2025-07-01' }),
    madeLook({ date: '2025-07-06', seen: [site] }),
    madeLook({ date: '2025-07-11', seen: [site] }),
    madeLook({ date: '2025-07-16', seen: [site] }),
  ];
  expect(trackPatches(looks.slice(0, 3), shippedTrackRules)).toMatchObject([{ state: 'probable' }]);
  const [track, ...others] = trackPatches(looks, shippedTrackRules);
  expect(others).toEqual([]);
  expect(track).toMatchObject({
    id: 'look 2025-07-06 0',
    state: 'confirmed',
    firstSeen: '2025-07-06',
    confirmedOn: '2025-07-16',
    looksToConfirm: 3,
    daysToConfirm: 10,
    areaM2: 3600,
  });
  expect(track?.history.map(({ event }) => event)).toEqual(['appeared', 'confirmed']);
});
