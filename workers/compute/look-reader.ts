import { AppError } from '../../pipeline/errors.ts';
import type { CloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { maskFromCloudBand, maskFromScl } from '../../pipeline/pair/cloud-band.ts';
import { cloudDecision } from '../../pipeline/pair/cloud-class.ts';
import { maskClouds } from '../../pipeline/pair/cloud.ts';
import type { GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { readOnGrid } from '../../pipeline/raster/on-grid.ts';
import type { TileLook } from '../../pipeline/change/chunk.ts';
import { insideFootprint } from '../../pipeline/tile/footprint.ts';
import type { Grid, Raster, Scene, SceneBand, Window } from '../../pipeline/types.ts';
import { withoutAlpha } from '../images/open-scene.ts';
import { openSource } from '../images/open-source.ts';
import { shownName } from '../images/source.ts';

export interface LookReaderOptions {
  readonly scene: Scene;
  readonly files: readonly GeotiffFile[];
  readonly bands: readonly SceneBand[];
  /** the first bands that must hold a value in every pixel */
  readonly neededBands: number;
  readonly grid: Grid;
  readonly gsdM: number;
  /** added to the sampling position (grid px) */
  readonly shiftPx?: { readonly col: number; readonly row: number };
  /** null: typical values, or no mask where the scene allows none */
  readonly cloud: CloudStatistics | null;
}

/** One date on the grid of the run. */
export interface LookReader {
  /** reflectance, bands as asked, NaN = none */
  readRaster(window: Window): Promise<Raster>;
  look(window: Window): Promise<TileLook>;
  /** the same of a raster that was read */
  lookOf(raster: Raster, window: Window): TileLook;
}

/** Decoded blocks that a file keeps: a row of tiles of a chunk; there is one such store a file and thread. */
const cacheBytes = 32 << 20;

/**
 * Open the files that a scene names, its masks as the scene has them.
 *
 * @throws AppError INPUT_INVALID when a remote file is another one by now
 */
export async function openSceneFiles(scene: Scene): Promise<readonly GeotiffFile[]> {
  return Promise.all(
    scene.files.map(async ({ uri, alphaIndex, etag }) => {
      const source = await openSource(uri);
      if (etag !== undefined && source.etag !== etag) {
        const message = `${shownName(uri)} changed while it was read: ${etag} became ${source.etag}.`;
        throw new AppError('INPUT_INVALID', message, 'Give the same command again once nobody writes to it any more.');
      }
      const file = await openGeotiff(source, { cacheBytes });
      return file.alphaIndex !== null && alphaIndex === null ? withoutAlpha(file) : file;
    }),
  );
}

export function createLookReader(options: LookReaderOptions): LookReader {
  const { scene, files, bands, neededBands, grid, gsdM, shiftPx, cloud } = options;
  const { source } = cloudDecision(scene);
  const needed = Array.from({ length: neededBands }, (_, band) => band);
  const readRaster = (window: Window): Promise<Raster> =>
    readOnGrid({
      files,
      fileGrids: scene.files.map((file) => file.grid),
      bands,
      grid,
      window,
      ...(shiftPx && { shiftPx }),
    });
  const plane = (raster: Raster, name: SceneBand['name']): Float32Array => {
    const count = raster.width * raster.height;
    const band = bands.findIndex((each) => each.name === name);
    return raster.data.subarray(band * count, (band + 1) * count);
  };
  const cloudsOf = (raster: Raster): Uint8Array | null => {
    if (source === 'none') return null;
    if (source === 'scl') return maskFromScl(plane(raster, 'scl'));
    if (source === 'cloudmask') return maskFromCloudBand(plane(raster, 'cloudmask'));
    return maskClouds({ raster, bands: bands.map(({ name }) => name), gsdM, statistics: cloud });
  };
  const lookOf = (raster: Raster, window: Window): TileLook => {
    return { raster, needed, inside: insideFootprint(grid, window, scene.grid), clouds: cloudsOf(raster) };
  };
  return { readRaster, lookOf, look: async (window) => lookOf(await readRaster(window), window) };
}
