import { AppError } from '../errors.ts';
import { gsdOf } from '../geo/area.ts';
import type { GeotiffFile } from '../raster/geotiff.ts';
import type { BandName, Dtype, Grid } from '../types.ts';
import { dateInMetadata, datesInName, parseDate } from './acquired.ts';
import { nameBands, isSentinel2Style, type BandSource } from './bands.ts';
import { numberOfText } from './band-name.ts';
import { hintOfBand, type SceneHint } from './hint.ts';
import type { FileSample } from './sample.ts';
import { scaleBand, type BandScaling, type ScalingQuestion } from './scaling.ts';
import {
  findSensor,
  readProductName,
  sensorInWords,
  sensorTexts,
  type ProductName,
  type Sensor,
  type SensorTable,
} from './sensor.ts';
import { baseName } from './uri.ts';

/** One band as far as it is understood. */
export interface BandFacts {
  readonly name: BandName | null;
  readonly description: string | null;
  readonly dtype: Dtype;
  /** as declared by sidecar, STAC or file */
  readonly nodata: number | null;
  /** what a run takes for no data: as declared, or what the sensor's specification reserves in whole numbers */
  readonly nodataUsed: number | null;
  /** null: not known to be reflectance */
  readonly scaling: BandScaling | null;
}

export type DateSource = SceneHint['from'] | 'metadata' | 'tag' | 'name';

/** One file as far as it is understood, header and hints together. */
export interface FileFacts {
  readonly uri: string;
  readonly bands: readonly BandFacts[];
  readonly bandsFrom: BandSource | null;
  /** id of the sensor table, or the text as given where it is not in the table */
  readonly sensor: string | null;
  readonly sensorEntry: Sensor | null;
  readonly acquired: string | null;
  readonly acquiredFrom: DateSource | null;
  /** different dates in the file name, where it was asked and could not be decided */
  readonly rivalDates: readonly string[];
  /** null without a CRS and an affine */
  readonly grid: Grid | null;
  /** m, null without a grid */
  readonly gsdM: { readonly x: number; readonly y: number; readonly mean: number } | null;
  /** null where the alpha band has a name of its own */
  readonly alphaIndex: number | null;
}

/** Original products named anywhere in metadata or descriptions, such as the MTL file of a stacked Landsat scene. */
function productInTexts(file: GeotiffFile, table: SensorTable): ProductName | null {
  const texts = [
    ...Object.values(file.metadata),
    ...file.bands.map((band) => band.description ?? ''),
    file.description ?? '',
  ];
  const words = texts.flatMap((text) => text.slice(0, 1000).split(/[\s():;,=/\\]+/));
  return words.map((word) => readProductName(table, word)).find((product) => product !== null) ?? null;
}

interface SensorFound {
  readonly sensor: string | null;
  readonly entry: Sensor | null;
  readonly isCertain: boolean;
}

function resolveSensor(
  file: GeotiffFile,
  hints: readonly SceneHint[],
  products: readonly (ProductName | null)[],
  table: SensorTable,
): SensorFound {
  const said = hints.map((hint) => hint.sensor ?? null).find((text) => text !== null) ?? null;
  if (said !== null) {
    const entry = findSensor(table, said);
    return { sensor: entry?.id ?? said, entry, isCertain: true };
  }
  const texts = sensorTexts(file.metadata);
  const known =
    texts.map((text) => findSensor(table, text)).find((entry) => entry !== null) ??
    products.find((product) => product !== null)?.sensor ??
    null;
  if (known) return { sensor: known.id, entry: known, isCertain: true };
  const words = hints.find((hint) => hint.bands)?.bands ?? file.bands.map((band) => band.description ?? '');
  const byStyle = isSentinel2Style(words.map(numberOfText)) ? findSensor(table, 'sentinel-2') : null;
  const entry = byStyle ?? (texts.length === 0 ? sensorInWords(table, baseName(file.uri)) : null);
  return { sensor: entry?.id ?? texts[0] ?? null, entry, isCertain: byStyle !== null };
}

type DateFound = Pick<FileFacts, 'acquired' | 'acquiredFrom' | 'rivalDates'>;

function found(acquired: string, acquiredFrom: DateSource): DateFound {
  return { acquired, acquiredFrom, rivalDates: [] };
}

function resolveDate(
  file: GeotiffFile,
  hints: readonly SceneHint[],
  [inName, inTexts]: readonly (ProductName | null)[],
): DateFound {
  for (const hint of hints) if (hint.acquired) return found(hint.acquired, hint.from);
  const item = dateInMetadata(file.metadata) ?? inTexts?.date;
  if (item) return found(item, 'metadata');
  const tag = file.dateTime === null ? null : parseDate(file.dateTime);
  if (tag !== null) return found(tag, 'tag');
  // an original product's name holds the date of processing too, so its own rule goes first
  if (inName?.date) return found(inName.date, 'name');
  const dates = datesInName(baseName(file.uri));
  const [only] = dates;
  return only !== undefined && dates.length === 1
    ? found(only, 'name')
    : { acquired: null, acquiredFrom: null, rivalDates: dates };
}

/**
 * Samples a stored byte may stand for. Blocks of one value reach 1e5 (ZSTD, or never-written blocks in a table); what
 * claims more than this has no image in it.
 */
const maxSamplesPerByte = 1e6;

/** @throws AppError INPUT_INVALID for a file too small to hold anything of the size that it claims */
export function requireSubstance({ uri, width, height, bands, bytes }: GeotiffFile): void {
  if (width * height * bands.length <= bytes * maxSamplesPerByte) return;
  const message = `${uri}: it claims ${width} × ${height} px and ${bands.length} band${bands.length === 1 ? '' : 's'} in ${bytes} bytes.`;
  throw new AppError('INPUT_INVALID', message, 'The file is damaged or empty: get it again.', {
    uri,
    width,
    height,
    bytes,
  });
}

/**
 * Everything a header, its sidecar, its STAC Item and the flags say of one file, each question answered by the first
 * that answers it.
 *
 * @param hints flag, sidecar, STAC in this order; those without a word on a question are passed over
 * @param sample needed to tell reflectance from other values in float bands
 * @throws AppError CONFIG_INVALID (flags), INPUT_INVALID (sidecar, STAC, a band named twice)
 */
export function describeFile(
  file: GeotiffFile,
  hints: readonly SceneHint[],
  table: SensorTable,
  sample: FileSample | null,
): FileFacts {
  const inName = readProductName(table, baseName(file.uri));
  const products = [inName, productInTexts(file, table)];
  const { sensor, entry, isCertain } = resolveSensor(file, hints, products, table);
  const { uri, bands, alphaIndex, metadata } = file;
  const named = nameBands({
    uri,
    bands,
    alphaIndex,
    hints,
    sensor: entry,
    isSensorCertain: isCertain,
    productBand: inName?.band ?? null,
    table,
  });
  const question: ScalingQuestion = { uri, bands, hints, sensor: entry, metadata, sample };
  const grid =
    file.crs && file.affine ? { crs: file.crs, affine: file.affine, width: file.width, height: file.height } : null;
  return {
    uri,
    bands: bands.map((band, index) => {
      const name = named.names[index] ?? null;
      const isMask = name === 'scl' || name === 'cloudmask';
      const nodata = hints.map((hint) => hintOfBand(hint.nodata, index)).find((value) => value !== null) ?? band.nodata;
      const reserved = isMask || band.dtype.startsWith('float') ? null : (entry?.nodata ?? null);
      return {
        name,
        description: band.description,
        dtype: band.dtype,
        nodata,
        nodataUsed: nodata ?? reserved,
        scaling: isMask ? { scale: 1, offset: 0, from: 'file' } : scaleBand(question, index),
      };
    }),
    bandsFrom: named.from,
    sensor,
    sensorEntry: entry,
    ...resolveDate(file, hints, products),
    grid,
    gsdM: grid && gsdOf(grid),
    alphaIndex: alphaIndex !== null && named.names[alphaIndex] ? null : alphaIndex,
  };
}
