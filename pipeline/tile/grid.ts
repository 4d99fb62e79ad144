import { AppError } from '../errors.ts';
import { applyAffine, invertAffine } from '../geo/affine.ts';
import { crsFromEpsg, projector } from '../geo/crs.ts';
import { bboxOf, lonLatProjector } from '../geo/polygon.ts';
import type { Bbox, Crs, Grid, Scene, Window } from '../types.ts';

/** More pixels than this are a slip of the unit, not a county: 100 km at 0.5 m are 4e10. */
const maxPixels = 4e10;

/**
 * The grid of a run.
 *
 * @param option `before` or `after`: exactly the finest file of that scene; `<epsg>:<m>`: pixels of that many metres
 *   in that system, on multiples of the step, covering the before scene
 * @throws AppError CONFIG_INVALID for another option or an absurd size, INPUT_INVALID for a code that is not carried
 */
export function chooseGrid(before: Pick<Scene, 'grid'>, after: Pick<Scene, 'grid'>, option: string): Grid {
  if (option === 'before') return before.grid;
  if (option === 'after') return after.grid;
  const [, epsg, stepM] = /^(?:epsg:)?(\d{4,6}):(\d+(?:\.\d+)?)$/i.exec(option) ?? [];
  if (epsg === undefined || stepM === undefined || !(Number(stepM) > 0)) {
    throw new AppError(
      'CONFIG_INVALID',
      `--grid ${option} is not a grid.`,
      'Give before, after or <epsg>:<m>, e.g. 4549:10.',
      { option },
    );
  }
  return coveringGrid(before.grid, crsFromEpsg(Number(epsg)), Number(stepM));
}

/** Grids within a quarter of the wanted pixel size are left as they are: resampling would cost more than it gives. */
const nearFraction = 0.25;

/**
 * The same ground in pixels of about `ownGsdM`: same system, corner and axes, whole pixels beyond the far edges.
 *
 * @param gsdM of the grid
 * @throws AppError CONFIG_INVALID for an absurd size
 */
export function gridAt(grid: Grid, gsdM: number, ownGsdM: number): Grid {
  const [a, b, c, d, e, f] = grid.affine;
  const nominalM = Math.sqrt(Math.abs(a * e - b * d));
  // round steps in the system's own metres, which differ by some parts in a million from those on the ellipsoid
  const sizeM = !grid.crs.isGeographic && Math.abs(nominalM / gsdM - 1) < 0.01 ? nominalM : gsdM;
  const factor = ownGsdM / sizeM;
  if (factor > 1 / (1 + nearFraction) && factor < 1 + nearFraction) return grid;
  const [width, height] = [grid.width, grid.height].map((side) => Math.max(1, Math.ceil(side / factor - 1e-6)));
  refuseAbsurd(width!, height!, ownGsdM);
  return {
    crs: grid.crs,
    affine: [a * factor, b * factor, c, d * factor, e * factor, f],
    width: width!,
    height: height!,
  };
}

function refuseAbsurd(width: number, height: number, stepM: number): void {
  if (width * height <= maxPixels) return;
  throw new AppError(
    'CONFIG_INVALID',
    `a grid of ${stepM} m over the before scene would have ${width} x ${height} pixels, more than ${maxPixels}.`,
    'Give a larger step in --grid <epsg>:<m>.',
    { width, height },
  );
}

function coveringGrid(source: Grid, crs: Crs, stepM: number): Grid {
  const box = footprintBox(source, crs);
  const [minX, minY, maxX, maxY] = box;
  if (!box.every(Number.isFinite)) {
    throw new AppError(
      'CONFIG_INVALID',
      `the before scene (${formatLonLatBox(source)}) has no image in ${crs.name}.`,
      'Choose a system of that region for --grid.',
      { epsg: crs.epsg },
    );
  }
  const [stepX, stepY] = crs.isGeographic ? degreesOf(stepM, (minY + maxY) / 2) : [stepM, stepM];
  const [left, right] = [Math.floor(minX / stepX), Math.ceil(maxX / stepX)];
  const [bottom, top] = [Math.floor(minY / stepY), Math.ceil(maxY / stepY)];
  const [width, height] = [Math.max(1, right - left), Math.max(1, top - bottom)];
  refuseAbsurd(width, height, stepM);
  return { crs, affine: [stepX, 0, left * stepX, 0, -stepY, top * stepY], width, height };
}

/**
 * Degrees that are `stepM` metres on the WGS 84 ellipsoid at a latitude: along the parallel, along the meridian.
 *
 * @see Snyder 1987, USGS Professional Paper 1395, eq. 4-18 and 4-20
 */
function degreesOf(stepM: number, latDeg: number): readonly [number, number] {
  const [radiusM, e2, radians] = [6378137, 0.00669437999014, Math.PI / 180];
  const w2 = 1 - e2 * Math.sin(latDeg * radians) ** 2;
  const parallelM = (radiusM / Math.sqrt(w2)) * Math.cos(latDeg * radians) * radians;
  const meridianM = ((radiusM * (1 - e2)) / w2 ** 1.5) * radians;
  return [stepM / parallelM, stepM / meridianM];
}

/** Points along an edge: straight edges bend in another system. */
const pointsPerEdge = 33;

/** The outline of a grid in its own pixels, closed. */
function outlineOf({ width, height }: Grid): readonly (readonly [number, number])[] {
  const t = Array.from({ length: pointsPerEdge }, (_, i) => i / pointsPerEdge);
  return [
    ...t.map((s) => [s * width, 0] as const),
    ...t.map((s) => [width, s * height] as const),
    ...t.map((s) => [width - s * width, height] as const),
    ...t.map((s) => [0, height - s * height] as const),
    [0, 0],
  ];
}

/** Box of a grid in another system; not finite where the outline has no image there. */
export function footprintBox(grid: Grid, crs: Crs): Bbox {
  const project = projector(grid.crs, crs);
  const ring = outlineOf(grid).map(([col, row]) => project(...applyAffine(grid.affine, col, row)));
  return ring.some(([x]) => Number.isNaN(x)) ? [Number.NaN, Number.NaN, Number.NaN, Number.NaN] : bboxOf([ring]);
}

function formatLonLatBox(grid: Grid): string {
  const toLonLat = lonLatProjector(grid.crs);
  const box = bboxOf([outlineOf(grid).map(([col, row]) => toLonLat(...applyAffine(grid.affine, col, row)))]);
  const [west, south, east, north] = box.map((value) => value.toFixed(4));
  return `lon ${west} to ${east}, lat ${south} to ${north}`;
}

/**
 * The part of a grid that another raster may cover: the box of its footprint, within the grid (grid px).
 *
 * @throws AppError INPUT_INVALID where they do not overlap, with both extents in degrees
 */
export function overlapWindow(grid: Grid, other: Grid): Window {
  const project = projector(other.crs, grid.crs);
  const toPixels = invertAffine(grid.affine);
  const ring = outlineOf(other)
    .map(([col, row]) => applyAffine(toPixels, ...project(...applyAffine(other.affine, col, row))))
    .filter(([col]) => !Number.isNaN(col));
  const [minCol, minRow, maxCol, maxRow] = bboxOf([ring]);
  const [col, row] = [Math.max(0, Math.floor(minCol + 1e-6)), Math.max(0, Math.floor(minRow + 1e-6))];
  const right = Math.min(grid.width, Math.ceil(maxCol - 1e-6));
  const bottom = Math.min(grid.height, Math.ceil(maxRow - 1e-6));
  const window = { col, row, width: right - col, height: bottom - row };
  if (window.width > 0 && window.height > 0 && isShared(grid, window, other)) return window;
  throw new AppError(
    'INPUT_INVALID',
    `the scenes do not overlap: one covers ${formatLonLatBox(grid)}, the other ${formatLonLatBox(other)}.`,
    'Give two scenes of one place, and check their coordinate systems (gdalinfo).',
    { grid: formatLonLatBox(grid), other: formatLonLatBox(other) },
  );
}

/** Whether any of a lattice of places in the window lies in the other raster: boxes of turned footprints may meet alone. */
function isShared(grid: Grid, window: Window, other: Grid): boolean {
  const project = projector(grid.crs, other.crs);
  const toPixels = invertAffine(other.affine);
  const steps = Array.from({ length: 65 }, (_, i) => i / 64);
  return steps.some((t) =>
    steps.some((s) => {
      const [x, y] = applyAffine(grid.affine, window.col + s * window.width, window.row + t * window.height);
      const [col, row] = applyAffine(toPixels, ...project(x, y));
      return col >= 0 && row >= 0 && col <= other.width && row <= other.height;
    }),
  );
}
