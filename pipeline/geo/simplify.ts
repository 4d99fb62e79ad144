import type { Polygon, Ring } from './polygon.ts';

/**
 * Simplify a valid polygon for display: a vertex whose triangle with its neighbours is smaller than `tolerance`² / 2 goes,
 * small ones before large ones, unless another vertex lies in that triangle: then an edge would come to cross or touch
 * another. So rings stay valid; each keeps at least a triangle.
 *
 * @param tolerance length in the units of the coordinates
 * @see Visvalingam & Whyatt 1993, doi:10.1179/000870493786962263
 */
export function simplifyPolygon(polygon: Polygon, tolerance: number): Polygon {
  const vertices = linkVertices(polygon);
  const nearby = indexVertices(vertices.points);
  // rounds of a growing limit take the place of a heap
  for (const share of [0, 1 / 64, 1 / 16, 1 / 4, 1]) thinOut(vertices, nearby, tolerance * tolerance * share);
  return polygon.map((_, ring) => {
    const kept = vertices.points.filter((_, i) => vertices.ring[i] === ring && vertices.isAlive[i] === 1);
    return kept.length === 0 ? kept : [...kept, kept[0] as Point];
  });
}

type Point = Ring[number];

/** The vertices of all rings (without the closing ones) as circular lists. */
interface Vertices {
  readonly points: Ring;
  readonly ring: Int32Array;
  readonly previous: Int32Array;
  readonly next: Int32Array;
  readonly isAlive: Uint8Array;
  /** vertices left of each ring */
  readonly left: Int32Array;
}

function linkVertices(polygon: Polygon): Vertices {
  const open = polygon.map((ring) => ring.slice(0, -1));
  const points = open.flat();
  const ring = Int32Array.from(open.flatMap((ring, i) => ring.map(() => i)));
  const [previous, next] = [new Int32Array(points.length), new Int32Array(points.length)];
  let first = 0;
  for (const { length } of open) {
    for (let i = 0; i < length; i++) {
      previous[first + i] = first + ((i + length - 1) % length);
      next[first + i] = first + ((i + 1) % length);
    }
    first += length;
  }
  const left = Int32Array.from(open, ({ length }) => length);
  return { points, ring, previous, next, isAlive: new Uint8Array(points.length).fill(1), left };
}

function thinOut(vertices: Vertices, nearby: Nearby, maxDoubledArea: number): void {
  const { points, ring, previous, next, isAlive, left } = vertices;
  for (let isMoving = true; isMoving;) {
    isMoving = false;
    for (let i = 0; i < points.length; i++) {
      const [ringOf, before, after] = [ring[i] as number, previous[i] as number, next[i] as number];
      if (isAlive[i] === 0 || (left[ringOf] as number) <= 3) continue;
      const [a, b, c] = [points[before] as Point, points[i] as Point, points[after] as Point];
      if (Math.abs(cross(a, b, c)) > maxDoubledArea) continue;
      const isBlocked = nearby(a, b, c).some(
        (k) => isAlive[k] === 1 && k !== before && k !== i && k !== after && isInTriangle(points[k] as Point, a, b, c),
      );
      if (isBlocked) continue;
      isAlive[i] = 0;
      left[ringOf]!--;
      next[before] = after;
      previous[after] = before;
      isMoving = true;
    }
  }
}

function cross(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
}

/** Edges and corners belong to it. */
function isInTriangle(p: Point, a: Point, b: Point, c: Point): boolean {
  const [ab, bc, ca] = [cross(a, b, p), cross(b, c, p), cross(c, a, p)];
  if (cross(a, b, c) === 0) return isInBox(p, a, b, c) && ab === 0 && bc === 0 && ca === 0;
  return (ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0);
}

function isInBox([x, y]: Point, a: Point, b: Point, c: Point): boolean {
  const inX = x >= Math.min(a[0], b[0], c[0]) && x <= Math.max(a[0], b[0], c[0]);
  return inX && y >= Math.min(a[1], b[1], c[1]) && y <= Math.max(a[1], b[1], c[1]);
}

/** Vertices that may lie in a triangle. */
type Nearby = (a: Point, b: Point, c: Point) => readonly number[];

const least = (values: readonly number[]) => values.reduce((m, v) => Math.min(m, v), Infinity);
const most = (values: readonly number[]) => values.reduce((m, v) => Math.max(m, v), -Infinity);

/** Vertices sorted into square cells of a few each. */
function indexVertices(points: Ring): Nearby {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [minX, minY] = [least(xs), least(ys)];
  const side = Math.max(most(xs) - minX, most(ys) - minY, Number.MIN_VALUE) / Math.ceil(Math.sqrt(points.length + 1));
  const cols = Math.ceil(Math.sqrt(points.length + 1)) + 1;
  const cellOf = (value: number, min: number) => Math.min(cols - 1, Math.max(0, Math.floor((value - min) / side)));
  const cells = new Map<number, number[]>();
  points.forEach(([x, y], i) => {
    const key = cellOf(y, minY) * cols + cellOf(x, minX);
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [i]);
    else cell.push(i);
  });
  return (a, b, c) => {
    const [fromX, toX] = [cellOf(Math.min(a[0], b[0], c[0]), minX), cellOf(Math.max(a[0], b[0], c[0]), minX)];
    const [fromY, toY] = [cellOf(Math.min(a[1], b[1], c[1]), minY), cellOf(Math.max(a[1], b[1], c[1]), minY)];
    const found: number[] = [];
    for (let row = fromY; row <= toY; row++) {
      for (let col = fromX; col <= toX; col++) found.push(...(cells.get(row * cols + col) ?? []));
    }
    return found;
  };
}
