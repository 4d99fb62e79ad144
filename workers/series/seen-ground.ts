import { applyAffine, invertAffine } from '../../pipeline/geo/affine.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import { maskOfPolygons } from '../../pipeline/tile/aoi.ts';
import type { Grid, Window } from '../../pipeline/types.ts';

/** Memory that the maps of all looks may take (bytes). */
const mapBytes = 256 << 20;

/** Side of a cell (px): one pixel for all but large grids with many looks. */
export function cellPxFor(grid: Grid, looks: number): number {
  return Math.max(1, Math.ceil(Math.sqrt((grid.width * grid.height * looks) / mapBytes)));
}

interface Cells {
  readonly window: Window;
  /** 1 inside */
  readonly mask: Uint8Array;
}

/** Outlines in frame metres as cells of a grid; those of one outline are kept as long as it is. */
function openCells(grid: Grid, frame: EqualAreaFrame, cellPx: number): (polygons: readonly FramePolygon[]) => Cells {
  const project = projector(crsFromEpsg(4326), grid.crs);
  const toPixels = invertAffine(grid.affine);
  const known = new WeakMap<readonly FramePolygon[], Cells>();
  const toCell = (x: number, y: number): readonly [number, number] => {
    const [col, row] = applyAffine(toPixels, ...project(...frame.toLonLat(x, y)));
    return [col / cellPx, row / cellPx];
  };
  const find = (polygons: readonly FramePolygon[]): Cells => {
    const placed = polygons.map((rings) =>
      rings.map((ring) => {
        const points = Array.from({ length: ring.length / 2 }, (_, i) => toCell(ring[2 * i]!, ring[2 * i + 1]!));
        return [...points, points[0]!];
      }),
    );
    const points = placed.flatMap((rings) => rings[0] ?? []);
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [col, row] of points) {
      [left, top] = [Math.min(left, col), Math.min(top, row)];
      [right, bottom] = [Math.max(right, col), Math.max(bottom, row)];
    }
    const [col, row] = [Math.floor(left), Math.floor(top)];
    const window = {
      col,
      row,
      width: Math.max(1, Math.ceil(right) - col),
      height: Math.max(1, Math.ceil(bottom) - row),
    };
    const mask = maskOfPolygons(window, placed);
    // an outline between the centres of all cells lies in those that it touches
    return { window, mask: mask.includes(1) ? mask : mask.fill(1) };
  };
  return (polygons) => {
    const cells = known.get(polygons) ?? find(polygons);
    known.set(polygons, cells);
    return cells;
  };
}

/**
 * What looks saw of a piece of ground.
 *
 * @returns for the map of one look (percent of each cell, row-major) the function that tells the share of an outline it
 * saw, 0..1; what lies outside the grid was not seen
 */
export function openSeenGround(
  grid: Grid,
  frame: EqualAreaFrame,
  cellPx: number,
): (seenPercent: Uint8Array) => (polygons: readonly FramePolygon[]) => number {
  const cellsOf = openCells(grid, frame, cellPx);
  const [cols, rows] = [Math.ceil(grid.width / cellPx), Math.ceil(grid.height / cellPx)];
  return (seenPercent) => (polygons) => {
    if (polygons.length === 0) return 0;
    const { window, mask } = cellsOf(polygons);
    let [sum, count] = [0, 0];
    for (let at = 0; at < mask.length; at++) {
      if (mask[at] === 0) continue;
      count++;
      const [col, row] = [window.col + (at % window.width), window.row + Math.floor(at / window.width)];
      if (col >= 0 && row >= 0 && col < cols && row < rows) sum += seenPercent[row * cols + col]!;
    }
    return count === 0 ? 0 : sum / count / 100;
  };
}
