import { AppError } from '../errors.ts';
import type { Affine } from '../types.ts';

/** CRS coordinates `[x, y]` of a pixel position; (0, 0) is the outer corner of the first pixel. */
export function applyAffine(a: Affine, col: number, row: number): readonly [number, number] {
  return [a[0] * col + a[1] * row + a[2], a[3] * col + a[4] * row + a[5]];
}

/**
 * The affine that turns CRS coordinates into pixel positions.
 *
 * @throws AppError INPUT_INVALID where pixels have no area
 */
export function invertAffine(affine: Affine): Affine {
  const [a, b, c, d, e, f] = affine;
  const determinant = a * e - b * d;
  if (!Number.isFinite(determinant) || determinant === 0) {
    throw new AppError(
      'INPUT_INVALID',
      `the geotransform [${affine.join(', ')}] gives pixels without area.`,
      'Write the georeference again (gdal_edit.py -a_ullr) or give another file.',
      { affine },
    );
  }
  const [ia, ib, id, ie] = [e / determinant, -b / determinant, -d / determinant, a / determinant];
  return [ia, ib, -(ia * c + ib * f), id, ie, -(id * c + ie * f)];
}

/** `inner` first, then `outer`: applyAffine(composeAffine(outer, inner), p) = outer(inner(p)). */
export function composeAffine(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f];
}

/** The affine of a raster whose corner is pixel position (col, row) of this one. */
export function shiftAffine(affine: Affine, col: number, row: number): Affine {
  const [x, y] = applyAffine(affine, col, row);
  return [affine[0], affine[1], x, affine[3], affine[4], y];
}
