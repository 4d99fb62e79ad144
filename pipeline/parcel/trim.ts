import type { Bbox } from '../types.ts';

const chunkPoints = 32;

/** Boxes (minX, minY, maxX, maxY) of every 32 points of a ring. */
export function boxesOfRing(ring: Float64Array): Float64Array {
  const chunks = Math.ceil(ring.length / 2 / chunkPoints);
  const boxes = new Float64Array(4 * chunks);
  for (let chunk = 0; chunk < chunks; chunk++) {
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    const end = Math.min(ring.length, 2 * chunkPoints * (chunk + 1));
    for (let i = 2 * chunkPoints * chunk; i < end; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    boxes.set([minX, minY, maxX, maxY], 4 * chunk);
  }
  return boxes;
}

/** On which sides of `box` all of what lies between the limits is: 1 left, 2 right, 4 below, 8 above; 0: on none. */
const sidesOf = (box: Bbox, minX: number, minY: number, maxX: number, maxY: number): number =>
  (maxX <= box[0] ? 1 : 0) | (minX >= box[2] ? 2 : 0) | (maxY <= box[1] ? 4 : 0) | (minY >= box[3] ? 8 : 0);

/**
 * A ring that encloses the same ground within a box, without the points that do not matter there: a run of points on one
 * side of the box becomes the straight line between its ends, which stays on that side. Outside the box it may cross
 * itself.
 *
 * @param boxes of the ring, by `boxesOfRing`
 * @returns empty where the ring lies on one side of the box
 */
export function trimRing(ring: Float64Array, boxes: Float64Array, box: Bbox): Float64Array {
  const kept: number[] = [];
  let runSides = 0;
  // position of a point of the run that is kept once the run ends
  let pending = -1;
  for (let chunk = 0; 4 * chunk < boxes.length; chunk++) {
    const end = Math.min(ring.length, 2 * chunkPoints * (chunk + 1));
    const at = 4 * chunk;
    const [minX, minY] = [boxes[at] as number, boxes[at + 1] as number];
    const sides = runSides & sidesOf(box, minX, minY, boxes[at + 2] as number, boxes[at + 3] as number);
    if (sides !== 0) {
      runSides = sides;
      pending = end - 2;
      continue;
    }
    for (let i = 2 * chunkPoints * chunk; i < end; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      const own = sidesOf(box, x, y, x, y);
      if ((runSides & own) !== 0) {
        runSides &= own;
        pending = i;
        continue;
      }
      if (pending >= 0) kept.push(ring[pending] as number, ring[pending + 1] as number);
      kept.push(x, y);
      pending = -1;
      runSides = own;
    }
  }
  if (pending >= 0) kept.push(ring[pending] as number, ring[pending + 1] as number);
  return kept.length < 6 ? new Float64Array() : Float64Array.from(kept);
}
