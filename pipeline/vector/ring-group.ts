import { hasPoint, type Ring } from '../geo/polygon.ts';
import type { Bbox } from '../types.ts';
import type { VectorPolygon } from './feature.ts';

interface Outline {
  readonly ring: Ring;
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

/** Whether `outer` holds `inner`: by a corner that is not on the edge of `outer`, since holes may touch it. */
function contains(outer: Outline, inner: Outline): boolean {
  if (!holds(outer.box, inner.box)) return false;
  const corners = new Set(outer.ring.map(([x, y]) => `${x} ${y}`));
  const free = inner.ring.find(([x, y]) => !corners.has(`${x} ${y}`)) ?? inner.ring[0];
  return free !== undefined && hasPoint([outer.ring], free[0], free[1]);
}

/**
 * Loose rings of a shapefile as polygons: clockwise rings are exteriors, each other ring a hole of the smallest exterior
 * around it. A ring that turns like a hole but lies in none is an exterior of its own, as many writers get it wrong.
 *
 * @see ESRI Shapefile Technical Description, 1998, p. 8
 */
export function groupRings(rings: readonly Ring[]): readonly VectorPolygon[] {
  if (rings.length === 1) return [[rings[0]!]];
  const outlines = rings.filter((ring) => ring.length > 0).map(outlineOf);
  const exteriors = outlines.filter(({ areaX2 }) => areaX2 < 0);
  const others = outlines.filter(({ areaX2 }) => areaX2 >= 0);
  const polygons = new Map(exteriors.map((outline) => [outline, [outline.ring]]));
  // larger ones first: an exterior that turns the wrong way is known before its holes are asked for
  for (const hole of others.toSorted((a, b) => b.areaX2 - a.areaX2)) {
    const around = [...polygons.keys()]
      .filter((outline) => contains(outline, hole))
      .sort((a, b) => Math.abs(a.areaX2) - Math.abs(b.areaX2))[0];
    if (around === undefined) polygons.set(hole, [hole.ring]);
    else polygons.get(around)!.push(hole.ring);
  }
  return outlines.flatMap((outline) => (polygons.has(outline) ? [polygons.get(outline)!] : []));
}
