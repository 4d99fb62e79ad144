import { AppError } from '../../pipeline/errors.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import type { PixelLayer } from './pixel-share.ts';

/** The first band of a raster with its place on earth. */
export async function layerOf(path: string): Promise<PixelLayer> {
  const file = await openGeotiff(await openFileSource(path));
  try {
    const { width, height, affine } = file;
    const { data } = await file.readWindow({ col: 0, row: 0, width, height }, [0]);
    if (affine === null) throw new AppError('INPUT_INVALID', `${path} has no place on earth.`, 'Write it anew.');
    return { data, width, height, affine };
  } finally {
    await file.close();
  }
}
