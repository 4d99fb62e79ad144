import { edgeStride, type PreparedPolygons } from './prepare.ts';

/**
 * Area (m²) below both an edge and the upper edges of polygons, less that below it and their lower edges.
 *
 * What is inside a polygon is what lies below its upper edges and not below its lower ones. So the area that two
 * polygons share is the sum over pairs of edges of ± the area below both, and no crossing has to be ordered, joined or
 * rounded: shared edges, touching corners and holes are no special case. An edge below
 * the polygons adds nothing, one above them adds their own area.
 *
 * @param x0 left end about the polygons' origin (m), x0 < x1
 */
export function addEdgeM2(prepared: PreparedPolygons, x0: number, y0: number, x1: number, y1: number): number {
  const { minX, maxX, edges, columnStarts, columnWidthM, columnMinY, columnMaxY, columnAreaM2 } = prepared;
  if (x1 <= minX || x0 >= maxX || (y0 <= prepared.minY && y1 <= prepared.minY)) return 0;
  const columns = columnAreaM2.length;
  const first = x0 <= minX ? 0 : Math.min(columns - 1, Math.floor((x0 - minX) / columnWidthM));
  const last = x1 >= maxX ? columns - 1 : Math.min(columns - 1, Math.floor((x1 - minX) / columnWidthM));
  const slope = (y1 - y0) / (x1 - x0);
  let sum = 0;
  for (let column = first; column <= last; column++) {
    const lowest = columnMinY[column] as number;
    const highest = columnMaxY[column] as number;
    const left = minX + column * columnWidthM;
    const right = column === columns - 1 ? maxX : minX + (column + 1) * columnWidthM;
    const from = x0 > left ? x0 : left;
    const to = x1 < right ? x1 : right;
    const fromY = y0 + (from - x0) * slope;
    const toY = y0 + (to - x0) * slope;
    if (fromY <= lowest && toY <= lowest) continue;
    if (from === left && to === right && fromY >= highest && toY >= highest) {
      sum += columnAreaM2[column] as number;
      continue;
    }
    const end = edgeStride * (columnStarts[column + 1] as number);
    for (let i = edgeStride * (columnStarts[column] as number); i < end; i += edgeStride) {
      const a0 = edges[i] as number;
      const a1 = edges[i + 2] as number;
      const l = a0 > from ? a0 : from;
      const r = a1 < to ? a1 : to;
      if (l >= r) continue;
      const aY0 = edges[i + 1] as number;
      const aSlope = ((edges[i + 3] as number) - aY0) / (a1 - a0);
      const bL = y0 + (l - x0) * slope;
      const bR = y0 + (r - x0) * slope;
      const dL = aY0 + (l - a0) * aSlope - bL;
      const dR = aY0 + (r - a0) * aSlope - bR;
      let doubled = bL + bR;
      if (dL <= 0) doubled += dR <= 0 ? dL + dR : (dL * dL) / (dL - dR);
      else if (dR < 0) doubled += (dR * dR) / (dR - dL);
      sum -= (edges[i + 4] as number) * (r - l) * doubled * 0.5;
    }
  }
  return sum;
}
