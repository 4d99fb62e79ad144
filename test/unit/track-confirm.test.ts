import { expect, test } from 'vitest';
import { trackPatches } from '../../pipeline/track/replay.ts';
import { stateOn, type Track } from '../../pipeline/track/track.ts';
import type { TrackRules } from '../../pipeline/track/confirmation.ts';
import { parseConfirmation } from '../../pipeline/track/confirmation.ts';
import { madeLook, shippedTrackRules, type Box, type MadeLook } from '../support/made-looks.ts';

const site: Box = [0, 0, 60, 60];
const gf = { sensor: 'GF1', gsdM: 2 } as const;
const drone = { sensor: 'drone', gsdM: 0.1, kind: 'uav' } as const;
const ground = { sensor: null, gsdM: 1, kind: 'ground' } as const;

type Shown = Omit<MadeLook, 'date'>;
const shown: Shown = { seen: [site] };
const cloudy: Shown = { clouds: [[-100, -100, 200, 200]] };

/** One look every five days from the first of July. */
const looksOf = (...looks: readonly Shown[]) =>
  looks.map((look, i) =>
    madeLook({ ...look, date: new Date(Date.UTC(2025, 6, 1 + 5 * i)).toISOString().slice(0, 10) }),
  );
const only = (looks: ReturnType<typeof looksOf>, rules: TrackRules = shippedTrackRules): Track => {
  const [track, ...others] = trackPatches(looks, rules);
  expect(others).toEqual([]);
  return track!;
};
const track = (...looks: readonly Shown[]): Track => only(looksOf(...looks));
const eventsOf = ({ history }: Track) => history.map(({ event }) => event);

test('three clear looks that show a building site confirm it, two do not', () => {
  expect(track({}, shown, shown).state).toBe('probable');
  const found = track({}, shown, shown, shown);
  expect(found).toMatchObject({
    id: 'look 2025-07-06 0',
    state: 'confirmed',
    firstSeen: '2025-07-06',
    confirmedOn: '2025-07-16',
    looksToConfirm: 3,
    daysToConfirm: 10,
    areaM2: 3600,
  });
  expect(eventsOf(found)).toEqual(['appeared', 'confirmed']);
  expect(stateOn(found, '2025-07-01')).toBeNull();
  expect(stateOn(found, '2025-07-15')).toBe('probable');
  expect(stateOn(found, '2025-07-16')).toBe('confirmed');
});

test('cloudy looks count neither for nor against', () => {
  const found = track({}, shown, cloudy, cloudy, cloudy, cloudy, shown, cloudy, shown, cloudy, cloudy, cloudy, cloudy);
  expect(found).toMatchObject({ state: 'confirmed', looksToConfirm: 3, daysToConfirm: 35, lastSeen: '2025-08-10' });
  expect(found.observations.filter(({ reading }) => reading === 'unseen')).toHaveLength(9);
  expect(found.observations[1]).toMatchObject({ areaM2: 0, probability: null });
});

test('ground that was not stable before is not confirmed', () => {
  expect(track(cloudy, shown, shown, shown, shown).state).toBe('probable');
});

test('a look that half saw a patch makes it neither smaller nor divided nor gone', () => {
  const half: Shown = { seen: [[0, 0, 30, 60]], clouds: [[30, -100, 200, 200]] };
  const rim: Shown = { clouds: [[-100, -100, 30, 200]] };
  const found = track({}, shown, shown, shown, half, half, half, half, rim, rim, rim, rim, rim);
  expect(found).toMatchObject({ state: 'confirmed', areaM2: 3600 });
  expect(found.observations.at(-1)?.reading).toBe('unseen');
});

test('several scenes of one sensor and day are one look', () => {
  const day = (n: number) => madeLook({ date: '2025-07-06', seen: [site], look: { id: `tile ${n}` } });
  const [before, after] = [madeLook({ date: '2025-07-01' }), madeLook({ date: '2025-07-11', seen: [site] })];
  expect(only([before, day(1), day(2), day(3), after]).state).toBe('probable');
});

test('what is gone before it was believed expires, and the same ground later is the same track', () => {
  const gone = track({}, shown, {}, {}, {});
  expect(gone).toMatchObject({ state: 'expired', confirmedOn: null });
  const again = track({}, shown, {}, {}, {}, {}, shown, shown, shown);
  expect(again).toMatchObject({ id: gone.id, state: 'confirmed', firstSeen: '2025-07-06', since: '2025-07-31' });
  expect(eventsOf(again)).toEqual(['appeared', 'expired', 'reappeared', 'confirmed']);
});

test('a confirmed patch that is as before for weeks is reversed and asks for closing evidence, which a drone gives', () => {
  const built = [{}, shown, shown, shown] as const;
  expect(track(...built, {}, {}, {}).state).toBe('confirmed');
  const reversed = track(...built, {}, {}, {}, {}, {});
  expect(reversed).toMatchObject({ state: 'reversed', isClosingAsked: true, confirmedOn: '2025-07-16' });
  expect(track(...built, {}, {}, {}, {}, {}, { look: drone })).toMatchObject({
    state: 'reversed',
    isClosingAsked: false,
  });
});

test('a reversed patch that is changed again relapses: the same track, confirmed again', () => {
  const relapsed = track({}, shown, shown, shown, {}, {}, {}, {}, {}, shown, shown);
  expect(relapsed).toMatchObject({ id: 'look 2025-07-06 0', state: 'confirmed', since: '2025-08-15' });
  expect(eventsOf(relapsed)).toEqual(['appeared', 'confirmed', 'reversed', 'relapsed']);
  expect(track({}, shown, shown, shown, {}, {}, {}, {}, {}, shown, {}).state).toBe('reversed');
});

test('two sensors that agree need fewer looks; one that last saw no change holds confirmation back', () => {
  expect(track({}, shown, { ...shown, look: gf })).toMatchObject({ state: 'confirmed', looksToConfirm: 2 });
  expect(track({}, shown, { look: gf }, shown, shown).state).toBe('probable');
});

test('of looks whose probabilities weigh the looks before them two are enough, and one is not', () => {
  const sure: Shown = { ...shown, look: { isCumulative: true } };
  const unsure: Shown = { seen: [{ box: site, probability: 0.45 }], look: { isCumulative: true } };
  expect(track({}, {}, sure).state).toBe('probable');
  expect(track({}, {}, sure, {}).state).toBe('probable');
  expect(track({}, {}, sure, sure)).toMatchObject({ state: 'confirmed', looksToConfirm: 2, daysToConfirm: 5 });
  expect(track({}, {}, unsure, unsure, unsure, unsure).state).toBe('probable');
  expect(track({}, {}, sure, shown).state).toBe('probable');
  expect(track({}, {}, sure, shown, shown).state).toBe('confirmed');
});

test('a patch that grew out of a speck began when a look first showed most of it', () => {
  const speck: Shown = { seen: [[0, 0, 10, 10]] };
  const grown = track({}, speck, speck, speck, shown, shown, shown);
  expect(grown).toMatchObject({ firstSeen: '2025-07-06', since: '2025-07-21', looksToConfirm: 3, state: 'confirmed' });
});

test('a patch below the minimum area of its sensor is watched until a finer look says that it is large enough', () => {
  const small: Shown = { seen: [[0, 0, 30, 30]] };
  const watched = track({}, small, small, small, small);
  expect(watched.state).toBe('watched');
  // 20 pixels whose outline may err by a quarter of a pixel are 16
  const [sixteen, fifteen]: [Shown, Shown] = [{ seen: [[0, 0, 40, 40]] }, { seen: [[0, 0, 50, 30]] }];
  expect(track({}, sixteen, sixteen, sixteen).state).toBe('confirmed');
  expect(track({}, fifteen, fifteen, fifteen, fifteen).state).toBe('watched');
  const measured = track({}, small, small, small, { seen: [[0, 0, 32, 28]], look: gf });
  expect(measured).toMatchObject({ state: 'confirmed', areaM2: 896, gsdM: 2, firstSeen: '2025-07-06' });
  expect(eventsOf(measured)).toEqual(['appeared', 'probable', 'confirmed']);
});

test('how much is what the finest looks say, whatever coarser ones show later within their pixels', () => {
  const fine: Shown = { seen: [[2, 2, 58, 60]], look: gf };
  expect(track({}, shown, fine, shown, { seen: [[-10, 0, 60, 60]] }, shown)).toMatchObject({ areaM2: 3248, gsdM: 2 });
});

test('a person on the spot confirms at once, but nothing is confirmed by fewer than three looks', () => {
  expect(track({}, shown, { ...shown, look: ground })).toMatchObject({ state: 'confirmed', looksToConfirm: 2 });
  expect(track(cloudy, shown, { ...shown, look: ground }).state).toBe('probable');
});

test('what a person on the spot refuted stays refuted until it is gone, grows, or is found by a person', () => {
  const refuted = track({}, shown, shown, shown, { look: ground }, shown, shown, shown, shown);
  expect(refuted).toMatchObject({ state: 'reversed', isClosingAsked: false });
  expect(refuted.observations.at(-1)?.reading).toBe('refuted');
  expect(track({}, shown, { look: ground }, shown, shown, shown).state).toBe('expired');
  expect(track({}, shown, { look: ground }, shown, {}, shown, shown, shown).state).toBe('confirmed');
  const larger: Shown = { seen: [[0, 0, 120, 60]] };
  expect(track({}, shown, { look: ground }, shown, larger, larger, larger).state).toBe('confirmed');
});

test('what the season makes wait is followed and proves nothing; what it makes worthless is as if not seen', () => {
  const june = (answer: 'wait' | 'ignore'): TrackRules => ({
    ...shippedTrackRules,
    seasonGuard: (_, { date }) => (date < '2025-07-16' ? answer : 'count'),
  });
  const looks = looksOf({}, shown, shown, shown, shown, shown);
  expect(only(looks.slice(0, 3), june('wait'))).toMatchObject({ state: 'watched', firstSeen: '2025-07-06' });
  expect(only(looks, june('wait'))).toMatchObject({ state: 'confirmed', looksToConfirm: 3, firstSeen: '2025-07-06' });
  expect(trackPatches(looks.slice(0, 3), june('ignore'))).toEqual([]);
  expect(only(looks, june('ignore'))).toMatchObject({ state: 'confirmed', firstSeen: '2025-07-16' });
  const gone = only(looksOf({}, shown, shown, {}, {}, {}), june('wait'));
  expect(eventsOf(gone)).toEqual(['appeared', 'expired']);
});

test('flooded fields around a pond neither merge with it nor hide it', () => {
  const pond = { classAfter: 'water', category: 'non-grain' } as const;
  const flood: Shown = { seen: [{ ...pond, box: [-500, -500, 500, 500] }] };
  const dug: Shown = { seen: [{ ...pond, box: [0, 0, 60, 60] }] };
  const rules: TrackRules = {
    ...shippedTrackRules,
    seasonGuard: (_, { date }) => (date < '2025-07-16' ? 'wait' : 'count'),
  };
  const tracks = trackPatches(looksOf({}, flood, flood, dug, dug, dug, dug), rules);
  expect(tracks.map(({ state, areaM2 }) => [state, areaM2])).toEqual([
    ['expired', 1_000_000],
    ['confirmed', 3600],
  ]);
});

test('rules that want more than their window holds are refused by row', () => {
  const { confirmation } = shippedTrackRules;
  const categories = confirmation.categories.map((row, i) =>
    i === 1 ? { ...row, independent: { ...row.independent, changedLooks: 9 } } : row,
  );
  expect(() => parseConfirmation({ ...confirmation, categories }, 'x.json')).toThrow(
    /categories.1.independent: wants agreeingLooks/,
  );
  expect(() => parseConfirmation({ ...confirmation, minimumLooks: 2 }, 'x.json')).toThrow(/minimumLooks/);
  expect(() => parseConfirmation({ ...confirmation, kinds: [] }, 'x.json')).toThrow(/kinds: wants one row for each/);
});
