import { divide } from './divide.ts';
import { openGround, type Ground } from './ground.ts';
import { polygonsOf, type FramePolygon, type ParcelLayer } from './layer.ts';
import type { ParcelIndex } from './parcel-index.ts';
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
  const ground = openGround(polygons);
  if (ground === null) return [];
  const { originX: x, originY: y } = ground;
  const shares: Share[] = [];
  for (const feature of index.featuresIn(x + ground.minX, y + ground.minY, x + ground.maxX, y + ground.maxY)) {
    const areaM2 = featureAreaM2(ground, index.layer, feature);
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
  const cover = shares.flatMap(({ feature }) => polygonsOf(index.layer, feature));
  return divide([polygon], [], [cover]).cellsM2[1] ?? 0;
}

/** Area (m²) that a feature shares with the ground. */
function featureAreaM2(ground: Ground, layer: ParcelLayer, feature: number): number {
  const { coordinates, ringStarts, polygonStarts, featureStarts } = layer;
  const { originX, originY } = ground;
  const firstRing = polygonStarts[featureStarts[feature] as number] as number;
  const endRing = polygonStarts[featureStarts[feature + 1] as number] as number;
  let sum = 0;
  for (let ring = firstRing; ring < endRing; ring++) {
    const end = 2 * (ringStarts[ring + 1] as number);
    let px = (coordinates[end - 2] as number) - originX;
    let py = (coordinates[end - 1] as number) - originY;
    for (let i = 2 * (ringStarts[ring] as number); i < end; i += 2) {
      const x = (coordinates[i] as number) - originX;
      const y = (coordinates[i + 1] as number) - originY;
      // rings are oriented: the inside is above an edge that runs right
      if (px < x) sum -= addEdgeM2(ground, px, py, x, y);
      else if (x < px) sum += addEdgeM2(ground, x, y, px, py);
      px = x;
      py = y;
    }
  }
  return sum;
}
