import { AppError } from '../errors.ts';
import { orientPolygon } from '../parcel/layer.ts';
import type { TrackRules } from './confirmation.ts';
import { begin } from './begin.ts';
import { compareLooks, type Look } from './look.ts';
import { matchGround, type Match } from './match.ts';
import { mergeJoined, type Joins } from './merge.ts';
import { observe, type Seen } from './observe.ts';
import { isDormant, isElder, type OpenTrack } from './open-track.ts';
import { openPastLook, type PastLook } from './past-look.ts';
import { dividePieces } from './split.ts';
import type { LookReport, Sighting } from './sighting.ts';
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
  const sightings = sort(report, rules);
  const alive = [...state.tracks.values()].filter(({ mergedInto }) => mergedInto === null);
  const seen = lookAt(alive, sightings, { report, rules });
  const tracks = new Map(state.tracks);
  for (const each of seen) {
    const track = observe(each, report, rules);
    if (track !== each.track) tracks.set(track.id, transition(track, look, rules));
  }
  const joins = mergeJoined(tracks, seen, { look, rules, joins: state.joins });
  for (const track of dividePieces(tracks, seen, { report, rules })) tracks.set(track.id, track);
  const taken = new Set(
    seen.flatMap(({ owned, touched, waiting }) => [...owned, ...touched, ...waiting]).map(({ id }) => id),
  );
  for (const sighting of [...sightings.counted, ...sightings.waiting]) {
    if (taken.has(sighting.id)) continue;
    const track = begin(sighting, { report, rules, past: state.past, isWaiting: sightings.waiting.includes(sighting) });
    tracks.set(track.id, track);
  }
  const past = [...state.past, openPastLook(report, rules)].slice(-rules.confirmation.matching.lookBackLooks);
  return { newest: look, tracks, past, joins };
}

interface Sorted {
  readonly counted: readonly Sighting[];
  readonly waiting: readonly Sighting[];
  readonly ignored: readonly Sighting[];
}

/** Sightings by what the season makes of them, each once, by id, oriented. */
function sort({ look, sightings }: LookReport, rules: TrackRules): Sorted {
  const sorted: Record<'count' | 'wait' | 'ignore', Sighting[]> = { count: [], wait: [], ignore: [] };
  const byId = new Map(sightings.map((sighting) => [sighting.id, sighting]));
  for (const id of [...byId.keys()].sort()) {
    const sighting = byId.get(id)!;
    const oriented = { ...sighting, polygons: sighting.polygons.map(orientPolygon) };
    sorted[rules.seasonGuard(sighting, look)].push(oriented);
  }
  return { counted: sorted.count, waiting: sorted.wait, ignored: sorted.ignore };
}

/** What the look shows of each track. */
function lookAt(
  alive: readonly OpenTrack[],
  sightings: Sorted,
  context: { readonly report: LookReport; readonly rules: TrackRules },
): readonly Seen[] {
  const { report, rules } = context;
  const { minSharedFraction, minAlikeFraction, shiftPx } = rules.confirmation.matching;
  const isShy = (track: OpenTrack) => isDormant(track) || track.isWaiting;
  const matched = (of: readonly Sighting[]) =>
    matchGround(alive, of, {
      shiftM: shiftPx * report.look.gsdM,
      minSharedFraction,
      minAlikeFraction,
      mustBeAlike: (track) => isShy(alive[track]!),
    });
  const found = matched(sightings.counted);
  const owners = ownersOf(found, alive);
  // an expired track is not woken by what looks more like another
  const counted = found.filter((match) => owners.get(match.sighting) === match || !isShy(alive[match.track]!));
  const bridges = new Set<number>();
  for (const { sighting, track } of counted) if (owners.get(sighting)!.track !== track) bridges.add(sighting);
  const shown = new Map<number, Record<'owned' | 'touched' | 'waiting' | 'ignored', Match[]>>();
  const at = (track: number) => {
    const lists = shown.get(track) ?? { owned: [], touched: [], waiting: [], ignored: [] };
    shown.set(track, lists);
    return lists;
  };
  for (const match of counted) at(match.track)[owners.get(match.sighting) === match ? 'owned' : 'touched'].push(match);
  for (const match of matched(sightings.waiting)) at(match.track).waiting.push(match);
  for (const match of matched(sightings.ignored)) at(match.track).ignored.push(match);
  return alive.map((track, i) => {
    const lists = shown.get(i);
    const part = (matches: readonly Match[] = [], of: readonly Sighting[]) =>
      matches.map(({ sighting, sharedM2 }) => ({
        id: of[sighting]!.id,
        sighting: of[sighting]!,
        sharedM2,
        isBridge: of === sightings.counted && bridges.has(sighting),
      }));
    return {
      track,
      owned: part(lists?.owned, sightings.counted),
      touched: part(lists?.touched, sightings.counted),
      waiting: part(lists?.waiting, sightings.waiting),
      ignored: part(lists?.ignored, sightings.ignored),
      ownerIds: (lists?.touched ?? []).map(({ sighting }) => alive[owners.get(sighting)!.track]!.id),
    };
  });
}

/** To which track a sighting belongs: that which it looks like most, the elder of equals. */
function ownersOf(matches: readonly Match[], alive: readonly OpenTrack[]): ReadonlyMap<number, Match> {
  const owners = new Map<number, Match>();
  for (const match of matches) {
    const best = owners.get(match.sighting);
    const isBetter =
      best === undefined ||
      match.alikeFraction > best.alikeFraction ||
      (match.alikeFraction === best.alikeFraction && isElder(alive[match.track]!, alive[best.track]!));
    if (isBetter) owners.set(match.sighting, match);
  }
  return owners;
}
