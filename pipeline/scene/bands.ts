import { AppError } from '../errors.ts';
import type { GeotiffBand } from '../raster/geotiff.ts';
import type { BandName } from '../types.ts';
import { metadataKey } from './acquired.ts';
import { nameOfText, namesOfWavelengths, numberOfText, type BandNumber } from './band-name.ts';
import type { SceneHint } from './hint.ts';
import type { Sensor, SensorTable } from './sensor.ts';

/** Who named the bands, in the order in which they are asked. */
export type BandSource = SceneHint['from'] | 'description' | 'wavelength' | 'product' | 'sensor';

export interface NamedBands {
  /** one a band of the file; null: not known or left out */
  readonly names: readonly (BandName | null)[];
  readonly from: BandSource | null;
}

export interface BandQuestion {
  readonly uri: string;
  readonly bands: readonly GeotiffBand[];
  readonly alphaIndex: number | null;
  /** flag, sidecar, STAC in this order */
  readonly hints: readonly SceneHint[];
  readonly sensor: Sensor | null;
  /** false: the sensor is a mere word of the file name, so it fixes no order of bands */
  readonly isSensorCertain: boolean;
  /** band in the name of an original product, e.g. `SR_B4` */
  readonly productBand: string | null;
  readonly table: SensorTable;
}

const nameKeys = new Set(['BANDNAME', 'NAME', 'LONGNAME', 'COMMONNAME', 'BAND', 'COLORINTERP']);

/** Description and name-like metadata of a band. */
function textsOf(band: GeotiffBand): string[] {
  const items = Object.entries(band.metadata).filter(([key]) => nameKeys.has(metadataKey(key)));
  return [band.description ?? '', ...items.map(([, value]) => value)].filter((text) => text.trim() !== '');
}

/**
 * Whether numbered names can only be Sentinel-2's: one is `B8A`, or they are padded (`B02`) and hold a number that the
 * other padded scheme (HLS L30: B01-B07, B09-B11) lacks.
 */
export function isSentinel2Style(numbers: readonly (BandNumber | null)[]): boolean {
  const known = numbers.filter((number) => number !== null);
  if (known.some(({ isWord }) => isWord)) return false;
  if (known.some(({ number }) => number === '8A')) return true;
  const isPadded = known.length > 0 && known.every(({ number, isPadded: padded }) => padded || Number(number) > 9);
  return (
    isPadded && known.some((number) => number.isPadded) && known.some(({ number }) => number === '8' || number === '12')
  );
}

/** Padded names that mean the same to Sentinel-2 and to Landsat 8 in HLS. */
const sharedPadded: Readonly<Record<string, BandName>> = { '1': 'coastal', '2': 'blue', '3': 'green', '4': 'red' };

function namesOfNumbers(
  numbers: readonly (BandNumber | null)[],
  sensor: Sensor | null,
  table: SensorTable,
): (BandName | null)[] {
  // "Band 1, Band 2, …" is what many programs write for the position
  const isPosition = numbers.every((number, index) => number?.isWord && number.number === String(index + 1));
  if (isPosition) return numbers.map(() => null);
  const set = sensor ? table.bandSets[sensor.bandSet] : isSentinel2Style(numbers) ? table.bandSets['msi'] : undefined;
  if (set) return numbers.map((number) => (number ? (set[number.number] ?? null) : null));
  const isShared = numbers.every((number) => number === null || (number.isPadded && number.number in sharedPadded));
  return numbers.map((number) => (number && isShared ? (sharedPadded[number.number] ?? null) : null));
}

/** `nir08` is the common name of the only near-infrared band of Landsat 8; Sentinel-2 has both. */
function withOneNir({ names, from }: NamedBands, { sensor, table }: BandQuestion): readonly (BandName | null)[] {
  if (from !== 'wavelength' && from !== 'stac') return names;
  const isFew = names.includes('red') && !names.includes('rededge078');
  const hasBoth = sensor ? Object.values(table.bandSets[sensor.bandSet] ?? {}).includes('nir08') : !isFew;
  return names.map((name) => (name === 'nir08' && !hasBoth && !names.includes('nir') ? 'nir' : name));
}

function namesOfHint(question: BandQuestion, hint: SceneHint): (BandName | null)[] {
  const { uri, bands, alphaIndex, sensor, table } = question;
  const words = hint.bands ?? [];
  const code = hint.from === 'flag' ? 'CONFIG_INVALID' : 'INPUT_INVALID';
  const isAllButAlpha = alphaIndex === bands.length - 1 && words.length === alphaIndex;
  if (words.length !== bands.length && !isAllButAlpha) {
    const message = `${hint.label} names ${words.length} band${words.length === 1 ? '' : 's'} (${words.join(',')}), ${uri} has ${bands.length}.`;
    throw new AppError(code, message, 'Give one name a band; - leaves a band out.');
  }
  const numbered = namesOfNumbers(words.map(numberOfText), sensor, table);
  const names = bands.map((_, index) => {
    const word = words[index] ?? '-';
    if (word === '-') return null;
    const name = nameOfText(word) ?? numbered[index] ?? null;
    if (name !== null) return name;
    const needsSensor = numberOfText(word) !== null && !sensor;
    const todo = needsSensor
      ? 'Numbered bands differ between sensors: give --sensor too.'
      : 'Known are R, G, B, NIR, SWIR1, SWIR2, RedEdge1 …; - leaves a band out.';
    throw new AppError(code, `${hint.label}: ${word} is no band name.`, todo);
  });
  return names;
}

const firstOf = <T>(texts: readonly string[], read: (text: string) => T | null) =>
  texts.map(read).find((found) => found !== null) ?? null;

function namesOfDescriptions(question: BandQuestion): NamedBands {
  const texts = question.bands.map(textsOf);
  const numbered = namesOfNumbers(
    texts.map((each) => firstOf(each, numberOfText)),
    question.sensor,
    question.table,
  );
  const described = texts.map((each, index) => firstOf(each, nameOfText) ?? numbered[index] ?? null);
  const wavelengths = question.bands.map((band, index) => (described[index] ? null : band.wavelengthNm));
  const measured = namesOfWavelengths(wavelengths).map((name) => (described.includes(name) ? null : name));
  const names = described.map((name, index) => name ?? measured[index] ?? null);
  const from = described.some((name) => name !== null)
    ? 'description'
    : measured.some((name) => name !== null)
      ? 'wavelength'
      : null;
  return { names, from };
}

function nameOfProduct({ bands, productBand, sensor, table }: BandQuestion): BandName | null {
  if (bands.length !== 1 || productBand === null) return null;
  return nameOfText(productBand) ?? namesOfNumbers([numberOfText(productBand)], sensor, table)[0] ?? null;
}

/**
 * The order of bands that the sensor's specification fixes. Not where the file calls a band red, green or blue and the
 * table another: somebody has put the bands in another order.
 */
function namesOfOrder({ bands, sensor, isSensorCertain }: BandQuestion): readonly (BandName | null)[] | null {
  const order = isSensorCertain ? sensor?.orders.find((each) => each.length === bands.length) : undefined;
  const isContradicted = bands.some(
    ({ colour }, index) => (colour === 'red' || colour === 'green' || colour === 'blue') && order?.[index] !== colour,
  );
  return order && !isContradicted ? order : null;
}

/**
 * Names the bands of one file: flag, sidecar, STAC, description, wavelength, name of an original one-band product,
 * sensor table. Colour interpretation is not asked: writers set red, green, blue, alpha for any 3 or 4 bytes a pixel,
 * false-colour and R,G,B,NIR files included.
 *
 * @throws AppError CONFIG_INVALID (flag) or INPUT_INVALID (sidecar, STAC) for words that are no band or do not fit the
 * file; the same for a band that is named twice
 */
export function nameBands(question: BandQuestion): NamedBands {
  const hint = question.hints.find((each) => each.bands);
  const named = hint ? { names: namesOfHint(question, hint), from: hint.from } : namesOfFile(question);
  const names = withOneNir(named, question);
  const twice = names.find((name, index) => name !== null && names.indexOf(name) !== index);
  if (twice === undefined) return { names, from: named.from };
  const at = names.flatMap((name, index) => (name === twice ? [index + 1] : [])).join(' and ');
  const message = `${question.uri}: bands ${at} are both ${String(twice)}${hint ? ` (${hint.label})` : ''}.`;
  throw new AppError(
    hint?.from === 'flag' ? 'CONFIG_INVALID' : 'INPUT_INVALID',
    message,
    'Name each band once, with --bands; - leaves a band out.',
  );
}

function namesOfFile(question: BandQuestion): NamedBands {
  const described = namesOfDescriptions(question);
  if (described.from !== null) return described;
  const product = nameOfProduct(question);
  if (product !== null) return { names: [product], from: 'product' };
  const order = namesOfOrder(question);
  return order ? { names: order, from: 'sensor' } : described;
}
