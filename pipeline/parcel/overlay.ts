import type { Bbox } from '../types.ts';
import { divideOriented } from './divide.ts';
import { preparePolygons, type PreparedPolygons } from './prepare.ts';
import { boxOf, orientPolygon, type FramePolygon, type ParcelLayer } from './layer.ts';
import { fewPoints, pointsOf, type ParcelIndex } from './parcel-index.ts';
import { addEdgeM2 } from './shared-area.ts';

/** What a feature of a layer shares with a polygon. */
export interface Share {
  /** position in the layer, 0-based */
  readonly feature: number;
  readonly areaM2: number;
}

/** Less than this (m²) is the rounding of coordinates along a shared edge, not ground. */
export const leastShareM2 = 1e-6;

/**
 * Area that each feature has in common with a polygon, in the order of the features; those of nothing are left out.
 *
 * Each is computed by itself, never as a remainder: where features overlap their areas add up to more than the polygon.
 *
 * @param polygon exterior and holes in metres of the layer's frame
 */
export function overlay(index: ParcelIndex, polygon: FramePolygon): readonly Share[] {
  return overlayAll(index, [polygon]);
}

/** The same of several polygons that have no ground in common, as one. */
export function overlayAll(index: ParcelIndex, polygons: readonly FramePolygon[]): readonly Share[] {
  const prepared = preparePolygons(polygons);
  if (prepared === null) return [];
  const { originX: x, originY: y } = prepared;
  const box: Bbox = [x + prepared.minX, y + prepared.minY, x + prepared.maxX, y + prepared.maxY];
  const shares: Share[] = [];
  for (const feature of index.featuresIn(box)) {
    const isLong = pointsOf(index.layer, feature) > fewPoints;
    const areaM2 = isLong
      ? ringsAreaM2(prepared, index.polygonsWithin(feature, box).flat())
      : featureAreaM2(prepared, index.layer, feature);
    if (areaM2 > leastShareM2) shares.push({ feature, areaM2 });
  }
  return shares;
}

/**
 * Area (m²) of a polygon that lies in any of the features: they are dissolved, ground of several counts once.
 *
 * @param isMeant which features of the layer count; all where it is left out
 */
export function dissolvedOverlap(
  index: ParcelIndex,
  polygon: FramePolygon,
  isMeant: (feature: number) => boolean = () => true,
): number {
  const shares = overlay(index, polygon).filter(({ feature }) => isMeant(feature));
  if (shares.length < 2) return shares[0]?.areaM2 ?? 0;
  const box = boxOf([polygon]);
  const cover = shares.flatMap(({ feature }) => index.polygonsWithin(feature, box));
  return divideOriented([orientPolygon(polygon)], [], [cover]).cellsM2[1] ?? 0;
}

/** Area (m²) that a feature shares with the ground. */
function featureAreaM2(prepared: PreparedPolygons, layer: ParcelLayer, feature: number): number {
  const { coordinates, ringStarts, polygonStarts, featureStarts } = layer;
  const firstRing = polygonStarts[featureStarts[feature] as number] as number;
  const endRing = polygonStarts[featureStarts[feature + 1] as number] as number;
  let sum = 0;
  for (let ring = firstRing; ring < endRing; ring++)
    sum += ringAreaM2(prepared, coordinates, 2 * (ringStarts[ring] as number), 2 * (ringStarts[ring + 1] as number));
  return sum;
}

/** Area (m²) that oriented rings (inside on their left, without ground in common) share with the ground. */
export const ringsAreaM2 = (prepared: PreparedPolygons, rings: readonly Float64Array[]): number =>
  rings.reduce((sum, ring) => sum + ringAreaM2(prepared, ring, 0, ring.length), 0);

/** Signed area (m²) that a ring, from and to positions in an array of coordinates, shares with the ground. */
function ringAreaM2(prepared: PreparedPolygons, coordinates: Float64Array, from: number, end: number): number {
  const { originX, originY } = prepared;
  let sum = 0;
  let px = (coordinates[end - 2] as number) - originX;
  let py = (coordinates[end - 1] as number) - originY;
  for (let i = from; i < end; i += 2) {
    const x = (coordinates[i] as number) - originX;
    const y = (coordinates[i + 1] as number) - originY;
    // rings are oriented: the inside is above an edge that runs right
    if (px < x) sum -= addEdgeM2(prepared, px, py, x, y);
    else if (x < px) sum += addEdgeM2(prepared, x, y, px, py);
    px = x;
    py = y;
  }
  return sum;
}
