import type { Bbox, Grid } from '../types.ts';
import { footprintBox } from './grid.ts';

const areaOf = ([minX, minY, maxX, maxY]: Bbox): number => Math.max(0, maxX - minX) * Math.max(0, maxY - minY);

/** Shares of the smaller, the larger and the first footprint that lie in the other (0..1), by their boxes in the system of `a`. */
export function sharedGround(
  a: Grid,
  b: Grid,
): { readonly ofSmaller: number; readonly ofLarger: number; readonly ofFirst: number } {
  const boxes = [footprintBox(a, a.crs), footprintBox(b, a.crs)] as const;
  const shared: Bbox = [
    Math.max(boxes[0][0], boxes[1][0]),
    Math.max(boxes[0][1], boxes[1][1]),
    Math.min(boxes[0][2], boxes[1][2]),
    Math.min(boxes[0][3], boxes[1][3]),
  ];
  const [first, second, both] = [areaOf(boxes[0]), areaOf(boxes[1]), areaOf(shared)];
  // a footprint without an image there is not a number, which shares nothing
  if (!(both > 0) || shared[2] <= shared[0] || shared[3] <= shared[1]) return { ofSmaller: 0, ofLarger: 0, ofFirst: 0 };
  return { ofSmaller: both / Math.min(first, second), ofLarger: both / Math.max(first, second), ofFirst: both / first };
}
