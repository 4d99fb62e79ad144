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
        for (let c = colFrom; c < colTo; c++)
          if (isInside(bilinear(corners, (c + 0.5 - col) / blockPx, v))) inside[offset + c] = 1;
      }
    }
  }
  return inside;
}

function bilinear(corners: readonly (readonly [number, number])[], u: number, v: number): readonly [number, number] {
  const at = (axis: 0 | 1): number =>
    (corners[0][axis] * (1 - u) + corners[1][axis] * u) * (1 - v) +
    (corners[2][axis] * (1 - u) + corners[3][axis] * u) * v;
  return [at(0), at(1)];
}
