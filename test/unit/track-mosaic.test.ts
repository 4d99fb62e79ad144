import { expect, test } from 'vitest';
import type { Look } from '../../pipeline/track/look.ts';
import { kindOfScene } from '../../pipeline/track/look.ts';
import { trackPatches } from '../../pipeline/track/replay.ts';
import { madeLook, shippedTrackRules, type Box, type MadeLook } from '../support/made-looks.ts';

const site: Box = [0, 0, 60, 60];
const weighed: Partial<Look> = { isCumulative: true };
/** A mosaic compared with one of the spring, which vouches for what becomes hard or bare. */
const mosaic: Partial<Look> = {
  sensor: 'uav',
  gsdM: 2,
  kind: 'uav',
  comparedWith: '2025-04-20',
  denies: ['built', 'bare'],
};
const built = { box: site };
const unsure = { box: site, classAfter: 'photovoltaic', category: 'review' } as const;

const look = (date: string, seen: NonNullable<MadeLook['seen']>, by: Partial<Look> = weighed) =>
  madeLook({ date, seen, look: { id: `${by.sensor ?? 'S2'} ${date}`, ...by } });
const stable = [look('2025-03-01', []), look('2025-05-20', [])];
const only = (...looks: Parameters<typeof trackPatches>[0]) => {
  const [track, ...others] = trackPatches([...stable, ...looks], shippedTrackRules);
  expect(others).toEqual([]);
  return track!;
};
const eventsOf = ({ history }: ReturnType<typeof only>) => history.map(({ event }) => event);

test('a mosaic that shows what a satellite called probable confirms it: two sensors agree', () => {
  expect(only(look('2025-08-01', [built])).state).toBe('probable');
  const found = only(look('2025-08-01', [built]), look('2025-08-20', [unsure], mosaic));
  expect(found).toMatchObject({ state: 'confirmed', confirmedOn: '2025-08-20', looksToConfirm: 2, gsdM: 2 });
});

test('it says how much, and leaves it to the satellite what it is where it goes no further than review', () => {
  const larger = { ...unsure, box: [0, 0, 62, 58] } as const;
  const found = only(look('2025-08-01', [built]), look('2025-08-20', [larger], mosaic));
  expect(found).toMatchObject({ category: 'non-farm', classAfter: 'built', areaM2: 62 * 58 });
});

test('a mosaic that shows all of the ground as before refutes what is not confirmed, until it is gone or another shows it', () => {
  const refuted = [look('2025-08-01', [built]), look('2025-08-20', [], mosaic)];
  expect(eventsOf(only(...refuted))).toEqual(['appeared', 'refuted']);
  const still = only(...refuted, look('2025-09-01', [built]), look('2025-09-11', [built]), look('2025-09-21', [built]));
  expect(still.state).toBe('expired');
  expect(still.observations.slice(2).map(({ reading }) => reading)).toEqual(['refuted', 'refuted', 'refuted']);
  const again = only(...refuted, look('2025-09-01', [built]), look('2025-09-15', [unsure], mosaic));
  expect(again.state).toBe('probable');
  const gone = [look('2025-09-01', []), look('2025-09-11', [built]), look('2025-09-21', [built])];
  expect(only(...refuted, ...gone).state).toBe('confirmed');
});

test('it refutes nothing that it saw in part, that was confirmed, or that it is known to miss', () => {
  const half = madeLook({ date: '2025-08-20', clouds: [[0, 0, 30, 60]], look: { id: 'uav half', ...mosaic } });
  expect(only(look('2025-08-01', [built]), half).state).toBe('probable');
  const sure = [look('2025-08-01', [built]), look('2025-08-11', [built])];
  expect(only(...sure, look('2025-08-20', [], mosaic)).state).toBe('confirmed');
  const water = { box: site, classAfter: 'water', category: 'non-grain' } as const;
  const pond = only(look('2025-08-01', [water]), look('2025-08-20', [], mosaic));
  expect(pond).toMatchObject({ state: 'probable', observations: [{}, { reading: 'unseen', probability: null }] });
});

test('it says nothing of ground that was changed, or may have been, when the mosaic it was compared with was flown', () => {
  const late = { ...mosaic, comparedWith: '2025-07-01' };
  // as before on 20 May, changed on 1 August: nobody knows what 1 July showed
  expect(only(look('2025-08-01', [built]), look('2025-08-20', [], late)).state).toBe('probable');
  const back = { box: site, classBefore: 'built', classAfter: 'crops', category: 'recovered' } as const;
  const found = only(look('2025-08-01', [built]), look('2025-08-20', [back], late));
  expect(found).toMatchObject({ state: 'probable', formerIds: ['uav 2025-08-20 0'] });
  const known = only(look('2025-07-10', []), look('2025-08-01', [built]), look('2025-08-20', [], late));
  expect(known.state).toBe('expired');
});

test('a camera in the air is known by its name, or by pixels that no satellite has', () => {
  expect(kindOfScene({ sensor: 'uav', gsdM: 1 })).toBe('uav');
  expect([0.1, 0.5].map((gsdM) => kindOfScene({ sensor: null, gsdM }))).toEqual(['uav', 'satellite']);
  expect(kindOfScene({ sensor: 'gf-2', gsdM: 0.2 })).toBe('satellite');
});
