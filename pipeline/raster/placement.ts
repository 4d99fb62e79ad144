import { applyAffine, composeAffine, invertAffine } from '../geo/affine.ts';
import { projector, sameCrs } from '../geo/crs.ts';
import type { Affine, Grid } from '../types.ts';

/**
 * Where the pixels of a grid lie in a source raster.
 * `copy`: source pixel = grid pixel + (col, row). `linear`: one affine. `warp`: through two coordinate systems.
 */
export type Placement =
  | { readonly kind: 'copy'; readonly col: number; readonly row: number }
  | { readonly kind: 'linear'; readonly affine: Affine; readonly scale: Scale }
  | { readonly kind: 'warp'; readonly toSource: ToSource; readonly scale: Scale };

/** Source pixels per grid pixel along the source's columns and rows. */
export interface Scale {
  readonly col: number;
  readonly row: number;
}

/** Source position (px) of a grid position; `[NaN, NaN]` off the map. */
export type ToSource = (col: number, row: number) => readonly [number, number];

/** A misfit below this (px, anywhere on the grid) is the rounding of a written geotransform, not a shift. */
const sameGridPx = 1e-3;

/**
 * Relate a grid to a source raster. Decided on the whole grid, never on a window, so that every window agrees.
 *
 * @param shiftPx added to the sampling position (grid px): the output at p shows the source at p + shift
 */
export function placeOnGrid(
  grid: Grid,
  source: Grid,
  shiftPx: { col: number; row: number } = { col: 0, row: 0 },
): Placement {
  const shift: Affine = [1, 0, shiftPx.col, 0, 1, shiftPx.row];
  const toPixels = invertAffine(source.affine);
  if (sameCrs(grid.crs, source.crs)) {
    const affine = composeAffine(toPixels, composeAffine(grid.affine, shift));
    return (
      wholePixelMove(affine, grid) ?? {
        kind: 'linear',
        affine,
        scale: scaleAt((col, row) => applyAffine(affine, col, row), grid),
      }
    );
  }
  const project = projector(grid.crs, source.crs);
  const toSource: ToSource = (col, row) => {
    const [x, y] = applyAffine(grid.affine, col + shiftPx.col, row + shiftPx.row);
    return applyAffine(toPixels, ...project(x, y));
  };
  return { kind: 'warp', toSource, scale: scaleAt(toSource, grid, source) };
}

function wholePixelMove(affine: Affine, { width, height }: Grid): Placement | null {
  const [col, row] = [Math.round(affine[2]), Math.round(affine[5])];
  const isWhole = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].every(([c = 0, r = 0]) => {
    const [u, v] = applyAffine(affine, c, r);
    return Math.abs(u - c - col) < sameGridPx && Math.abs(v - r - row) < sameGridPx;
  });
  return isWhole ? { kind: 'copy', col, row } : null;
}

/** Scale at the grid's centre, or at the source's nearest place to it where the projection does not reach. */
function scaleAt(toSource: ToSource, grid: Grid, source?: Grid): Scale {
  const steps = [0.5, 0.25, 0.75, 0, 1];
  for (const fy of steps) {
    for (const fx of steps) {
      const [col, row] = [fx * grid.width, fy * grid.height];
      const [u, v] = toSource(col, row);
      const [uc, vc] = toSource(col + 1, row);
      const [ur, vr] = toSource(col, row + 1);
      const scale = { col: Math.hypot(uc - u, ur - u), row: Math.hypot(vc - v, vr - v) };
      if (Number.isFinite(scale.col) && Number.isFinite(scale.row)) return scale;
    }
  }
  return source === undefined
    ? { col: 1, row: 1 }
    : { col: source.width / grid.width, row: source.height / grid.height };
}
