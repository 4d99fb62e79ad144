import { orientPolygon } from '../parcel/layer.ts';
import type { TrackRules } from './confirmation.ts';
import { matchGround, type Match } from './match.ts';
import { isDormant, isElder, type OpenTrack } from './open-track.ts';
import type { LookReport, Sighting } from './sighting.ts';

/** A sighting on a track. */
export interface SeenPart {
  readonly id: string;
  readonly sighting: Sighting;
  readonly sharedM2: number;
  /** it lies on several tracks */
  readonly isBridge: boolean;
}

/** What one look shows of a track. */
export interface Seen {
  readonly track: OpenTrack;
  /** sightings that look like this track most */
  readonly owned: readonly SeenPart[];
  /** those that lie on it and look more like another, and ids of these others */
  readonly touched: readonly SeenPart[];
  readonly ownerIds: readonly string[];
  /** those of a season that proves nothing, and those that the season makes worthless */
  readonly waiting: readonly SeenPart[];
  readonly ignored: readonly SeenPart[];
  /** ids of the sightings that count or wait and look like this track most */
  readonly ownIds: readonly string[];
}

/** Sightings of a look by what the season makes of them. */
export interface SortedSightings {
  readonly counted: readonly Sighting[];
  readonly waiting: readonly Sighting[];
  readonly ignored: readonly Sighting[];
}

/** Sightings by what the season makes of them, each once, by id, oriented. */
export function sortSightings({ look, sightings }: LookReport, rules: TrackRules): SortedSightings {
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
export function lookAt(
  alive: readonly OpenTrack[],
  sightings: SortedSightings,
  context: { readonly report: LookReport; readonly rules: TrackRules },
): readonly Seen[] {
  const { report, rules } = context;
  const { minSharedFraction, minAlikeFraction, shiftPx } = rules.confirmation.matching;
  const isShy = (track: OpenTrack) => isDormant(track) || track.isWaiting;
  const matched = (of: readonly Sighting[]) =>
    matchGround(
      alive,
      of.map(({ polygons, areaM2 }) => ({ polygons, areaM2, gsdM: report.look.gsdM })),
      {
        shiftPx,
        minSharedFraction,
        minAlikeFraction,
        mustBeAlike: (track) => isShy(alive[track]!),
      },
    );
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
  const waiting = matched(sightings.waiting);
  const waitingOwners = ownersOf(waiting, alive);
  for (const match of waiting) at(match.track).waiting.push(match);
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
      ownIds: [
        ...(lists?.owned ?? []).map(({ sighting }) => sightings.counted[sighting]!.id),
        ...(lists?.waiting ?? [])
          .filter((match) => waitingOwners.get(match.sighting) === match)
          .map(({ sighting }) => sightings.waiting[sighting]!.id),
      ],
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
