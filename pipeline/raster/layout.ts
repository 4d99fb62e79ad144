import type { Dtype } from '../types.ts';
import { tagNumber, tagNumbers, type Ifd, type Tiff } from './ifd.ts';
import { copyAgain, refuse } from './refuse.ts';
import { compressionNames, foreignNames, tagOf } from './tags.ts';

/** How the samples of one image lie in the file. */
export interface Layout {
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
  readonly samples: number;
  readonly dtype: Dtype;
  /** 8, 16, 32 or 64; 1 in masks */
  readonly bits: number;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  /** each block holds one sample of the pixels */
  readonly isPlanar: boolean;
  readonly isTiled: boolean;
  /** blocks as the file has them (px) */
  readonly filePx: { readonly width: number; readonly height: number };
  /** blocks as they are read (px): an uncompressed strip is read in parts */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** parts of a file block, one above the other */
  readonly parts: number;
  readonly across: number;
  /** rows of blocks as they are read */
  readonly down: number;
  /** bytes of one row of a decoded block */
  readonly rowBytes: number;
  /** samples of a pixel in one block */
  readonly blockSamples: number;
}

export const maxBlockBytes = 1 << 30;
const partBytes = 1 << 20;
const maxSamples = 65_535;
const maxSidePx = 2 ** 31 - 1;

const dtypes: Readonly<Record<number, Readonly<Record<number, Dtype>>>> = {
  1: { 8: 'uint8', 16: 'uint16', 32: 'uint32' },
  2: { 8: 'int8', 16: 'int16', 32: 'int32' },
  3: { 32: 'float32', 64: 'float64' },
  4: { 8: 'uint8', 16: 'uint16', 32: 'uint32' },
};
const formatNames: Readonly<Record<number, string>> = {
  1: 'unsigned',
  2: 'signed',
  3: 'floating-point',
  5: 'complex integer',
  6: 'complex',
};

async function sameOf(tiff: Tiff, ifd: Ifd, tag: number, fallback: number, name: string): Promise<number> {
  const values = await tagNumbers(tiff, ifd, tag);
  const first = values?.[0] ?? fallback;
  if (values?.some((value) => value !== first))
    throw refuse(
      tiff.pages.uri,
      `its bands differ in ${name} (${values.slice(0, 8).join(', ')}).`,
      'Give one file per type: gdal_translate -b 1 -b 2 … in.tif out.tif.',
      { tag },
    );
  return first;
}

function sampleType(uri: string, bits: number, format: number, isMask: boolean): Dtype {
  if (isMask && bits === 1) return 'uint8';
  const dtype = dtypes[format]?.[bits];
  if (dtype !== undefined) return dtype;
  const what = `its samples are ${bits}-bit ${formatNames[format] ?? `of format ${format}`}; read are 8, 16 and 32-bit integers and 32 and 64-bit floats.`;
  throw refuse(uri, what, 'Convert it: gdal_translate -ot UInt16 (or Byte, Float32) in.tif out.tif.', { bits, format });
}

function requireSide(uri: string, value: number, name: string): number {
  if (Number.isInteger(value) && value > 0 && value <= maxSidePx) return value;
  throw refuse(uri, `its ${name} is ${value} px.`, copyAgain, { [name]: value });
}

/** Rows that are read at once: the strip, or a part of it that divides it where it may be read in parts. */
function readRows(stripRows: number, height: number, rowBytes: number, isWhole: boolean): number {
  const wanted = Math.max(1, Math.floor(partBytes / rowBytes));
  if (isWhole || stripRows <= wanted) return stripRows;
  if (stripRows >= height) return wanted;
  let rows = wanted;
  while (stripRows % rows !== 0) rows--;
  return rows;
}

/**
 * Reads and checks the tags that say where samples are.
 *
 * @param isMask 1-bit samples are allowed
 * @throws AppError INPUT_INVALID for sizes that cannot be and types that are not read
 */
export async function readLayout(tiff: Tiff, ifd: Ifd, isMask = false): Promise<Layout> {
  const { uri } = tiff.pages;
  const number = (tag: number, fallback: number) => tagNumber(tiff, ifd, tag, fallback);
  const width = requireSide(uri, await number(tagOf.width, 0), 'width');
  const height = requireSide(uri, await number(tagOf.height, 0), 'height');
  const samples = await number(tagOf.samples, 1);
  if (!(samples >= 1 && samples <= maxSamples))
    throw refuse(uri, `it claims ${samples} bands.`, copyAgain, { samples });
  const bits = await sameOf(tiff, ifd, tagOf.bits, 1, 'bits per sample');
  const dtype = sampleType(uri, bits, await sameOf(tiff, ifd, tagOf.format, 1, 'sample format'), isMask);
  const [compression, planar] = [await number(tagOf.compression, 1), await number(tagOf.planar, 1)];
  const [predictor, photometric] = [await number(tagOf.predictor, 1), await number(tagOf.photometric, 1)];
  requireReadable(uri, compression, predictor, photometric, dtype, bits, await number(tagOf.fillOrder, 1));
  const isPlanar = planar === 2;
  const blockSamples = isPlanar ? 1 : samples;
  const isTiled = ifd.tags.has(tagOf.tileWidth);
  const fileWidth = isTiled ? requireSide(uri, await number(tagOf.tileWidth, 0), 'tile width') : width;
  const stripRows = isTiled
    ? 0
    : Math.min(
        height,
        requireSide(uri, Math.min(maxSidePx, await number(tagOf.rowsPerStrip, height)), 'rows per strip'),
      );
  const fileHeight = isTiled ? requireSide(uri, await number(tagOf.tileHeight, 0), 'tile height') : stripRows;
  const rowBytes = Math.ceil((fileWidth * blockSamples * bits) / 8);
  const blockHeight = readRows(fileHeight, height, rowBytes, isTiled || compression !== 1);
  requireBlock(uri, rowBytes * blockHeight, fileWidth, blockHeight);
  return {
    width,
    height,
    samples,
    dtype,
    bits,
    compression,
    predictor: compression === 1 ? 1 : predictor,
    photometric,
    isPlanar,
    isTiled,
    filePx: { width: fileWidth, height: fileHeight },
    blockWidth: fileWidth,
    blockHeight,
    parts: Math.ceil(fileHeight / blockHeight),
    across: Math.ceil(width / fileWidth),
    down: Math.ceil(height / blockHeight),
    rowBytes,
    blockSamples,
  };
}

function requireReadable(
  uri: string,
  compression: number,
  predictor: number,
  photometric: number,
  dtype: Dtype,
  bits: number,
  fillOrder: number,
): void {
  if (compressionNames[compression] === undefined) {
    const name = foreignNames[compression] ?? 'unknown';
    throw refuse(
      uri,
      `its compression is ${compression} (${name}), which is not read.`,
      'Convert it: gdal_translate -co COMPRESS=DEFLATE -co TILED=YES in.tif out.tif.',
      { compression },
    );
  }
  const hasPredictor = [5, 8, 32_946, 50_000].includes(compression);
  if (
    hasPredictor &&
    (![1, 2, 3].includes(predictor) || (predictor === 3 && !dtype.startsWith('float')) || (predictor > 1 && bits < 8))
  )
    throw refuse(uri, `its predictor ${predictor} does not go with ${dtype} samples.`, copyAgain, { predictor, dtype });
  if (compression === 7 && dtype !== 'uint8')
    throw refuse(
      uri,
      `it holds JPEG of ${dtype} samples; read is 8-bit JPEG.`,
      'Convert it: gdal_translate -co COMPRESS=DEFLATE in.tif out.tif.',
      { dtype },
    );
  if (photometric === 6 && compression !== 7)
    throw refuse(
      uri,
      'it holds YCbCr samples without JPEG, which are not read.',
      'Convert it: gdal_translate -co PHOTOMETRIC=RGB in.tif out.tif.',
      { photometric },
    );
  if (fillOrder !== 1)
    throw refuse(
      uri,
      `its fill order is ${fillOrder} (bits reversed), which is not read.`,
      'Convert it with gdal_translate in.tif out.tif.',
      { fillOrder },
    );
}

function requireBlock(uri: string, bytes: number, width: number, height: number): void {
  if (bytes <= maxBlockBytes) return;
  const what = `one block of it is ${width} × ${height} px = ${bytes} bytes, more than the ${maxBlockBytes} that fit into memory.`;
  throw refuse(
    uri,
    what,
    'Cut it into tiles: gdal_translate -co TILED=YES -co COMPRESS=DEFLATE -co BIGTIFF=IF_SAFER in.tif out.tif.',
    { bytes, width, height },
  );
}
