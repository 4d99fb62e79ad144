import { z } from 'zod';
import { AppError } from '../errors.ts';
import { crc32 } from './crc.ts';
import type { ParcelLayer } from './layer.ts';

const magic = 'TWLAYER1';
const prefixBytes = 16;

const headerSchema = z.strictObject({
  format: z.literal('tianwatch-layer/1'),
  centre: z.strictObject({ lonDeg: z.number().min(-360).max(360), latDeg: z.number().min(-90).max(90) }),
  points: z.int().min(0),
  rings: z.int().min(0),
  polygons: z.int().min(0),
  features: z.int().min(0),
  columns: z.array(z.strictObject({ name: z.string(), dictionaryBytes: z.int().min(2) })),
});
type Header = z.infer<typeof headerSchema>;

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
const bytesOf = (array: Float64Array | Uint32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * A layer as bytes of `tianwatch-layer/1`; the same layer gives the same bytes.
 *
 * @see pipeline/parcel/README.md for the format
 */
export function encodeLayer(layer: ParcelLayer): Uint8Array {
  const columns = Object.entries(layer.columns).map(([name, values]) => ({ name, ...toDictionary(values) }));
  const header: Header = {
    format: 'tianwatch-layer/1',
    centre: { lonDeg: layer.centre.lonDeg, latDeg: layer.centre.latDeg },
    points: layer.coordinates.length / 2,
    rings: layer.ringStarts.length - 1,
    polygons: layer.polygonStarts.length - 1,
    features: layer.featureCount,
    columns: columns.map(({ name, dictionary }) => ({ name, dictionaryBytes: dictionary.length })),
  };
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));
  const parts = [
    headerBytes,
    bytesOf(layer.coordinates),
    bytesOf(layer.areaM2),
    bytesOf(layer.ringStarts),
    bytesOf(layer.polygonStarts),
    bytesOf(layer.featureStarts),
    ...columns.flatMap(({ dictionary, codes }) => [dictionary, bytesOf(codes)]),
  ];
  const out = new Uint8Array(prefixBytes + parts.reduce((sum, { length }) => sum + padded(length), 0));
  let at = prefixBytes;
  for (const part of parts) {
    out.set(part, at);
    at += padded(part.length);
  }
  out.set(new TextEncoder().encode(magic));
  const view = new DataView(out.buffer);
  view.setUint32(8, headerBytes.length, true);
  view.setUint32(12, crc32(out.subarray(prefixBytes)), true);
  return out;
}

/**
 * The layer of such bytes; its arrays are views into them where their place in memory allows.
 *
 * @throws AppError INPUT_INVALID where they are not a whole, undamaged `tianwatch-layer/1`
 */
export function decodeLayer(bytes: Uint8Array): ParcelLayer {
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== magic)
    throw corrupt('it does not begin with TWLAYER1');
  if (bytes.length < prefixBytes) throw corrupt(`it ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint32(8, true);
  if (crc32(bytes.subarray(prefixBytes)) !== view.getUint32(12, true)) throw corrupt('its checksum does not fit');
  const header = parseHeader(bytes.subarray(prefixBytes, prefixBytes + headerLength));
  const { points, rings, polygons, features } = header;
  const sizes = [
    16 * points,
    8 * features,
    4 * (rings + 1),
    4 * (polygons + 1),
    4 * (features + 1),
    ...header.columns.flatMap(({ dictionaryBytes }) => [dictionaryBytes, 4 * features]),
  ];
  const expected = sizes.reduce((sum, size) => sum + padded(size), prefixBytes + padded(headerLength));
  if (bytes.length !== expected) throw corrupt(`it has ${bytes.length} bytes instead of ${expected}`);
  // typed arrays want 8-byte places; little-endian like every platform Node runs on
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  let at = prefixBytes + padded(headerLength);
  const take = (length: number): Uint8Array => {
    const part = aligned.subarray(at, at + length);
    at += padded(length);
    return part;
  };
  const doubles = (count: number) => {
    const part = take(8 * count);
    return new Float64Array(part.buffer, part.byteOffset, count);
  };
  const integers = (count: number) => {
    const part = take(4 * count);
    return new Uint32Array(part.buffer, part.byteOffset, count);
  };
  const coordinates = doubles(2 * points);
  const areaM2 = doubles(features);
  const ringStarts = startsUpTo(integers(rings + 1), points, 'rings');
  const polygonStarts = startsUpTo(integers(polygons + 1), rings, 'polygons');
  const featureStarts = startsUpTo(integers(features + 1), polygons, 'features');
  const columns: Record<string, readonly string[]> = {};
  for (const { name, dictionaryBytes } of header.columns) {
    const dictionary = parseDictionary(take(dictionaryBytes), name);
    columns[name] = Array.from(integers(features), (code) => {
      const value = dictionary[code];
      if (value === undefined) throw corrupt(`column ${name} has a code ${code} of ${dictionary.length}`);
      return value;
    });
  }
  return {
    centre: header.centre,
    featureCount: features,
    coordinates,
    ringStarts,
    polygonStarts,
    featureStarts,
    areaM2,
    columns,
  };
}

/** Distinct values as a JSON array (UTF-8) in the order of their first appearance, and the position of each value. */
function toDictionary(values: readonly string[]): { readonly dictionary: Uint8Array; readonly codes: Uint32Array } {
  const positions = new Map<string, number>();
  const codes = new Uint32Array(values.length);
  values.forEach((value, i) => {
    const known = positions.get(value);
    if (known === undefined) positions.set(value, positions.size);
    codes[i] = known ?? positions.size - 1;
  });
  return { dictionary: new TextEncoder().encode(JSON.stringify([...positions.keys()])), codes };
}

function parseHeader(bytes: Uint8Array): Header {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw corrupt('its header cannot be read', error);
  }
}

function parseDictionary(bytes: Uint8Array, name: string): readonly string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw corrupt(`column ${name} cannot be read`, error);
  }
}

function startsUpTo(starts: Uint32Array, end: number, what: string): Uint32Array {
  for (let i = 1; i < starts.length; i++)
    if ((starts[i] as number) < (starts[i - 1] as number)) throw corrupt(`its ${what} are out of order`);
  if (starts[0] !== 0 || starts.at(-1) !== end) throw corrupt(`its ${what} do not fit their parts`);
  return starts;
}

function corrupt(what: string, cause?: unknown): AppError {
  return new AppError(
    'INPUT_INVALID',
    `the bytes are not a whole layer of tianwatch-layer/1: ${what}.`,
    'Import the baseline or project file again.',
    {},
    cause,
  );
}
