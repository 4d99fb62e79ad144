import Flatbush from 'flatbush';
import type { Ring } from '../geo/polygon.ts';
import type { Bbox } from '../types.ts';
import type { VectorPolygon } from './feature.ts';
import { openRing } from './ring-index.ts';

interface Outline {
  readonly ring: Ring;
  /** twice the plane area; negative clockwise */
  readonly areaX2: number;
  readonly box: Bbox;
}

function outlineOf(ring: Ring): Outline {
  const [x0 = 0, y0 = 0] = ring[0] ?? [];
  let [areaX2, minX, minY, maxX, maxY] = [0, x0, y0, x0, y0];
  let [px, py] = [0, 0];
  for (const [x, y] of ring) {
    areaX2 += px * (y - y0) - (x - x0) * py;
    px = x - x0;
    py = y - y0;
    if (x < minX) minX = x;
    else if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    else if (y > maxY) maxY = y;
  }
  return { ring, areaX2, box: [minX, minY, maxX, maxY] };
}

const holds = ([a, b, c, d]: Bbox, [p, q, r, s]: Bbox): boolean => a <= p && b <= q && c >= r && d >= s;

/** Which outlines have the box of another within their own. */
function boxIndex(outlines: readonly Outline[]): (box: Bbox) => number[] {
  const index = new Flatbush(outlines.length);
  for (const { box } of outlines) index.add(...box);
  index.finish();
  return ([minX, minY, maxX, maxY]) =>
    index.search(minX, minY, minX, minY, (i) => holds(outlines[i]!.box, [minX, minY, maxX, maxY]));
}

/**
 * Loose rings of a shapefile as polygons in file order: clockwise rings are exteriors, each other ring a hole of the
 * smallest exterior around it. A ring that turns like a hole but lies in none is an exterior of its own, as many writers
 * get it wrong.
 *
 * @see ESRI Shapefile Technical Description, 1998, p. 8
 */
export function groupRings(rings: readonly Ring[]): readonly VectorPolygon[] {
  if (rings.length === 1) return [[rings[0]!]];
  const outlines = rings.filter((ring) => ring.length > 0).map(outlineOf);
  if (outlines.length === 0) return [];
  const polygons = new Map<number, Ring[]>();
  for (const [i, { areaX2, ring }] of outlines.entries()) if (areaX2 < 0) polygons.set(i, [ring]);
  const around = boxIndex(outlines);
  const tests = new Map<number, (x: number, y: number) => boolean>();
  const contains = (outer: number, { ring }: Outline): boolean => {
    const test = tests.get(outer) ?? openRing(outlines[outer]!.ring);
    tests.set(outer, test);
    // a hole may touch its exterior in a corner: two of three decide
    const third = Math.floor((ring.length - 1) / 3);
    const inside = [0, third, 2 * third].filter((i) => test(ring[i]![0], ring[i]![1]));
    return inside.length >= 2;
  };
  const holes = [...outlines.keys()].filter((i) => !polygons.has(i));
  // larger ones first: an exterior that turns the wrong way is known before its holes are asked for
  for (const hole of holes.sort((a, b) => outlines[b]!.areaX2 - outlines[a]!.areaX2)) {
    const outer = around(outlines[hole]!.box)
      .filter((i) => i !== hole && polygons.has(i))
      .sort((a, b) => Math.abs(outlines[a]!.areaX2) - Math.abs(outlines[b]!.areaX2))
      .find((i) => contains(i, outlines[hole]!));
    if (outer === undefined) polygons.set(hole, [outlines[hole]!.ring]);
    else polygons.get(outer)!.push(outlines[hole]!.ring);
  }
  return [...polygons].sort(([a], [b]) => a - b).map(([, own]) => own);
}
