import Flatbush from 'flatbush';
import { boxOf, type FramePolygon } from '../parcel/layer.ts';
import { ringsAreaM2 } from '../parcel/overlay.ts';
import { preparePolygons, type PreparedPolygons } from '../parcel/prepare.ts';

/** Ground that is compared. */
export interface Ground {
  readonly polygons: readonly FramePolygon[];
  readonly areaM2: number;
  /** pixel of the look that the outline is from (m) */
  readonly gsdM: number;
}

/** A track and a sighting, by their positions, and what they share. */
export interface Match {
  readonly track: number;
  readonly sighting: number;
  readonly sharedM2: number;
  /** shared of both together, 0..1 */
  readonly alikeFraction: number;
}

export interface MatchOptions {
  /** farthest displacement between outlines of the same patch, in pixels of the coarser */
  readonly shiftPx: number;
  /** shared of the smaller of both from which on a track and a sighting are one */
  readonly minSharedFraction: number;
  /** shared of both together from which on they are, where they have to look alike */
  readonly minAlikeFraction: number;
  readonly mustBeAlike: (track: number, sighting: number) => boolean;
}

/**
 * Which sightings lie on which tracks, by track, then sighting. What fits nothing is tried again displaced by
 * `shiftPx`, so that a road of one pixel survives misregistration.
 */
export function matchGround(
  tracks: readonly Ground[],
  sightings: readonly Ground[],
  options: MatchOptions,
): readonly Match[] {
  if (tracks.length === 0 || sightings.length === 0) return [];
  const tree = new Flatbush(tracks.length);
  const { shiftPx } = options;
  for (const { polygons, gsdM } of tracks) {
    const [minX, minY, maxX, maxY] = boxOf(polygons);
    const slackM = shiftPx * gsdM;
    tree.add(minX - slackM, minY - slackM, maxX + slackM, maxY + slackM);
  }
  tree.finish();
  const prepared = sightings.map(({ polygons }) => preparePolygons(polygons));
  const matches: Match[] = [];
  const near: Match[] = [];
  sightings.forEach(({ areaM2, gsdM }, sighting) => {
    const ground = prepared[sighting];
    if (ground == null) return;
    const { originX: x, originY: y, minX, minY, maxX, maxY } = ground;
    const slackM = shiftPx * gsdM;
    for (const track of tree.search(x + minX - slackM, y + minY - slackM, x + maxX + slackM, y + maxY + slackM)) {
      const other = tracks[track]!;
      const match = { track, sighting, ...sharedOf(ground, other, areaM2) };
      if (isMatch(match, Math.min(areaM2, other.areaM2), options)) matches.push(match);
      else if (!options.mustBeAlike(track, sighting)) near.push(match);
    }
  });
  const fitted = {
    tracks: new Set(matches.map(({ track }) => track)),
    sightings: new Set(matches.map(({ sighting }) => sighting)),
  };
  const lost = near
    .filter(({ track, sighting }) => !fitted.tracks.has(track) && !fitted.sightings.has(sighting))
    .map((match) => {
      const [track, sighting] = [tracks[match.track]!, sightings[match.sighting]!];
      return displaced(match, prepared[match.sighting]!, { track, sighting, shiftPx });
    })
    .filter((match) =>
      isMatch(match, Math.min(tracks[match.track]!.areaM2, sightings[match.sighting]!.areaM2), options),
    )
    .sort((a, b) => b.alikeFraction - a.alikeFraction || a.track - b.track || a.sighting - b.sighting);
  for (const match of lost) {
    if (fitted.tracks.has(match.track) || fitted.sightings.has(match.sighting)) continue;
    fitted.tracks.add(match.track);
    fitted.sightings.add(match.sighting);
    matches.push(match);
  }
  return matches.sort((a, b) => a.track - b.track || a.sighting - b.sighting);
}

function isMatch(match: Match, smallerM2: number, options: MatchOptions): boolean {
  if (match.sharedM2 <= 0) return false;
  return options.mustBeAlike(match.track, match.sighting)
    ? match.alikeFraction >= options.minAlikeFraction
    : match.sharedM2 >= options.minSharedFraction * smallerM2;
}

function sharedOf(ground: PreparedPolygons, other: Ground, areaM2: number): Pick<Match, 'sharedM2' | 'alikeFraction'> {
  const sharedM2 = Math.max(0, ringsAreaM2(ground, other.polygons.flat()));
  return { sharedM2, alikeFraction: sharedM2 / (areaM2 + other.areaM2 - sharedM2) };
}

/** The best of the eight places one displacement away. */
function displaced(
  match: Match,
  ground: PreparedPolygons,
  pair: { readonly track: Ground; readonly sighting: Ground; readonly shiftPx: number },
): Match {
  const { track, sighting } = pair;
  const shiftM = pair.shiftPx * Math.max(track.gsdM, sighting.gsdM);
  let best = match;
  for (const dx of [-1, 0, 1]) {
    for (const dy of [-1, 0, 1]) {
      const moved = { ...ground, originX: ground.originX + dx * shiftM, originY: ground.originY + dy * shiftM };
      const shared = sharedOf(moved, track, sighting.areaM2);
      if (shared.sharedM2 > best.sharedM2) best = { ...match, ...shared };
    }
  }
  return best;
}
