import { crsFromEpsg } from '../geo/crs.ts';
import { equalAreaFrame, ringToFrame } from '../geo/frame.ts';
import type { Polygon } from '../geo/polygon.ts';
import { buildLayer, polygonsOf, type FramePolygon, type ParcelLayer } from '../parcel/layer.ts';
import { overlayAll } from '../parcel/overlay.ts';
import { openParcelIndex } from '../parcel/parcel-index.ts';
import type { AlertRules } from './alert-rules.ts';
import type { AlertTrack, Axis, Verdict } from './alert.ts';
import type { Case } from './raise.ts';

/** Longitude and latitude, rings of each polygon, exterior first. */
export type GroundDeg = readonly Polygon[];

/** A track and where it is from. */
export interface PlacedTrack extends AlertTrack {
  /** those of one source are apart by its own word */
  readonly source: string;
  /** null: where it lies is not known */
  readonly ground: GroundDeg | null;
  /** of planting: each crop year is judged by itself; null: the land class */
  readonly cropYear: number | null;
}

/** A verdict and the ground that it was on. */
export interface PlacedVerdict extends Verdict {
  readonly axis: Axis;
  readonly track: string;
  readonly ground: GroundDeg | null;
  /** of the planting that it was on */
  readonly cropYear: number | null;
}

/** Frames are centred on multiples of it: sets that overlap share a frame more often than not. */
const centreGrainDeg = 0.5;

/** All grounds in one frame; a feature each, in their order. */
function layerOf(grounds: readonly (GroundDeg | null)[]): ParcelLayer {
  const point = grounds.find((ground) => ground !== null)?.[0]?.[0]?.[0] ?? [0, 0];
  const grain = (deg: number): number => Math.round(deg / centreGrainDeg) * centreGrainDeg;
  const centre = { lonDeg: grain(point[0]), latDeg: grain(point[1]) };
  const [frame, crs] = [equalAreaFrame(centre), crsFromEpsg(4326)];
  const features = grounds.map((ground) => ({
    polygons: (ground ?? []).map((rings): FramePolygon => rings.map((ring) => ringToFrame(ring, crs, frame, Infinity))),
    attributes: {},
  }));
  return buildLayer({ centre, features });
}

/** Shared area (m²) of each two positions, the lower first, and the area of each. */
function overlaps(grounds: readonly (GroundDeg | null)[]): {
  readonly pairs: readonly (readonly [lower: number, higher: number, areaM2: number])[];
  readonly areaM2: ArrayLike<number>;
} {
  if (grounds.length < 2) return { pairs: [], areaM2: [] };
  const layer = layerOf(grounds);
  const index = openParcelIndex(layer);
  const pairs = grounds.flatMap((_, position) =>
    overlayAll(index, polygonsOf(layer, position)).flatMap(
      ({ feature, areaM2 }): (readonly [number, number, number])[] =>
        feature <= position ? [] : [[position, feature, areaM2]],
    ),
  );
  return { pairs, areaM2: layer.areaM2 };
}

/** Positions (the lower first) that share at least this share of the smaller one. */
function sharing(
  grounds: readonly (GroundDeg | null)[],
  leastFraction: number,
): readonly (readonly [number, number])[] {
  const { pairs, areaM2: own } = overlaps(grounds);
  return pairs.flatMap(([a, b, areaM2]): (readonly [number, number])[] =>
    areaM2 >= leastFraction * Math.min(own[a]!, own[b]!) ? [[a, b]] : [],
  );
}

/**
 * Changed ground that covers planting: for each track of planting those of the land class on its ground that had begun
 * by the end of its crop year, with the area that they share (m²).
 */
export function coversOf(
  tracks: readonly PlacedTrack[],
  { categories }: AlertRules,
): ReadonlyMap<string, readonly { readonly track: PlacedTrack; readonly fraction: number }[]> {
  const isLoss = ({ axis, category }: PlacedTrack): boolean => categories[axis].includes(category);
  const placed = tracks.filter((track) => track.ground !== null && track.mergedInto === null && isLoss(track));
  const covers = new Map<string, { readonly track: PlacedTrack; readonly fraction: number }[]>();
  if (!placed.some(({ axis }) => axis === 'planting')) return covers;
  const { pairs, areaM2: own } = overlaps(placed.map(({ ground }) => ground));
  for (const [a, b, areaM2] of pairs) {
    if (placed[a]!.axis === placed[b]!.axis) continue;
    const [parcel, change] = placed[a]!.axis === 'planting' ? [a, b] : [b, a];
    const [planting, track] = [placed[parcel]!, placed[change]!];
    if (track.firstSeen > planting.firstSeen) continue;
    const list = covers.get(planting.id) ?? [];
    covers.set(planting.id, [...list, { track, fraction: areaM2 / own[parcel]! }]);
  }
  return covers;
}

/**
 * What took the place of what is gone: something that shares enough ground with it; of several the first by id.
 *
 * @returns id of the gone → id of its successor
 */
export function heirsByGround(
  gone: readonly { readonly id: string; readonly ground: GroundDeg | null }[],
  present: readonly { readonly id: string; readonly ground: GroundDeg | null }[],
  leastFraction: number,
): ReadonlyMap<string, string> {
  const heirs = new Map<string, string>();
  const all = [...gone, ...present];
  const pairs = sharing(
    all.map(({ ground }) => ground),
    leastFraction,
  )
    .filter(([a, b]) => a < gone.length && b >= gone.length)
    .map(([a, b]) => [all[a]!.id, all[b]!.id] as const)
    .toSorted(([, a], [, b]) => (a < b ? -1 : 1));
  for (const [from, to] of pairs) if (!heirs.has(from)) heirs.set(from, to);
  return heirs;
}

/** Root of each position once the pairs are joined. */
function joinAll(count: number, pairs: readonly (readonly [number, number])[]): (position: number) => number {
  const root = Array.from({ length: count }, (_, position) => position);
  const find = (position: number): number => {
    let at = position;
    while (root[at] !== at) at = root[at] = root[root[at]!]!;
    return at;
  };
  for (const [a, b] of pairs) {
    const [low, high] = [Math.min(find(a), find(b)), Math.max(find(a), find(b))];
    root[high] = low;
  }
  return find;
}

/**
 * What is one place on one axis: losses of different sources that share enough ground, directly or through others, and
 * what merged. Gains and verdicts on that ground belong to each such place and join none. Of planting each crop year is a
 * place of its own.
 *
 * @returns every track is in at least one case; order of the input does not matter beyond the order of the output
 */
export function casesOf(
  tracks: readonly PlacedTrack[],
  verdicts: readonly PlacedVerdict[],
  { categories, sameGroundFraction }: AlertRules,
): readonly Case[] {
  const isLoss = ({ axis, category }: PlacedTrack): boolean => categories[axis].includes(category);
  const losses = tracks.filter(isLoss);
  const gains = tracks.filter((track) => !isLoss(track));
  const all = [...losses, ...gains, ...verdicts];
  const positions = new Map(losses.map(({ id }, position) => [id, position]));
  const mergers = losses.flatMap(({ mergedInto }, position): (readonly [number, number])[] => {
    const target = mergedInto === null ? undefined : positions.get(mergedInto);
    return target === undefined ? [] : [[position, target]];
  });
  const near = sharing(
    all.map(({ ground }) => ground),
    sameGroundFraction,
  ).filter(([a, b]) => all[a]!.axis === all[b]!.axis && all[a]!.cropYear === all[b]!.cropYear);
  const find = joinAll(losses.length, [
    ...mergers,
    ...near.filter(([a, b]) => b < losses.length && losses[a]!.source !== losses[b]!.source),
  ]);
  const groups = new Map<number, { tracks: Set<PlacedTrack>; verdicts: Set<PlacedVerdict> }>();
  const groupOf = (position: number) => {
    const root = find(position);
    const group = groups.get(root) ?? { tracks: new Set(), verdicts: new Set() };
    groups.set(root, group);
    return group;
  };
  losses.forEach((track, position) => groupOf(position).tracks.add(track));
  const placed = new Set<PlacedTrack>();
  for (const [a, b] of near) {
    if (a >= losses.length || b < losses.length) continue;
    const gain = gains[b - losses.length];
    if (gain !== undefined) placed.add(gain);
    if (gain !== undefined) groupOf(a).tracks.add(gain);
    else groupOf(a).verdicts.add(verdicts[b - losses.length - gains.length]!);
  }
  for (const verdict of verdicts) {
    const position = positions.get(verdict.track);
    if (position !== undefined) groupOf(position).verdicts.add(verdict);
  }
  const alone = gains
    .filter((gain) => !placed.has(gain))
    .map((gain) => ({ tracks: [gain], verdicts: verdicts.filter(({ track }) => track === gain.id) }));
  return [
    ...[...groups.values()].map((group) => ({ tracks: [...group.tracks], verdicts: [...group.verdicts] })),
    ...alone,
  ];
}
