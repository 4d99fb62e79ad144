import Flatbush from 'flatbush';
import type { Bbox } from '../types.ts';
import { polygonsOf, type FramePolygon, type ParcelLayer } from './layer.ts';
import { boxesOfRing, trimRing } from './trim.ts';

/** A layer with a tree over the boxes of its features. */
export interface ParcelIndex {
  readonly layer: ParcelLayer;
  /** features, in ascending order, whose box has ground in common with the box (frame metres) */
  readonly featuresIn: (box: Bbox) => readonly number[];
  /**
   * Rings of a feature that enclose its ground within the box, oriented as in the layer; outside the box they may be
   * anything. Long rings are cut down to what matters, so a patch on a polygon of 100,000 vertices costs little.
   */
  readonly polygonsWithin: (feature: number, box: Bbox) => readonly FramePolygon[];
}

/** Features of at most so many points are not cut down: it would cost more than it saves. */
export const fewPoints = 256;

/** Index of a layer, about 0.3 µs a vertex; features without ground are never found. */
export function openParcelIndex(layer: ParcelLayer): ParcelIndex {
  const { coordinates, featureCount, featureStarts, polygonStarts, ringStarts } = layer;
  if (featureCount === 0) return { layer, featuresIn: () => [], polygonsWithin: () => [] };
  const tree = new Flatbush(featureCount);
  for (let feature = 0; feature < featureCount; feature++) {
    const from = 2 * (ringStarts[polygonStarts[featureStarts[feature] as number] as number] as number);
    const to = from + 2 * pointsOf(layer, feature);
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = from; i < to; i += 2) {
      const x = coordinates[i] as number;
      const y = coordinates[i + 1] as number;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    // a box of nothing would upset the order of the tree
    if (from === to) tree.add(Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE);
    else tree.add(minX, minY, maxX, maxY);
  }
  tree.finish();
  const boxes = new Map<number, readonly (readonly Float64Array[])[]>();
  return {
    layer,
    polygonsWithin(feature, box) {
      const polygons = polygonsOf(layer, feature);
      if (pointsOf(layer, feature) <= fewPoints) return polygons;
      const known = boxes.get(feature) ?? polygons.map((polygon) => polygon.map(boxesOfRing));
      boxes.set(feature, known);
      return polygons.map((polygon, i) =>
        polygon
          .map((ring, k) => trimRing(ring, known[i]?.[k] ?? new Float64Array(), box))
          .filter(({ length }) => length > 0),
      );
    },
    featuresIn: ([minX, minY, maxX, maxY]) =>
      tree
        .search(minX, minY, maxX, maxY, (_, x0, y0, x1, y1) => x0 < maxX && x1 > minX && y0 < maxY && y1 > minY)
        .sort((a, b) => a - b),
  };
}

/** Number of points of a feature. */
export function pointsOf({ featureStarts, polygonStarts, ringStarts }: ParcelLayer, feature: number): number {
  const [from, to] = [featureStarts[feature] as number, featureStarts[feature + 1] as number];
  return (ringStarts[polygonStarts[to] as number] as number) - (ringStarts[polygonStarts[from] as number] as number);
}
