import { AppError } from '../errors.ts';
import type { TrackRules } from './confirmation.ts';
import { begin } from './begin.ts';
import { compareLooks, type Look } from './look.ts';
import { mergeJoined, type Joins } from './merge.ts';
import { observe } from './observe.ts';
import type { OpenTrack } from './open-track.ts';
import { openPastLook, type PastLook } from './past-look.ts';
import { dividePieces } from './split.ts';
import { lookAt, sortSightings } from './seen.ts';
import type { LookReport } from './sighting.ts';
import { transition } from './transition.ts';

/** All tracks after a look, and what it takes to go on; a value. */
export interface TrackingState {
  /** the newest look so far */
  readonly newest: Look | null;
  /** in the order in which they began */
  readonly tracks: ReadonlyMap<string, OpenTrack>;
  /** newest looks, oldest first: whether new ground was stable before */
  readonly past: readonly PastLook[];
  readonly joins: Joins;
}

export const noTracks: TrackingState = { newest: null, tracks: new Map(), past: [], joins: new Map() };

/**
 * The state after one more look, which has to be later than all before it: a late one needs `trackPatches` over all.
 *
 * Work and memory grow with the open tracks and the sightings of the look, not with the number of looks.
 *
 * @throws AppError CONFLICT for a look that is not later
 */
export function advance(state: TrackingState, report: LookReport, rules: TrackRules): TrackingState {
  const { look } = report;
  if (state.newest !== null && compareLooks(state.newest, look) >= 0)
    throw new AppError(
      'CONFLICT',
      `The look ${look.id} of ${look.date} is not later than ${state.newest.id} of ${state.newest.date}.`,
      'Replay all looks in their order.',
      { look: look.id },
    );
  const sightings = sortSightings(report, rules);
  const alive = [...state.tracks.values()].filter(({ mergedInto }) => mergedInto === null);
  const seen = lookAt(alive, sightings, { report, rules });
  const tracks = new Map(state.tracks);
  for (const each of seen) {
    const track = observe(each, report, rules);
    if (track !== each.track) tracks.set(track.id, transition(track, look, rules));
  }
  const joins = mergeJoined(tracks, seen, { look, rules, joins: state.joins });
  for (const track of dividePieces(tracks, seen, { report, rules })) tracks.set(track.id, track);
  const taken = new Set(seen.flatMap(({ ownIds }) => ownIds));
  for (const sighting of [...sightings.counted, ...sightings.waiting]) {
    if (taken.has(sighting.id)) continue;
    const track = begin(sighting, { report, rules, past: state.past, isWaiting: sightings.waiting.includes(sighting) });
    tracks.set(track.id, track);
  }
  const past = [...state.past, openPastLook(report, rules)].slice(-rules.confirmation.matching.lookBackLooks);
  return { newest: look, tracks, past, joins };
}
