import { AppError } from '../errors.ts';
import type { ByteSink, Spool } from '../ports.ts';
import type { Affine, Crs, Raster, Samples } from '../types.ts';
import {
  asciiField,
  encodeHeader,
  encodeIfd,
  ifdBytes,
  longField,
  offsetField,
  shortField,
  type TiffField,
} from './cog-ifd.ts';
import { leaderBytes, openLevel, tilePx, trailerBytes, type Level } from './cog-level.ts';
import { metadataXml } from './cog-metadata.ts';
import type { OverviewMethod } from './cog-overview.ts';
import { memorySpool } from './cog-spool.ts';
import type { Predictor } from './cog-tile.ts';
import { geoFields } from './geokeys-write.ts';

const dtypes = {
  uint8: { model: new Uint8Array(0), format: 1, isFloat: false },
  uint16: { model: new Uint16Array(0), format: 1, isFloat: false },
  int16: { model: new Int16Array(0), format: 2, isFloat: false },
  uint32: { model: new Uint32Array(0), format: 1, isFloat: false },
  float32: { model: new Float32Array(0), format: 3, isFloat: true },
} as const;
export type CogDtype = keyof typeof dtypes;

export interface CogOptions {
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
  readonly bands: number;
  readonly dtype: CogDtype;
  /** null: the raster has no place on the ground */
  readonly crs: Crs | null;
  readonly affine: Affine | null;
  readonly nodata?: number | null;
  /** uint8 with one band alone; values without an entry are black */
  readonly palette?: readonly { readonly value: number; readonly colour: string }[];
  /** GDAL_METADATA items of the dataset, e.g. CLASSES, THRESHOLD */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly bandDescriptions?: readonly (string | null)[];
  /** `mode` for classes, `average` for continuous values */
  readonly overview: OverviewMethod;
  /** default: 2 (3 for floats) with `average`, else 1: differences pay on continuous values, not on codes */
  readonly predictor?: Predictor;
  /** a fresh spool per resolution for compressed tiles; default memory (about the size of the file) */
  readonly spool?: () => Promise<Spool>;
  /** tiles deflated at once on the thread pool; default 2; the bytes do not depend on it */
  readonly concurrency?: number;
  /** BigTIFF even where 4 GB suffice */
  readonly forceBigTiff?: boolean;
}

/** Takes a raster from the top down and gives a cloud-optimised GeoTIFF. */
export interface CogWriter {
  /** Rows that follow those already given, any number, `[band][row][col]`; may be reused after the promise. */
  writeRows(rows: Raster<Samples>): Promise<void>;
  /** Assemble the file; every row must have been given. Closes. */
  finish(sink: ByteSink): Promise<void>;
  /** Discard the spools; for a writer that is given up. Harmless twice. */
  close(): Promise<void>;
}

/**
 * Open a streaming writer of cloud-optimised GeoTIFF: 512 px tiles, DEFLATE, overviews by halves until both sides
 * are ≤ 512, smallest first in the file. Memory: 512 rows per resolution (width · bands · 1 kB per byte of a sample).
 * The same input gives the same bytes.
 *
 * @throws AppError INPUT_INVALID for a size, palette or predictor that cannot be written
 * @see https://docs.ogc.org/is/21-026/21-026.html OGC COG 1.0
 */
export async function openCogWriter(options: CogOptions): Promise<CogWriter> {
  refuseMisfit(options);
  const levels = await openLevels(options);
  const main = levels[0]!;
  const close = async () => {
    for (const level of levels) await level.spool.close();
  };
  return {
    async writeRows(rows) {
      const fits = rows.width === options.width && rows.bands === options.bands;
      if (!fits || main.rowsSeen() + rows.height > options.height)
        throw new AppError(
          'BUG',
          `${rows.bands} × ${rows.height} × ${rows.width} px after row ${main.rowsSeen()} do not fit a raster of ${options.bands} × ${options.height} × ${options.width} px.`,
          'Report this with the command that led to it.',
        );
      await main.append(rows);
    },
    async finish(sink) {
      if (main.rowsSeen() !== options.height)
        throw new AppError(
          'BUG',
          `A raster of ${options.height} rows was finished after ${main.rowsSeen()}.`,
          'Report this with the command that led to it.',
        );
      await assemble(options, levels, sink);
      await close();
    },
    close,
  };
}

function refuseMisfit(options: CogOptions): void {
  const { width, height, bands, dtype, palette, predictor = 1 } = options;
  const isSize = [width, height, bands].every((value) => Number.isInteger(value) && value > 0);
  const wrong = isSize
    ? palette && (dtype !== 'uint8' || bands !== 1)
      ? `a palette needs one band of uint8, not ${bands} of ${dtype}`
      : predictor > 1 && (predictor === 3) !== dtypes[dtype].isFloat
        ? `predictor ${predictor} is not for ${dtype}`
        : null
    : `size ${bands} × ${height} × ${width} is not writable`;
  if (wrong !== null) throw new AppError('INPUT_INVALID', `GeoTIFF: ${wrong}.`, 'Give a raster that fits.');
}

async function openLevels(options: CogOptions): Promise<Level[]> {
  const { bands, dtype, nodata = null, overview, concurrency = 2, spool = async () => memorySpool() } = options;
  const sizes = [{ width: options.width, height: options.height }];
  for (let size = sizes[0]!; Math.max(size.width, size.height) > tilePx; sizes.push(size))
    size = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
  const levels: Level[] = [];
  for (const size of sizes.toReversed())
    levels.unshift(
      openLevel({
        ...size,
        bands,
        sampleModel: dtypes[dtype].model,
        nodata,
        overview,
        predictor: predictorOf(options),
        concurrency,
        spool: await spool(),
        next: levels[0] ?? null,
      }),
    );
  return levels;
}

function predictorOf({ predictor, overview, dtype }: CogOptions): Predictor {
  return predictor ?? (overview === 'average' ? (dtypes[dtype].isFloat ? 3 : 2) : 1);
}

function colourMap(palette: NonNullable<CogOptions['palette']>): TiffField {
  const map = new Array<number>(768).fill(0);
  for (const { value, colour } of palette) {
    const rgb = Number.parseInt(colour.slice(1), 16);
    [rgb >> 16, (rgb >> 8) & 255, rgb & 255].forEach((part, plane) => (map[plane * 256 + value] = part * 257));
  }
  return shortField(320, map);
}

/** Fields of one resolution but the tile offsets. */
function fieldsOf(options: CogOptions, level: Level, isOverview: boolean): TiffField[] {
  const { bands, dtype, nodata = null, palette } = options;
  const { model, format } = dtypes[dtype];
  const same = (value: number) => new Array<number>(bands).fill(value);
  const predictor = predictorOf(options);
  const fields = [
    longField(254, [isOverview ? 1 : 0]),
    longField(256, [level.width]),
    longField(257, [level.height]),
    shortField(258, same(model.BYTES_PER_ELEMENT * 8)),
    shortField(259, [8]),
    shortField(262, [palette ? 3 : 1]),
    shortField(277, [bands]),
    shortField(284, [1]),
    shortField(322, [tilePx]),
    shortField(323, [tilePx]),
    longField(325, level.tileBytes),
    shortField(339, same(format)),
  ];
  if (predictor > 1) fields.push(shortField(317, [predictor]));
  if (palette) fields.push(colourMap(palette));
  if (bands > 1) fields.push(shortField(338, same(0).slice(1)));
  if (nodata !== null) fields.push(asciiField(42_113, Number.isNaN(nodata) ? 'nan' : String(nodata)));
  if (isOverview) return fields;
  const xml = metadataXml(options.metadata ?? {}, options.bandDescriptions ?? []);
  if (xml !== null) fields.push(asciiField(42_112, xml));
  return [...fields, ...geoFields(options.crs, options.affine)];
}

/** File offsets of the tiles of each level; data stand smallest level first, from `at` on. */
function placeTiles(levels: readonly Level[], at: number): number[][] {
  const offsets: number[][] = [];
  let next = at;
  for (const level of levels.toReversed()) {
    offsets.unshift(
      level.tileBytes.map((bytes) => {
        const offset = next + leaderBytes;
        next = offset + bytes + trailerBytes;
        return offset;
      }),
    );
  }
  return offsets;
}

async function assemble(options: CogOptions, levels: readonly Level[], sink: ByteSink): Promise<void> {
  const plain = levels.map((level, index) => fieldsOf(options, level, index > 0));
  const withOffsets = (isBig: boolean, offsets: readonly (readonly number[])[]) =>
    plain.map((fields, index) => fields.concat(offsetField(324, offsets[index]!, isBig)));
  const blank = levels.map(({ tileBytes }) => tileBytes.map(() => 0));
  const dataBytes = levels
    .flatMap(({ tileBytes }) => tileBytes)
    .reduce((sum, bytes) => sum + bytes + leaderBytes + trailerBytes, 0);
  const headBytes = (isBig: boolean) =>
    withOffsets(isBig, blank).reduce((sum, fields) => sum + ifdBytes(fields, isBig), encodeHeader(isBig).length);
  const isBig = options.forceBigTiff === true || headBytes(false) + dataBytes > 0xffff_ffff;
  const header = encodeHeader(isBig);
  await sink.write(header);
  let at = header.length;
  const ifds = withOffsets(isBig, placeTiles(levels, headBytes(isBig)));
  for (const [index, fields] of ifds.entries()) {
    const end = at + ifdBytes(fields, isBig);
    await sink.write(encodeIfd(fields, at, index + 1 < ifds.length ? end : 0, isBig));
    at = end;
  }
  for (const level of levels.toReversed()) for await (const chunk of level.spool.read()) await sink.write(chunk);
}
