import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, noTracks } from '../../pipeline/track/advance.ts';
import { orderReports, tracksOf, trackPatches } from '../../pipeline/track/replay.ts';
import type { LookReport, Sighting } from '../../pipeline/track/sighting.ts';
import { openTrackIds, stateOn, type Track } from '../../pipeline/track/track.ts';
import type { TrackRules } from '../../pipeline/track/confirmation.ts';
import { madeLook, shippedTrackRules, type Box } from '../support/made-looks.ts';

const box = (): fc.Arbitrary<Box> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 14 }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 2, max: 7 }),
    )
    .map(([x, y, width, height]) => [10 * x, 10 * y, 10 * (x + width), 10 * (y + height)] as const);

const kinds = [
  { sensor: 'S2', gsdM: 10, kind: 'satellite' },
  { sensor: 'S2', gsdM: 10, kind: 'satellite', isCumulative: true },
  { sensor: 'GF', gsdM: 2, kind: 'satellite' },
  { sensor: 'drone', gsdM: 0.1, kind: 'uav' },
  { sensor: 'drone', gsdM: 2, kind: 'uav', comparedWith: '2025-04-12', denies: ['built'] },
  { sensor: null, gsdM: 1, kind: 'ground' },
] as const;
const classes: readonly Partial<Sighting>[] = [
  { classAfter: 'built', category: 'non-farm' },
  { classAfter: 'water', category: 'non-grain' },
  { classAfter: 'trees', category: 'non-grain' },
];

const part = (...where: Box) => ({ box: where });
/** What a place shows for some looks: one patch, its neighbour, both as one, one in pieces, smaller, larger, nothing. */
const phases: readonly (readonly { readonly box: Box }[])[] = [
  [],
  [part(0, 0, 100, 60)],
  [part(0, 0, 100, 60), part(120, 0, 200, 60)],
  [part(0, 0, 200, 60)],
  [part(0, 0, 50, 60), part(60, 0, 110, 60)],
  [part(10, 10, 60, 50)],
  [part(0, 0, 150, 140)],
];

/** Series of a small place: patches that come, waver, part, meet and go, clouds, several sensors, also twice a day. */
const series: fc.Arbitrary<readonly LookReport[]> = fc
  .array(
    fc.record({
      phase: fc.constantFrom(...phases),
      times: fc.integer({ min: 1, max: 4 }),
      as: fc.constantFrom(...classes),
      noise: fc.array(box(), { maxLength: 1 }),
      clouds: fc.array(box(), { maxLength: 2 }),
      stepDays: fc.integer({ min: 0, max: 25 }),
      by: fc.constantFrom(...kinds, kinds[0], kinds[1]),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((spans) => {
    const looks: LookReport[] = [];
    let day = 0;
    for (const { phase, times, as, noise, clouds, stepDays, by } of spans) {
      for (let i = 0; i < times; i++) {
        const date = new Date(Date.UTC(2025, 3, 1 + day)).toISOString().slice(0, 10);
        const seen = [...phase, ...(i === 0 ? noise.map((where) => part(...where)) : [])];
        const hidden = i % 2 === 1 ? apart(clouds.map((where) => part(...where))) : [];
        looks.push(
          madeLook({
            date,
            seen: apart(seen).map((where) => ({ ...where, ...as })),
            clouds: hidden.map((cloud) => cloud.box),
            look: { id: `${date} ${looks.length}`, ...by },
          }),
        );
        day += stepDays;
      }
    }
    return looks;
  });

const touches = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
/** Patches of one look never overlap. */
const apart = <T extends { readonly box: Box }>(parts: readonly T[]): readonly T[] =>
  parts.filter((part, i) => !parts.slice(0, i).some((other) => touches(part.box, other.box)));

/** June water waits, what is seen in a look of the 13th is worth nothing. */
const rules: TrackRules = {
  ...shippedTrackRules,
  seasonGuard: ({ classAfter }, { date }) =>
    date.endsWith('-13') ? 'ignore' : date.startsWith('2025-06') && classAfter === 'water' ? 'wait' : 'count',
};

test('no order, repetition or split of the looks changes a track', () => {
  fc.assert(
    fc.property(
      series.chain((looks) =>
        fc.tuple(fc.constant(looks), fc.shuffledSubarray([...looks, ...looks], { minLength: 2 * looks.length })),
      ),
      ([looks, shuffled]) => {
        expect(trackPatches(shuffled, rules)).toEqual(trackPatches(looks, rules));
      },
    ),
    { numRuns: 12 },
  );
});

test('looks that come one by one give what all together give, and leave what was before alone', () => {
  fc.assert(
    fc.property(series, fc.nat(), (looks, some) => {
      const ordered = orderReports(looks);
      const states = [noTracks];
      for (const report of ordered) states.push(advance(states.at(-1)!, report, rules));
      for (const cut of [some % looks.length, looks.length])
        expect(tracksOf(states[cut]!)).toEqual(trackPatches(ordered.slice(0, cut), rules));
    }),
    { numRuns: 12 },
  );
});

test('later looks change neither ids nor what was known of a day', () => {
  fc.assert(
    fc.property(series, fc.nat(), (looks, some) => {
      const all = new Map(trackPatches(looks, rules).map((track) => [track.id, track]));
      const day = looks[some % looks.length]!.look.date;
      const until = looks.filter(({ look }) => look.date <= day);
      for (const { id, state } of trackPatches(until, rules)) {
        expect(all.has(id)).toBe(true);
        expect(stateOn(all.get(id)!, day)).toBe(state);
      }
    }),
    { numRuns: 16 },
  );
});

test('every sighting that the season leaves is of one track, and a missing look loses no track that another look shows', () => {
  fc.assert(
    fc.property(series, fc.nat(), (looks, missing) => {
      const tracks = trackPatches(looks, rules);
      const ids = tracks.flatMap(({ id, formerIds }) => [id, ...formerIds]).sort();
      const sightings = looks.flatMap(({ look, sightings: of }) =>
        of.filter((sighting) => rules.seasonGuard(sighting, look) !== 'ignore'),
      );
      expect(ids).toEqual(sightings.map(({ id }) => id).sort());
      const find = openTrackIds(tracks);
      const fewer = looks.filter((_, i) => i !== missing % looks.length);
      for (const { id } of trackPatches(fewer, rules)) expect(find(id)).not.toBeNull();
    }),
    { numRuns: 12 },
  );
});

test('a look that sees nothing of the ground changes no state', () => {
  fc.assert(
    fc.property(series, (looks) => {
      const blind = madeLook({ date: '2026-01-10', clouds: [[-1000, -1000, 2000, 2000]] });
      const before = trackPatches(looks, rules);
      const after = trackPatches([...looks, blind], rules);
      const seenAlike = (tracks: readonly Track[]) => tracks.map((track) => ({ ...track, observations: [] }));
      expect(seenAlike(after)).toEqual(seenAlike(before));
      for (const { observations, state, mergedInto } of after) {
        const isFollowed = state !== 'expired' && mergedInto === null;
        if (isFollowed)
          expect(observations.at(-1)).toMatchObject({ look: blind.look.id, reading: 'unseen', probability: null });
      }
    }),
    { numRuns: 12 },
  );
});

test('two looks never confirm, whatever they show', () => {
  fc.assert(
    fc.property(series, (looks) => {
      const states = trackPatches(orderReports(looks).slice(0, 2), rules).map(({ state }) => state);
      expect(states).not.toContain('confirmed');
    }),
    { numRuns: 12 },
  );
});
