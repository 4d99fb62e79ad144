import type { FramePolygon } from './layer.ts';

interface Edge {
  /** x0 <= x1 */
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly ring: number;
  /** position in its ring */
  readonly at: number;
}

/**
 * Whether no ring of the polygons crosses or touches itself or another, holes lie in their exterior and polygons
 * outside each other.
 *
 * Cautious: shapes that touch at a point are called doubtful (false) although some of them are valid.
 */
export function isPlainlyValid(polygons: readonly FramePolygon[]): boolean {
  const rings = polygons.flat();
  if (rings.some((ring) => ring.length < 6 || !ring.every(Number.isFinite))) return false;
  if (haveContact(rings)) return false;
  return polygons.every((polygon, i) => {
    const [exterior, ...holes] = polygon;
    if (exterior === undefined) return false;
    const others = polygons.flatMap((other, k) => (k === i ? [] : other.slice(0, 1)));
    return (
      holes.every(
        (hole, k) => isInside(hole, exterior) && !holes.some((other, m) => m !== k && isInside(hole, other)),
      ) && !others.some((other) => isInside(exterior, other))
    );
  });
}

/** Whether the first point of a ring lies in another; contacts are excluded before. */
function isInside(ring: Float64Array, other: Float64Array): boolean {
  const [x = 0, y = 0] = ring;
  let inside = false;
  let [px, py] = [other.at(-2) as number, other.at(-1) as number];
  for (let i = 0; i < other.length; i += 2) {
    const [qx, qy] = [other[i] as number, other[i + 1] as number];
    if (py > y !== qy > y && x < px + ((y - py) * (qx - px)) / (qy - py)) inside = !inside;
    [px, py] = [qx, qy];
  }
  return inside;
}

/** Whether any two edges share a point, other than the one that follows another in its ring. */
function haveContact(rings: readonly Float64Array[]): boolean {
  const edges: Edge[] = [];
  for (const [ring, points] of rings.entries()) {
    const count = points.length / 2;
    for (let at = 0; at < count; at++) {
      const next = at + 1 === count ? 0 : at + 1;
      const [ax, ay] = [points[2 * at] as number, points[2 * at + 1] as number];
      const [bx, by] = [points[2 * next] as number, points[2 * next + 1] as number];
      if (ax === bx && ay === by) return true;
      edges.push(
        ax <= bx ? { x0: ax, y0: ay, x1: bx, y1: by, ring, at } : { x0: bx, y0: by, x1: ax, y1: ay, ring, at },
      );
    }
  }
  edges.sort((a, b) => a.x0 - b.x0);
  let active: Edge[] = [];
  for (const edge of edges) {
    active = active.filter(({ x1 }) => x1 >= edge.x0);
    const [low, high] = edge.y0 < edge.y1 ? [edge.y0, edge.y1] : [edge.y1, edge.y0];
    for (const other of active) {
      if (Math.max(other.y0, other.y1) < low || Math.min(other.y0, other.y1) > high) continue;
      const apart = Math.abs(edge.at - other.at);
      const count = (rings[edge.ring] as Float64Array).length / 2;
      const isNeighbour = edge.ring === other.ring && (apart === 1 || apart === count - 1);
      if (isNeighbour ? foldsBack(edge, other) : touch(edge, other)) return true;
    }
    active.push(edge);
  }
  return false;
}

/** Twice the signed area of a triangle: on which side of a line through the edge a point lies. */
const side = (edge: Edge, x: number, y: number): number =>
  (edge.x1 - edge.x0) * (y - edge.y0) - (edge.y1 - edge.y0) * (x - edge.x0);

function touch(a: Edge, b: Edge): boolean {
  const [b0, b1] = [side(a, b.x0, b.y0), side(a, b.x1, b.y1)];
  const [a0, a1] = [side(b, a.x0, a.y0), side(b, a.x1, a.y1)];
  // boxes overlap, so collinear edges do too
  return b0 * b1 <= 0 && a0 * a1 <= 0;
}

/** Neighbours share a point; they must not share more. */
function foldsBack(a: Edge, b: Edge): boolean {
  if (side(a, b.x0, b.y0) !== 0 || side(a, b.x1, b.y1) !== 0) return false;
  const sharedX = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const [aLow, aHigh] = [Math.min(a.y0, a.y1), Math.max(a.y0, a.y1)];
  const [bLow, bHigh] = [Math.min(b.y0, b.y1), Math.max(b.y0, b.y1)];
  return sharedX > 0 || Math.min(aHigh, bHigh) - Math.max(aLow, bLow) > 0;
}
