import { signedAreaM2 } from '../geo/frame.ts';
import type { FramePolygon } from './layer.ts';

/** Numbers an edge takes in `PreparedPolygons.edges`: x0 < x1, y0, y1 and its turn. */
export const edgeStride = 5;

/**
 * Polygons made ready for overlay.
 *
 * An edge is x0, y0, x1, y1, turn: from left to right about the origin (m); turn 1 where the inside is above, -1 where
 * it is below. Vertical edges bound no height and are left out.
 */
export interface PreparedPolygons {
  /** a point of the frame (m) near the polygons: small numbers keep the digits of large areas */
  readonly originX: number;
  readonly originY: number;
  /** box about the origin (m) */
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  readonly areaM2: number;
  /** edges by column of the box, cut at its sides: `edges[edgeStride · columnStarts[c] …]` */
  readonly edges: Float64Array;
  readonly columnStarts: Uint32Array;
  readonly columnWidthM: number;
  /** lowest and highest y, and area (m²), within each column */
  readonly columnMinY: Float64Array;
  readonly columnMaxY: Float64Array;
  readonly columnAreaM2: Float64Array;
}

// measured: fewer columns make long loops, more make many cuts
const edgesPerColumn = 24;
const maxColumns = 4096;

/** Polygons (frame metres, any orientation, valid) ready for overlay; null where there are none with an area. */
export function preparePolygons(polygons: readonly FramePolygon[]): PreparedPolygons | null {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  let points = 0;
  for (const ring of polygons.flat()) {
    points += ring.length / 2;
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = [ring[i] as number, ring[i + 1] as number];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < bottom) bottom = y;
      if (y > top) top = y;
    }
  }
  if (!(left < right && bottom < top)) return null;
  const [originX, originY] = [Math.round((left + right) / 2), Math.round((bottom + top) / 2)];
  const edges = new Float64Array(points * edgeStride);
  let at = 0;
  for (const polygon of polygons) at = addPolygon(polygon, { originX, originY, edges, at });
  const [minX, maxX] = [left - originX, right - originX];
  const columns = Math.min(maxColumns, Math.max(1, Math.floor(at / edgeStride / edgesPerColumn)));
  return {
    originX,
    originY,
    minX,
    minY: bottom - originY,
    maxX,
    maxY: top - originY,
    ...toColumns(edges.subarray(0, at), columns, minX, maxX),
  };
}

/** Append the edges of a polygon; returns the new end of `edges`. */
function addPolygon(
  polygon: FramePolygon,
  target: { readonly originX: number; readonly originY: number; readonly edges: Float64Array; readonly at: number },
): number {
  const { originX, originY, edges } = target;
  let { at } = target;
  polygon.forEach((ring, i) => {
    const turn = signedAreaM2(ring) > 0 === (i === 0) ? 1 : -1;
    let [px, py] = [(ring.at(-2) as number) - originX, (ring.at(-1) as number) - originY];
    for (let k = 0; k < ring.length; k += 2) {
      const [x, y] = [(ring[k] as number) - originX, (ring[k + 1] as number) - originY];
      if (x !== px) {
        edges.set(px < x ? [px, py, x, y, turn] : [x, y, px, py, -turn], at);
        at += edgeStride;
      }
      [px, py] = [x, y];
    }
  });
  return at;
}

type Columns = Pick<
  PreparedPolygons,
  'areaM2' | 'edges' | 'columnStarts' | 'columnWidthM' | 'columnMinY' | 'columnMaxY' | 'columnAreaM2'
>;

/** Sort edges into columns of equal width, each edge cut at the columns' sides. */
function toColumns(edges: Float64Array, columns: number, minX: number, maxX: number): Columns {
  const columnWidthM = (maxX - minX) / columns;
  const columnOf = (x: number) => Math.min(columns - 1, Math.max(0, Math.floor((x - minX) / columnWidthM)));
  const columnStarts = new Uint32Array(columns + 1);
  for (let i = 0; i < edges.length; i += edgeStride) {
    const last = columnOf(edges[i + 2] as number);
    for (let column = columnOf(edges[i] as number); column <= last; column++)
      columnStarts[column + 1] = (columnStarts[column + 1] as number) + 1;
  }
  let pieces = 0;
  for (let column = 1; column <= columns; column++) columnStarts[column] = pieces += columnStarts[column] as number;
  const sorted = new Float64Array(pieces * edgeStride);
  const ends = columnStarts.slice();
  const columnMinY = new Float64Array(columns).fill(Infinity);
  const columnMaxY = new Float64Array(columns).fill(-Infinity);
  const columnAreaM2 = new Float64Array(columns);
  for (let i = 0; i < edges.length; i += edgeStride) {
    const [x0, y0, x1, y1] = [
      edges[i] as number,
      edges[i + 1] as number,
      edges[i + 2] as number,
      edges[i + 3] as number,
    ];
    const turn = edges[i + 4] as number;
    const [first, last] = [columnOf(x0), columnOf(x1)];
    const slope = (y1 - y0) / (x1 - x0);
    for (let column = first; column <= last; column++) {
      const from = column === first ? x0 : minX + column * columnWidthM;
      const to = column === last ? x1 : minX + (column + 1) * columnWidthM;
      const fromY = column === first ? y0 : y0 + (from - x0) * slope;
      const toY = column === last ? y1 : y0 + (to - x0) * slope;
      const at = ends[column] as number;
      ends[column] = at + 1;
      sorted.set([from, fromY, to, toY, turn], edgeStride * at);
      columnMinY[column] = Math.min(columnMinY[column] as number, fromY, toY);
      columnMaxY[column] = Math.max(columnMaxY[column] as number, fromY, toY);
      columnAreaM2[column] = (columnAreaM2[column] as number) - (turn * (to - from) * (fromY + toY)) / 2;
    }
  }
  return {
    areaM2: columnAreaM2.reduce((sum, area) => sum + area, 0),
    edges: sorted,
    columnStarts,
    columnWidthM,
    columnMinY,
    columnMaxY,
    columnAreaM2,
  };
}
