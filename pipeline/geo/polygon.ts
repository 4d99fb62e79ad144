import type { Bbox, Crs, Grid } from '../types.ts';
import { applyAffine } from './affine.ts';
import { crsFromEpsg, projector } from './crs.ts';

/** `[x, y]` pairs; closed: the last repeats the first. */
export type Ring = readonly (readonly [number, number])[];
/** The exterior first, holes after it. */
export type Polygon = readonly Ring[];

const lonLat = crsFromEpsg(4326);

/** Ring of pixel positions of a grid → ring of `[lon, lat]` (WGS 84, degrees). */
export function ringToLonLat(grid: Grid, ring: Ring): Ring {
  const toLonLat = lonLatProjector(grid.crs);
  return ring.map(([col, row]) => toLonLat(...applyAffine(grid.affine, col, row)));
}

/** Coordinates of a CRS → `[lon, lat]` (WGS 84, degrees). */
export function lonLatProjector(crs: Crs): (x: number, y: number) => readonly [number, number] {
  return projector(crs, lonLat);
}

/** Twice the signed plane area, positive counter-clockwise (x right, y up). */
function doubledArea(ring: Ring): number {
  const [x0 = 0, y0 = 0] = ring[0] ?? [];
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    const [[px, py], [x, y]] = [ring[i - 1] as Ring[number], ring[i] as Ring[number]];
    sum += (px - x0) * (y - y0) - (x - x0) * (py - y0);
  }
  return sum;
}

/** Rings as RFC 7946 wants them: the exterior counter-clockwise, holes clockwise. */
export function orientPolygon(polygon: Polygon): Polygon {
  return polygon.map((ring, i) => (doubledArea(ring) > 0 === (i === 0) ? ring : ring.toReversed()));
}

/** Box of all rings; `[Infinity, Infinity, -Infinity, -Infinity]` of none. */
export function bboxOf(polygon: Polygon): Bbox {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of polygon) {
    for (const [x, y] of ring) {
      [minX, minY] = [Math.min(minX, x), Math.min(minY, y)];
      [maxX, maxY] = [Math.max(maxX, x), Math.max(maxY, y)];
    }
  }
  return [minX, minY, maxX, maxY];
}

/** Centre of mass in the plane of the coordinates, holes taken out; the first vertex where there is no area. */
export function centroidOf(polygon: Polygon): readonly [number, number] {
  const [x0 = 0, y0 = 0] = polygon[0]?.[0] ?? [];
  let [sumX, sumY, area] = [0, 0, 0];
  for (const ring of orientPolygon(polygon)) {
    for (let i = 1; i < ring.length; i++) {
      const [[px, py], [x, y]] = [ring[i - 1] as Ring[number], ring[i] as Ring[number]];
      const cross = (px - x0) * (y - y0) - (x - x0) * (py - y0);
      area += cross;
      sumX += cross * (px + x - 2 * x0);
      sumY += cross * (py + y - 2 * y0);
    }
  }
  return area === 0 ? [x0, y0] : [x0 + sumX / (3 * area), y0 + sumY / (3 * area)];
}

/** Whether the point is inside by the even-odd rule; points on an edge may fall on either side. */
export function hasPoint(polygon: Polygon, x: number, y: number): boolean {
  let isInside = false;
  for (const ring of polygon) {
    for (let i = 1; i < ring.length; i++) {
      const [[px, py], [qx, qy]] = [ring[i - 1] as Ring[number], ring[i] as Ring[number]];
      if (py > y !== qy > y && x < px + ((y - py) * (qx - px)) / (qy - py)) isInside = !isInside;
    }
  }
  return isInside;
}

/** Coordinates to this many decimals (7 of a degree are 1 cm), repeated vertices dropped; rings that collapse vanish. */
export function roundPolygon(polygon: Polygon, decimals: number): Polygon {
  const factor = 10 ** decimals;
  const round = (value: number) => Math.round(value * factor) / factor + 0;
  const rings = polygon.map((ring) =>
    ring
      .map(([x, y]) => [round(x), round(y)] as const)
      .filter(([x, y], i, all) => i === 0 || x !== all[i - 1]?.[0] || y !== all[i - 1]?.[1]),
  );
  const [exterior, ...holes] = rings;
  if (exterior === undefined || exterior.length < 4) return [];
  return [exterior, ...holes.filter((ring) => ring.length >= 4)];
}
