import type { Dtype } from '../types.ts';
import type { BandMetadata, GdalMetadata } from './gdal-metadata.ts';
import type { GeotiffBand, GeotiffFile } from './geotiff-file.ts';
import { tagNumbers, tagText, type Ifd, type Tiff } from './ifd.ts';
import type { Layout } from './layout.ts';
import { wavelengthOf } from './wavelength.ts';
import { tagOf } from './tags.ts';

const [rgb, paletteColour, ycbcr] = [2, 3, 6];
const colours = ['red', 'green', 'blue'] as const;
type Colour = GeotiffBand['colour'];

/** Sizes of integer samples: a nodata value outside can never occur. */
const ranges: Readonly<Partial<Record<Dtype, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** GDAL_NODATA: a number as text, also `nan` and `inf`; null where it cannot be a sample of this type. */
export function parseNodata(text: string | null, dtype: Dtype): number | null {
  const word = text?.trim().toLowerCase() ?? '';
  if (word === '') return null;
  const isInfinite = /^[+-]?inf/.test(word);
  const value = isInfinite
    ? word.startsWith('-')
      ? -Infinity
      : Infinity
    : Number(word.replace(/^[+-]?nan.*$/, 'NaN'));
  const range = ranges[dtype];
  if (range !== undefined) return Number.isInteger(value) && value >= range[0] && value <= range[1] ? value : null;
  if (Number.isNaN(value)) return /nan/.test(word) ? Number.NaN : null;
  return dtype === 'float32' ? Math.fround(value) : value;
}

function photometricColour(index: number, photometric: number): Colour {
  if (photometric === rgb || photometric === ycbcr) return colours[index] ?? null;
  if (index > 0) return null;
  return photometric === paletteColour ? 'palette' : photometric <= 1 ? 'gray' : null;
}

const isColour = (text: string | null): text is NonNullable<Colour> =>
  text !== null && ['red', 'green', 'blue', 'alpha', 'gray', 'palette'].includes(text);

function bandOf(
  index: number,
  layout: Layout,
  nodata: number | null,
  alphaIndex: number | null,
  about: BandMetadata | undefined,
): GeotiffBand {
  const stated = about?.colour ?? null;
  const metadata = about?.items ?? {};
  const description = about?.description ?? null;
  return {
    description,
    dtype: layout.dtype,
    nodata,
    scale: about?.scale ?? null,
    offset: about?.offset ?? null,
    colour: index === alphaIndex ? 'alpha' : isColour(stated) ? stated : photometricColour(index, layout.photometric),
    wavelengthNm: wavelengthOf(metadata, description),
    metadata,
  };
}

/** What tags and metadata say of each band. */
export async function readBands(
  tiff: Tiff,
  ifd: Ifd,
  layout: Layout,
  { bands }: GdalMetadata,
): Promise<Pick<GeotiffFile, 'bands' | 'alphaIndex' | 'palette'>> {
  const nodata = parseNodata(await tagText(tiff, ifd, tagOf.gdalNodata), layout.dtype);
  const extra = (await tagNumbers(tiff, ifd, tagOf.extra)) ?? new Float64Array(0);
  const firstAlpha = extra.findIndex((kind) => kind === 1 || kind === 2);
  const position = layout.samples - extra.length + firstAlpha;
  const alphaIndex = firstAlpha >= 0 && position >= 0 && position < layout.samples ? position : null;
  return {
    bands: Array.from({ length: layout.samples }, (_, index) =>
      bandOf(index, layout, nodata, alphaIndex, bands.get(index)),
    ),
    alphaIndex,
    palette: layout.photometric === paletteColour ? await readPalette(tiff, ifd) : null,
  };
}

async function readPalette(tiff: Tiff, ifd: Ifd): Promise<GeotiffFile['palette']> {
  const map = await tagNumbers(tiff, ifd, tagOf.palette);
  if (map === null || map.length < 3) return null;
  const count = Math.floor(map.length / 3);
  // 16-bit by the standard; some writers store 8 bits as they are
  const unit = map.every((value) => value < 256) ? 1 : 257;
  const byte = (at: number) => Math.round((map[at] ?? 0) / unit);
  return Array.from({ length: count }, (_, i) => [byte(i), byte(count + i), byte(2 * count + i)] as const);
}
