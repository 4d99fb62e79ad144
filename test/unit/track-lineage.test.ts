import { expect, test } from 'vitest';
import { trackPatches } from '../../pipeline/track/replay.ts';
import { openTrackIds, type Track } from '../../pipeline/track/track.ts';
import { madeLook, shippedTrackRules, type Box, type MadeLook } from '../support/made-looks.ts';

/** Looks five days apart from the first of July, each showing these patches. */
const every5Days = (...shown: readonly NonNullable<MadeLook['seen']>[]) =>
  shown.map((seen, i) => madeLook({ date: new Date(Date.UTC(2025, 6, 1 + 5 * i)).toISOString().slice(0, 10), seen }));
const track = (...shown: readonly NonNullable<MadeLook['seen']>[]): readonly Track[] =>
  trackPatches(every5Days(...shown), shippedTrackRules);
const eventsOf = (one: Track | undefined) => one?.history.map(({ event }) => event);

const pond: Box = [0, 0, 100, 100];

test('a patch whose outline wavers by a pixel is one track that neither grows nor shrinks', () => {
  const small: Box = [0, 0, 50, 40];
  const shifts = [
    [0, 0],
    [10, 10],
    [-10, 0],
    [0, -10],
    [10, -10],
    [-10, 10],
    [-10, -10],
    [10, 0],
  ] as const;
  const wavering = shifts.map(([dx, dy]) => [[dx, dy, 50 + dx, 40 + dy] as const]);
  const tracks = track([], ...wavering);
  expect(tracks).toHaveLength(1);
  expect(eventsOf(tracks[0])).toEqual(['appeared', 'confirmed']);
  const swelling = track([], [small], [[-10, -10, 60, 50]], [small], [[10, 10, 40, 30]], [small], [small]);
  expect(swelling).toHaveLength(1);
  expect(eventsOf(swelling[0])).not.toContain('grew');
});

test('a road of one pixel that is displaced by one pixel is the same road', () => {
  const road: Box = [0, 0, 10, 600];
  const tracks = track([], [road], [[10, 0, 20, 600]], [road], [[-10, 0, 0, 600]]);
  expect(tracks).toHaveLength(1);
  expect(tracks[0]?.state).toBe('confirmed');
});

test('two neighbours that always show as two stay two', () => {
  const other: Box = [120, 0, 200, 100];
  const tracks = track([], [pond, other], [pond, other], [pond, other]);
  expect(tracks.map(({ state, parents }) => [state, parents.length])).toEqual([
    ['confirmed', 0],
    ['confirmed', 0],
  ]);
});

test('a confirmed patch that grows and stays large grew once, and one look too large is no growth', () => {
  const large: Box = [0, 0, 100, 200];
  const tracks = track([], [pond], [pond], [pond], [large], [pond], [pond], [large], [large], [large], [large]);
  expect(tracks).toHaveLength(1);
  expect(eventsOf(tracks[0])).toEqual(['appeared', 'confirmed', 'grew']);
  expect(tracks[0]?.history[2]).toMatchObject({ date: '2025-08-10', areaM2: 20_000, state: 'confirmed' });
});

test('two patches that become one go on as the elder, which stays confirmed and keeps its id', () => {
  const later: Box = [120, 0, 220, 100];
  const both: Box = [0, 0, 220, 100];
  const [elder, younger, ...others] = track([], [pond], [pond], [pond], [pond, later], [both], [both], [both]);
  expect(others).toEqual([]);
  expect(elder).toMatchObject({ id: 'look 2025-07-06 0', state: 'confirmed', areaM2: 22_000, parents: [younger?.id] });
  expect(younger).toMatchObject({ mergedInto: elder?.id, children: [elder?.id] });
  expect(openTrackIds([elder!, younger!])(younger!.id)).toBe(elder);
  expect(eventsOf(elder)).toEqual(['appeared', 'confirmed', 'merged']);
});

test('specks below the minimum area that one look shows as one patch are one at once', () => {
  const specks: readonly Box[] = [
    [0, 0, 20, 60],
    [40, 0, 60, 60],
  ];
  const [whole, part, ...others] = track([], specks, [[0, 0, 60, 60]]);
  expect(others).toEqual([]);
  expect([whole?.state, whole?.areaM2, part?.mergedInto]).toEqual(['probable', 3600, whole?.id]);
});

test('ids may hold any sign', () => {
  const later: Box = [120, 0, 220, 100];
  const named = [[pond], [pond, later], [[0, 0, 220, 100] as const], [[0, 0, 220, 100] as const]].map((boxes, look) =>
    boxes.map((box, i) => ({ box, id: `a\nb "${look}" ${i}` })),
  );
  expect(track([], ...named).map(({ mergedInto }) => mergedInto)).toEqual([null, 'a\nb "0" 0']);
});

test('one look that joins two patches does not merge them', () => {
  const other: Box = [120, 0, 220, 100];
  const tracks = track(
    [],
    [pond, other],
    [pond, other],
    [[0, 0, 220, 100]],
    [pond, other],
    [[0, 0, 220, 100]],
    [pond, other],
  );
  expect(tracks.map(({ state, mergedInto, areaM2 }) => [state, mergedInto, areaM2])).toEqual([
    ['confirmed', null, 10_000],
    ['confirmed', null, 10_000],
  ]);
});

test('a confirmed patch that stays in two pieces is divided: the larger keeps the id, the other descends from it', () => {
  const whole: Box = [0, 0, 220, 100];
  const pieces: readonly Box[] = [
    [0, 0, 90, 100],
    [110, 0, 220, 100],
  ];
  const wavering = track([], [whole], [whole], [whole], pieces, pieces, [whole], pieces, pieces);
  expect(wavering).toHaveLength(1);
  const [parent, child, ...others] = track([], [whole], [whole], [whole], pieces, pieces, pieces, pieces);
  expect(others).toEqual([]);
  expect(parent).toMatchObject({ id: 'look 2025-07-06 0', state: 'confirmed', areaM2: 11_000, children: [child?.id] });
  expect(child).toMatchObject({ state: 'confirmed', areaM2: 9000, parents: [parent?.id], firstSeen: '2025-07-31' });
  expect(eventsOf(child)).toEqual(['split']);
});

test('a late scene gives what it would have given in time, and the old id still leads to the track', () => {
  const looks = every5Days([], [pond], [pond], [pond], [pond]);
  const [before] = trackPatches([looks[0]!, ...looks.slice(2)], shippedTrackRules);
  const [after, ...others] = trackPatches([looks[0]!, ...looks.slice(2), looks[1]!], shippedTrackRules);
  expect(others).toEqual([]);
  expect(before?.id).toBe('look 2025-07-11 0');
  expect(after?.id).toBe('look 2025-07-06 0');
  expect(openTrackIds([after!])(before!.id)).toBe(after);
  expect(trackPatches(looks, shippedTrackRules)).toEqual([after]);
});

test('a later scene that arrives late keeps the id', () => {
  const looks = every5Days([], [pond], [pond], [pond], [pond]);
  const [before] = trackPatches([...looks.slice(0, 2), ...looks.slice(3)], shippedTrackRules);
  expect(trackPatches(looks, shippedTrackRules)[0]?.id).toBe(before?.id);
});

test('two reports of one look that differ are refused by name', () => {
  const [bare, shown] = [madeLook({ date: '2025-07-01' }), madeLook({ date: '2025-07-01', seen: [pond] })];
  expect(() => trackPatches([bare, shown], shippedTrackRules)).toThrow(
    /Two reports of the look look 2025-07-01 differ/,
  );
});
