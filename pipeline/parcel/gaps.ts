import { planeAreaM2 } from '../geo/frame.ts';
import type { Bbox } from '../types.ts';
import { boxOf, type FramePolygon, onGrain } from './layer.ts';
import type { ParcelIndex } from './parcel-index.ts';
import { subtractShapes, uniteShapes } from './shape.ts';

/** Ground of no feature that features enclose. */
export interface Gap {
  readonly polygon: FramePolygon;
  readonly areaM2: number;
  /** middle of its box, frame metres */
  readonly centre: readonly [number, number];
  /** features whose box touches its own, ascending */
  readonly neighbours: readonly number[];
}

/** Outside is told from a gap by this rim around all features (m). */
const rimM = 1;
const featuresPerTile = 200;
/** Outlines of neighbours are this close (m). */
const touchM = 0.01;

/**
 * Holes between the features of a layer, the largest first. What lies beyond their outer edge is no gap: the layer alone
 * does not say how far it should reach.
 *
 * @param leastM2 smaller ones are rounding along shared edges
 */
export function gapsOf(index: ParcelIndex, leastM2: number): readonly Gap[] {
  const all = boxOfLayer(index);
  if (all === null) return [];
  const rest = uniteShapes(tilesOf(all, index.layer.featureCount).flatMap((tile) => bareGround(index, tile)));
  const isOutside = (polygon: FramePolygon): boolean => {
    const [minX, minY, maxX, maxY] = boxOf([polygon]);
    return minX <= all[0] || minY <= all[1] || maxX >= all[2] || maxY >= all[3];
  };
  return rest
    .filter((polygon) => !isOutside(polygon))
    .map((polygon): Gap => {
      const [minX, minY, maxX, maxY] = boxOf([polygon]);
      return {
        polygon,
        areaM2: planeAreaM2(polygon),
        centre: [(minX + maxX) / 2, (minY + maxY) / 2],
        neighbours: index.featuresIn([minX - touchM, minY - touchM, maxX + touchM, maxY + touchM]),
      };
    })
    .filter(({ areaM2 }) => areaM2 >= leastM2)
    .toSorted((a, b) => b.areaM2 - a.areaM2);
}

function boxOfLayer({ layer: { coordinates } }: ParcelIndex): Bbox | null {
  if (coordinates.length === 0) return null;
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < coordinates.length; i += 2) {
    const [x, y] = [coordinates[i]!, coordinates[i + 1]!];
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return [onGrain(box[0] - rimM), onGrain(box[1] - rimM), onGrain(box[2] + rimM), onGrain(box[3] + rimM)];
}

/** The box in tiles of so many features each, on the grain: neighbours share their edges to the last digit. */
function tilesOf([minX, minY, maxX, maxY]: Bbox, features: number): readonly Bbox[] {
  const perSide = Math.max(1, Math.round(Math.sqrt(features / featuresPerTile)));
  const at = (from: number, to: number, i: number): number =>
    i === perSide ? to : onGrain(from + ((to - from) * i) / perSide);
  return Array.from({ length: perSide * perSide }, (_, i): Bbox => {
    const [col, row] = [i % perSide, Math.floor(i / perSide)];
    return [at(minX, maxX, col), at(minY, maxY, row), at(minX, maxX, col + 1), at(minY, maxY, row + 1)];
  });
}

function bareGround(index: ParcelIndex, tile: Bbox): readonly FramePolygon[] {
  const [minX, minY, maxX, maxY] = tile;
  const ground: FramePolygon = [Float64Array.of(minX, minY, maxX, minY, maxX, maxY, minX, maxY)];
  const over = index.featuresIn(tile).flatMap((feature) => index.polygonsWithin(feature, tile));
  return over.length === 0 ? [ground] : subtractShapes([ground], over);
}
