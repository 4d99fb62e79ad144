import type { Affine } from '../types.ts';
import { tagNumbers, type Ifd, type Tiff } from './ifd.ts';
import type { GeoKeys } from './geokeys.ts';

const tags = { scale: 33_550, tie: 33_922, matrix: 34_264 } as const;
const rasterType = 1025;
const pixelIsPoint = 2;

/**
 * Pixel corners → coordinates; null where the file does not say, or says it by scattered control points.
 *
 * @see https://docs.ogc.org/is/19-008r4/19-008r4.html#_raster_to_model_coordinate_transformation_requirements
 */
export async function readAffine(tiff: Tiff, ifd: Ifd, keys: GeoKeys): Promise<Affine | null> {
  const corner = (await byMatrix(tiff, ifd)) ?? (await byScale(tiff, ifd));
  if (corner === null || !corner.every(Number.isFinite) || corner[0] * corner[4] === corner[1] * corner[3]) return null;
  if (keys.get(rasterType) !== pixelIsPoint) return corner;
  // coordinates stand for centres: the corner is half a pixel up and left
  const [a, b, c, d, e, f] = corner;
  return [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2];
}

async function byMatrix(tiff: Tiff, ifd: Ifd): Promise<Affine | null> {
  const m = await tagNumbers(tiff, ifd, tags.matrix);
  if (m === null || m.length < 8) return null;
  const [a = 0, b = 0, , c = 0, d = 0, e = 0, , f = 0] = m;
  return [a, b, c, d, e, f];
}

async function byScale(tiff: Tiff, ifd: Ifd): Promise<Affine | null> {
  const scale = await tagNumbers(tiff, ifd, tags.scale);
  const tie = await tagNumbers(tiff, ifd, tags.tie);
  if (scale === null || tie === null || scale.length < 2 || tie.length < 6) return null;
  const [sx = 0, sy = 0] = scale;
  const [col = 0, row = 0, , x = 0, y = 0] = tie;
  // some writers give the step as negative; rows run south either way
  const step = Math.abs(sy);
  return [sx, 0, x - col * sx, 0, -step, y + row * step];
}
