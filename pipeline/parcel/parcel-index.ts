import Flatbush from 'flatbush';
import type { ParcelLayer } from './layer.ts';

/** A layer with a tree over the boxes of its features. */
export interface ParcelIndex {
  readonly layer: ParcelLayer;
  /** features, in ascending order, whose box has ground in common with the box (frame metres) */
  readonly featuresIn: (minX: number, minY: number, maxX: number, maxY: number) => readonly number[];
}

/** Index of a layer, about 0.3 µs a vertex; features without ground are never found. */
export function openParcelIndex(layer: ParcelLayer): ParcelIndex {
  const { coordinates, featureCount, featureStarts, polygonStarts, ringStarts } = layer;
  if (featureCount === 0) return { layer, featuresIn: () => [] };
  const tree = new Flatbush(featureCount);
  for (let feature = 0; feature < featureCount; feature++) {
    const firstPolygon = featureStarts[feature] as number;
    const endPolygon = featureStarts[feature + 1] as number;
    const from = 2 * (ringStarts[polygonStarts[firstPolygon] as number] as number);
    const to = 2 * (ringStarts[polygonStarts[endPolygon] as number] as number);
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
  return {
    layer,
    featuresIn: (minX, minY, maxX, maxY) =>
      tree
        .search(minX, minY, maxX, maxY, (_, x0, y0, x1, y1) => x0 < maxX && x1 > minX && y0 < maxY && y1 > minY)
        .sort((a, b) => a - b),
  };
}
