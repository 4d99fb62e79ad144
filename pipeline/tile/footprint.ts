import { applyAffine, invertAffine } from '../geo/affine.ts';
import { projector } from '../geo/crs.ts';
import type { Grid, Window } from '../types.ts';

/** Blocks of this side share one bilinear map: 64 px of any used projection bend by far less than a pixel. */
const blockPx = 64;

/**
 * Which pixels of a window have their centre inside another grid's rectangle.
 *
 * @param window window of `grid` (px); may reach outside it
 * @returns 1 inside, 0 outside, row-major; blocks are anchored to the grid, so that windows agree where they overlap
 */
export function insideFootprint(grid: Grid, window: Window, other: Grid): Uint8Array {
  const project = projector(grid.crs, other.crs);
  const inverse = invertAffine(other.affine);
  const toOther = (col: number, row: number): readonly [number, number] => {
    const [x, y] = project(...applyAffine(grid.affine, col, row));
    return applyAffine(inverse, x, y);
  };
  const isInside = ([col, row]: readonly [number, number]): boolean =>
    col >= 0 && row >= 0 && col < other.width && row < other.height;
  const inside = new Uint8Array(window.width * window.height);
  const firstRow = Math.floor(window.row / blockPx) * blockPx;
  const firstCol = Math.floor(window.col / blockPx) * blockPx;
  for (let row = firstRow; row < window.row + window.height; row += blockPx) {
    for (let col = firstCol; col < window.col + window.width; col += blockPx) {
      const corners = [
        toOther(col, row),
        toOther(col + blockPx, row),
        toOther(col, row + blockPx),
        toOther(col + blockPx, row + blockPx),
      ];
      const [rowFrom, rowTo] = [Math.max(row, window.row), Math.min(row + blockPx, window.row + window.height)];
      const [colFrom, colTo] = [Math.max(col, window.col), Math.min(col + blockPx, window.col + window.width)];
      const isWhole = corners.every(isInside);
      for (let r = rowFrom; r < rowTo; r++) {
        const offset = (r - window.row) * window.width - window.col;
        if (isWhole) {
          inside.fill(1, offset + colFrom, offset + colTo);
          continue;
        }
        const v = (r + 0.5 - row) / blockPx;
        const [x, y] = [new Float64Array(colTo - colFrom), new Float64Array(colTo - colFrom)];
        fillBilinear(x, corners, 0, { first: colFrom - col, v });
        fillBilinear(y, corners, 1, { first: colFrom - col, v });
        for (let i = 0; i < x.length; i++) if (isInside([x[i]!, y[i]!])) inside[offset + colFrom + i] = 1;
      }
    }
  }
  return inside;
}

/** One coordinate of a row of pixel centres of a block, from its column `first` on. */
function fillBilinear(
  out: Float64Array,
  corners: readonly (readonly [number, number])[],
  axis: 0 | 1,
  { first, v }: { readonly first: number; readonly v: number },
): void {
  const [nw, ne, sw, se] = corners.map((corner) => corner[axis]) as [number, number, number, number];
  for (let i = 0; i < out.length; i++) {
    const u = (first + i + 0.5) / blockPx;
    out[i] = (nw * (1 - u) + ne * u) * (1 - v) + (sw * (1 - u) + se * u) * v;
  }
}
