import geodesic from 'geographiclib-geodesic';

import type { Grid, Window } from '../types.ts';
import { applyAffine } from './affine.ts';
import { crsFromEpsg, projector } from './crs.ts';

// WGS 84; GRS 80 and CGCS2000 differ from it by 1e-11 in area
const radiusM = 6378137;
const flattening = 1 / 298.257223563;
const e2 = flattening * (2 - flattening);
const e = Math.sqrt(e2);
const wgs84 = crsFromEpsg(4326);
const radians = Math.PI / 180;

type Point = readonly [number, number];

/**
 * Half the authalic function, scaled so that Δλ · Δq is an area (m², λ in radians).
 *
 * @see Snyder 1987, USGS Professional Paper 1395, eq. 3-12
 */
function authalic(latDeg: number): number {
  const s = Math.sin(latDeg * radians);
  return ((radiusM * radiusM * (1 - e2)) / 2) * (s / (1 - e2 * s * s) + Math.atanh(e * s) / e);
}

/** Area (m²) within a ring of lon/lat (degrees) whose vertices are so close that straight in (λ, q) will do. */
function denseRingAreaM2(ring: readonly Point[]): number {
  const [lon0, lat0] = ring[0] ?? [0, 0];
  const q0 = authalic(lat0);
  let doubled = 0;
  let [px, py] = [0, 0];
  for (let i = 1; i < ring.length; i++) {
    const [lon, lat] = ring[i] as Point;
    const turned = lon - lon0;
    const [x, y] = [(turned - 360 * Math.round(turned / 360)) * radians, authalic(lat) - q0];
    doubled += px * y - x * py;
    [px, py] = [x, y];
  }
  return Math.abs(doubled) / 2;
}

/** Area (m²) of a rectangle of pixel positions; edges are straight in the grid's CRS, `steps` pieces each. */
function rectangleAreaM2(grid: Grid, rectangle: Window, steps: number): number {
  const { col, row, width, height } = rectangle;
  const toLonLat = projector(grid.crs, wgs84);
  const ring: Point[] = [];
  const corners: readonly Point[] = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
    [0, 0],
  ];
  for (let side = 0; side < 4; side++) {
    const [from, to] = [corners[side] as Point, corners[side + 1] as Point];
    for (let i = 0; i < steps; i++) {
      const t = i / steps;
      const [x, y] = applyAffine(
        grid.affine,
        col + from[0] + t * (to[0] - from[0]),
        row + from[1] + t * (to[1] - from[1]),
      );
      ring.push(toLonLat(x, y));
    }
  }
  return denseRingAreaM2(ring);
}

/** Pixels a side that span about 60 m: enough that proj4's nanometres do not show in the area of a 2 cm pixel. */
function probePx(grid: Grid): number {
  const [a, b, , d, e] = grid.affine;
  const sideM = Math.sqrt(Math.abs(a * e - b * d)) * (grid.crs.isGeographic ? radiusM * radians : 1);
  return Math.max(1, Math.round(60 / sideM));
}

/**
 * Area on the ellipsoid (m²) of the pixel whose upper left corner is pixel position (col, row); both may be fractional
 * and outside the grid. NaN where the CRS has no image of it.
 */
export function pixelAreaM2(grid: Grid, col: number, row: number): number {
  const px = probePx(grid);
  const around = { col: col + 0.5 - px / 2, row: row + 0.5 - px / 2, width: px, height: px };
  return rectangleAreaM2(grid, around, px === 1 ? 2 : 1) / (px * px);
}

/** Area on the ellipsoid (m²) of a window of the grid, edges straight in the grid's CRS. */
export function windowAreaM2(grid: Grid, window: Window): number {
  const [a, b, , d, e] = grid.affine;
  const unitM = grid.crs.isGeographic ? radiusM * radians : 1;
  const sideM = Math.max(window.width * Math.hypot(a, d), window.height * Math.hypot(b, e)) * unitM;
  return rectangleAreaM2(grid, window, Math.min(4096, Math.max(1, Math.ceil(sideM / 200))));
}

const nodeSpacingM = 2000;
const maxNodes = 512;

/**
 * A cheap area of any pixel of the grid (m²): `area(col, row)` as `pixelAreaM2`, relative error below 1e-7 for
 * grids up to 1,000 km a side. North-up geographic grids use the closed form by row; others interpolate a table.
 */
export function pixelAreaModel(grid: Grid): (col: number, row: number) => number {
  const [a, b, , d] = grid.affine;
  if (grid.crs.isGeographic && b === 0 && d === 0) {
    const rows = new Float64Array(grid.height).map((_, row) => parallelAreaM2(grid, row));
    return (_col, row) => rows[row] ?? parallelAreaM2(grid, row);
  }
  const sideM = Math.max(1e-3, Math.hypot(a, d) * (grid.crs.isGeographic ? radiusM * radians : 1));
  const nodes = (px: number) => Math.min(maxNodes, Math.max(2, Math.ceil((px * sideM) / nodeSpacingM) + 1));
  const [cols, rows] = [nodes(grid.width), nodes(grid.height)];
  const [stepCol, stepRow] = [Math.max(1, grid.width - 1) / (cols - 1), Math.max(1, grid.height - 1) / (rows - 1)];
  const table = new Float64Array(cols * rows).map((_, i) =>
    pixelAreaM2(grid, (i % cols) * stepCol, Math.floor(i / cols) * stepRow),
  );
  return (col, row) => {
    const u = Math.min(Math.max(col / stepCol, 0), cols - 1);
    const v = Math.min(Math.max(row / stepRow, 0), rows - 1);
    const [i, j] = [Math.min(Math.floor(u), cols - 2), Math.min(Math.floor(v), rows - 2)];
    const at = j * cols + i;
    const [s, t] = [u - i, v - j];
    const top = (table[at] as number) * (1 - s) + (table[at + 1] as number) * s;
    const bottom = (table[at + cols] as number) * (1 - s) + (table[at + cols + 1] as number) * s;
    return top * (1 - t) + bottom * t;
  };
}

/** Closed form of a pixel between two parallels (m²). */
function parallelAreaM2(grid: Grid, row: number): number {
  const [a, , , , stepDeg, northDeg] = grid.affine;
  const px = probePx(grid);
  const mid = northDeg + (row + 0.5) * stepDeg;
  const half = (px * stepDeg) / 2;
  return (Math.abs(authalic(mid + half) - authalic(mid - half)) / px) * Math.abs(a) * radians;
}

/**
 * Ground sampling distance (m) at the grid's centre: along a row, along a column, and the side of a square of the
 * centre pixel's ellipsoidal area.
 */
export function gsdOf(grid: Grid): { readonly x: number; readonly y: number; readonly mean: number } {
  const toLonLat = projector(grid.crs, wgs84);
  const [col, row] = [grid.width / 2, grid.height / 2];
  const half = probePx(grid) / 2;
  const distanceM = (dCol: number, dRow: number) => {
    const [lon1, lat1] = toLonLat(...applyAffine(grid.affine, col - dCol, row - dRow));
    const [lon2, lat2] = toLonLat(...applyAffine(grid.affine, col + dCol, row + dRow));
    return (geodesic.Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2).s12 ?? Number.NaN) / (2 * half);
  };
  return { x: distanceM(half, 0), y: distanceM(0, half), mean: Math.sqrt(pixelAreaM2(grid, col - 0.5, row - 0.5)) };
}

/**
 * Area (m²) of a ring of `[lon, lat]` degrees joined by geodesics; open or closed, either orientation.
 *
 * @see Karney 2013, doi:10.1007/s00190-012-0578-z
 */
export function ringAreaM2(ring: readonly Point[]): number {
  const polygon = geodesic.Geodesic.WGS84.Polygon(false);
  const last = ring.length - 1;
  ring.forEach(([lon, lat], i) => {
    const isClosing = i === last && i > 0 && lon === ring[0]?.[0] && lat === ring[0]?.[1];
    if (!isClosing) polygon.AddPoint(lat, lon);
  });
  return Math.abs(polygon.Compute(false, true).area ?? 0);
}

/** Area (m²) of a polygon of rings, the exterior first, holes after it. */
export function polygonAreaM2(rings: readonly (readonly Point[])[]): number {
  return rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * ringAreaM2(ring), 0);
}
