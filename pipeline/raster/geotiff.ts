import type { ByteSource } from '../ports.ts';
import type { Window } from '../types.ts';
import { AppError } from '../errors.ts';
import { readBands } from './bands.ts';
import { blockCache, openBlocks, type Blocks } from './blocks.ts';
import type { GeotiffFile } from './geotiff-file.ts';
import { parseGdalMetadata } from './gdal-metadata.ts';
import { crsFromGeoKeys } from './geokeys-crs.ts';
import { readGeoKeys } from './geokeys.ts';
import { readAffine } from './georeference.ts';
import { readTiff, tagNumber, tagText, type Ifd, type Tiff } from './ifd.ts';
import { readLayout, type Layout } from './layout.ts';
import { copyAgain, refuse } from './refuse.ts';
import { readBlocks, requireInside } from './window.ts';

export type { GeotiffBand, GeotiffFile } from './geotiff-file.ts';
import { compressionNames, tagOf } from './tags.ts';

export interface GeotiffOptions {
  /** what decoded blocks may hold between reads (bytes) */
  readonly cacheBytes?: number;
}

const defaultCacheBytes = 96 << 20;
const [overviewBit, maskBit] = [1, 4];

interface Picture {
  readonly ifd: Ifd;
  readonly subfile: number;
  readonly width: number;
  readonly height: number;
}

async function picturesOf(tiff: Tiff): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const ifd of tiff.ifds) {
    const subfile = await tagNumber(tiff, ifd, tagOf.subfile, 0);
    pictures.push({
      ifd,
      subfile,
      width: await tagNumber(tiff, ifd, tagOf.width, 0),
      height: await tagNumber(tiff, ifd, tagOf.height, 0),
    });
  }
  return pictures;
}

/**
 * Opens a TIFF, BigTIFF or cloud-optimised GeoTIFF; its first image counts. Reads the header alone.
 *
 * @throws AppError INPUT_INVALID for everything that is not a readable GeoTIFF, UNAVAILABLE where the source fails
 * @see https://docs.ogc.org/is/19-008r4/19-008r4.html OGC GeoTIFF 1.1
 */
export async function openGeotiff(source: ByteSource, options: GeotiffOptions = {}): Promise<GeotiffFile> {
  try {
    return await openChecked(source, options);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(source.uri, `the header cannot be read: ${reason}.`, copyAgain, {}, error);
  }
}

async function openChecked(
  source: ByteSource,
  { cacheBytes = defaultCacheBytes }: GeotiffOptions,
): Promise<GeotiffFile> {
  const tiff = await readTiff(source);
  const pictures = await picturesOf(tiff);
  const main = pictures.find(({ subfile }) => (subfile & (overviewBit | maskBit)) === 0) ?? (pictures[0] as Picture);
  const { ifd } = main;
  const layout = await readLayout(tiff, ifd);
  const cache = blockCache(cacheBytes);
  const blocks = await openBlocks(source, tiff, ifd, layout, cache);
  const same = ({ width, height }: Picture) => width === layout.width && height === layout.height;
  const maskPicture = pictures.find((picture) => picture.subfile === maskBit && same(picture));
  const mask = maskPicture
    ? await openBlocks(source, tiff, maskPicture.ifd, await readLayout(tiff, maskPicture.ifd, true), cache)
    : null;
  const metadata = parseGdalMetadata((await tagText(tiff, ifd, tagOf.gdalMetadata)) ?? '');
  const { bands, alphaIndex, palette } = await readBands(tiff, ifd, layout, metadata);
  const keys = await readGeoKeys(tiff, ifd);
  const found = crsFromGeoKeys(keys);
  return {
    uri: source.uri,
    bytes: source.size,
    width: layout.width,
    height: layout.height,
    bands,
    crs: found.crs,
    crsProblem: found.problem,
    affine: await readAffine(tiff, ifd, keys),
    metadata: metadata.dataset,
    dateTime: await tagText(tiff, ifd, tagOf.dateTime),
    description: await tagText(tiff, ifd, tagOf.description),
    compression: compressionNames[layout.compression] ?? String(layout.compression),
    tiled: layout.isTiled,
    blockPx: layout.filePx,
    overviews: pictures
      .filter(({ subfile }) => subfile === overviewBit)
      .map(({ width, height }) => ({ width, height })),
    interleave: layout.isPlanar ? 'band' : 'pixel',
    bigEndian: tiff.bigEndian,
    bigTiff: tiff.bigTiff,
    alphaIndex,
    hasMask: mask !== null,
    palette,
    readWindow: async (window, wanted) => {
      requireInside(window, wanted, layout, source.uri);
      return readBlocks(blocks, window, wanted, (band) => bands[band]?.nodata ?? 0);
    },
    readMask: (window) =>
      readMask(window, layout, alphaIndex === null ? null : blocks, alphaIndex ?? 0, mask, source.uri),
    close: async () => {
      cache.clear();
      await source.close();
    },
  };
}

async function readMask(
  window: Window,
  layout: Layout,
  alpha: Blocks | null,
  alphaIndex: number,
  mask: Blocks | null,
  uri: string,
): Promise<Uint8Array> {
  requireInside(window, [], layout, uri);
  const valid = new Uint8Array(window.width * window.height).fill(1);
  const planes = [
    alpha === null ? null : await readBlocks(alpha, window, [alphaIndex], () => 0),
    mask === null ? null : await readBlocks(mask, window, [0], () => 0),
  ];
  for (const plane of planes) {
    if (plane === null) continue;
    const { data } = plane;
    for (let i = 0; i < valid.length; i++) if (data[i] === 0) valid[i] = 0;
  }
  return valid;
}
