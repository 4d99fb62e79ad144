import type { FramePolygon } from './layer.ts';

/** An edge in `edgesOf`: x0 <= x1, y0, y1, position of its ring, its own in it, number of edges of the ring. */
const stride = 7;

/** So few edges are compared each with each; more are swept from left to right. */
const fewEdges = 48;

/**
 * Whether no ring of the polygons crosses or touches itself or another, holes lie in their exterior and polygons
 * outside each other.
 *
 * Cautious: shapes that touch at a point are called doubtful (false) although some of them are valid.
 */
export function isPlainlyValid(polygons: readonly FramePolygon[]): boolean {
  const rings = polygons.flat();
  if (rings.some((ring) => ring.length < 6 || !ring.every((value) => Number.isFinite(value)))) return false;
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
  const edges = edgesOf(rings);
  if (edges === null) return true;
  if (edges.length > fewEdges * stride) return sweepFindsContact(edges);
  for (let a = stride; a < edges.length; a += stride) {
    for (let b = 0; b < a; b += stride) if (touch(edges, a, b)) return true;
  }
  return false;
}

function sweepFindsContact(edges: Float64Array): boolean {
  const order = new Uint32Array(edges.length / stride).map((_, i) => i * stride);
  order.sort((a, b) => (edges[a] as number) - (edges[b] as number));
  const active: number[] = [];
  for (const edge of order) {
    let kept = 0;
    for (const other of active) {
      if ((edges[other + 2] as number) < (edges[edge] as number)) continue;
      active[kept++] = other;
      if (touch(edges, edge, other)) return true;
    }
    active.length = kept;
    active.push(edge);
  }
  return false;
}

/** Edges of all rings in one array; null where a point repeats the one before. */
function edgesOf(rings: readonly Float64Array[]): Float64Array | null {
  let total = 0;
  for (const { length } of rings) total += length / 2;
  // one buffer: seven of them cost more than the comparisons
  const edges = new Float64Array(total * stride);
  let to = 0;
  for (let position = 0; position < rings.length; position++) {
    const ring = rings[position] as Float64Array;
    let px = ring[ring.length - 2] as number;
    let py = ring[ring.length - 1] as number;
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (x === px && y === py) return null;
      const isTurned = x < px;
      edges[to] = isTurned ? x : px;
      edges[to + 1] = isTurned ? y : py;
      edges[to + 2] = isTurned ? px : x;
      edges[to + 3] = isTurned ? py : y;
      edges[to + 4] = position;
      edges[to + 5] = i / 2;
      edges[to + 6] = ring.length / 2;
      to += stride;
      px = x;
      py = y;
    }
  }
  return edges;
}

/** Whether two edges, by their places in `edges`, have a point in common; of neighbours, more than the one they share. */
function touch(edges: Float64Array, a: number, b: number): boolean {
  const ax0 = edges[a] as number;
  const ax1 = edges[a + 2] as number;
  const bx0 = edges[b] as number;
  const bx1 = edges[b + 2] as number;
  if (ax0 > bx1 || bx0 > ax1) return false;
  const ay0 = edges[a + 1] as number;
  const ay1 = edges[a + 3] as number;
  const by0 = edges[b + 1] as number;
  const by1 = edges[b + 3] as number;
  const low = Math.max(Math.min(ay0, ay1), Math.min(by0, by1));
  const high = Math.min(Math.max(ay0, ay1), Math.max(by0, by1));
  if (low > high) return false;
  // on which side of each edge's line the ends of the other lie
  const b0 = (ax1 - ax0) * (by0 - ay0) - (ay1 - ay0) * (bx0 - ax0);
  const b1 = (ax1 - ax0) * (by1 - ay0) - (ay1 - ay0) * (bx1 - ax0);
  const apart = Math.abs((edges[a + 5] as number) - (edges[b + 5] as number));
  if (edges[a + 4] === edges[b + 4] && (apart === 1 || apart === (edges[a + 6] as number) - 1))
    return b0 === 0 && b1 === 0 && (low < high || Math.min(ax1, bx1) > Math.max(ax0, bx0));
  const a0 = (bx1 - bx0) * (ay0 - by0) - (by1 - by0) * (ax0 - bx0);
  const a1 = (bx1 - bx0) * (ay1 - by0) - (by1 - by0) * (ax1 - bx0);
  // boxes overlap, so collinear edges do too
  return b0 * b1 <= 0 && a0 * a1 <= 0;
}
