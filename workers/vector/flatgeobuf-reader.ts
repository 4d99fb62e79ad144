import { basename, extname } from 'node:path';
import { generic } from 'flatgeobuf';
import type { Feature, Geometry } from 'flatgeobuf';
import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg, crsFromWkt } from '../../pipeline/geo/crs.ts';
import type { ByteSource } from '../../pipeline/ports.ts';
import type { CrsClaim } from '../../pipeline/vector/crs-choice.ts';
import {
  checkVertices,
  unreadable,
  type VectorFeature,
  type VectorPolygon,
  type VectorValue,
} from '../../pipeline/vector/feature.ts';
import { closeRing, collectShapes, type Shape } from '../../pipeline/vector/shape.ts';
import { openFileSource } from '../images/file-source.ts';
import { byteWindow } from './byte-window.ts';
import type { RawLayer, VectorOptions } from './raw-layer.ts';

const { ColumnType, GeometryType, deserialize, parseProperties } = generic;
type HeaderMeta = Parameters<generic.FromFeatureFn>[2];

const magicBytes = 8;
const maxHeaderBytes = 16 << 20;
const again = 'Export the file again as FlatGeobuf.';

interface Head {
  readonly meta: HeaderMeta;
  /** where features begin (bytes) */
  readonly start: number;
}

/** Bytes of the spatial index: nodes of 40 bytes, levels of `nodeSize`. @see https://flatgeobuf.org */
function indexBytes(items: number, nodeSize: number): number {
  if (nodeSize < 2 || items === 0) return 0;
  let [level, nodes] = [items, items];
  // a single feature has a root above it too
  do {
    level = Math.ceil(level / nodeSize);
    nodes += level;
  } while (level > 1);
  return nodes * 40;
}

async function readHead(file: string, source: ByteSource): Promise<Head> {
  const first = await source.read(0, magicBytes + 4);
  if (first.length < 12 || !Buffer.from(first.subarray(0, 7)).equals(Buffer.from('fgb\u0003fgb')))
    throw unreadable(file, 'it is no FlatGeobuf file of version 3.', again);
  const length = new DataView(first.buffer, first.byteOffset).getUint32(magicBytes, true);
  if (length > maxHeaderBytes || magicBytes + 4 + length > source.size)
    throw unreadable(file, `它不完整 its head of ${length} bytes is cut off.`, again);
  // aligned as flatbuffers need it
  const bytes = Uint8Array.from(await source.read(0, magicBytes + 4 + length));
  let meta: HeaderMeta | null = null;
  const context = { headerMetaFn: (found: HeaderMeta) => (meta = found), fromFeature: () => ({}) };
  for await (const _ of deserialize(bytes, context)) break;
  const found = meta as HeaderMeta | null;
  if (found === null) throw unreadable(file, 'its head cannot be read.', again);
  return { meta: found, start: bytes.length + indexBytes(found.featuresCount, found.indexNodeSize) };
}

/** Walk over the lengths of all features: counts them, and refuses a file that is cut off. */
async function countFeatures(file: string, source: ByteSource, { meta, start }: Head): Promise<number> {
  const window = byteWindow(source);
  let [at, count] = [start, 0];
  for (; at < source.size; count++) {
    const bytes = window.peek(at, 4) ?? (await window.read(at, 4));
    const length = bytes.length < 4 ? Infinity : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (at + 4 + length > source.size)
      throw unreadable(file, `它不完整 it ends early, within row ${count + 1}.`, again, { row: count + 1 });
    at += 4 + length;
  }
  if (meta.featuresCount > 0 && meta.featuresCount !== count)
    throw unreadable(file, `它不完整 it announces ${meta.featuresCount} features and holds ${count}.`, again);
  return count;
}

function claimOf({ crs }: HeaderMeta, options: VectorOptions): CrsClaim | null {
  if (crs === null || options.crs !== undefined) return null;
  const how = '按文件头 by its head';
  if (crs.code > 0 && (crs.org === null || crs.org.toUpperCase() === 'EPSG'))
    try {
      return { crs: crsFromEpsg(crs.code), how };
    } catch (error) {
      if (!(error instanceof AppError) || crs.wkt === null) throw error;
    }
  return crs.wkt === null ? null : { crs: crsFromWkt(crs.wkt), how };
}

function ringsOf(geometry: Geometry): VectorPolygon {
  const xy = geometry.xyArray() ?? new Float64Array(0);
  const ends = geometry.endsArray();
  let from = 0;
  return Array.from(ends === null || ends.length === 0 ? [xy.length / 2] : ends, (end) => {
    const ring: (readonly [number, number])[] = [];
    for (; from < end; from++) ring.push([xy[2 * from]!, xy[2 * from + 1]!]);
    return closeRing(ring);
  }).filter((ring) => ring.length > 0);
}

const partsOf = (geometry: Geometry): readonly Geometry[] =>
  Array.from({ length: geometry.partsLength() }, (_, i) => geometry.parts(i)!);

const verticesOf = (geometry: Geometry): number =>
  partsOf(geometry).reduce((sum, part) => sum + verticesOf(part), geometry.xyLength() / 2);

function shapeOf(file: string, row: number, feature: Feature, { geometryType }: HeaderMeta): Shape {
  const geometry = feature.geometry();
  if (geometry === null) return { geometryType: 'Null', polygons: null };
  checkVertices(file, row, verticesOf(geometry));
  return readShape(geometry, geometryType === 0 ? geometry.type() : geometryType);
}

function readShape(geometry: Geometry, type: number): Shape {
  const name = GeometryType[type] ?? `type ${type}`;
  if (name === 'Polygon')
    return { geometryType: name, polygons: [ringsOf(geometry)].filter(({ length }) => length > 0) };
  if (name === 'GeometryCollection')
    return collectShapes(partsOf(geometry).map((part) => readShape(part, part.type())));
  if (name !== 'MultiPolygon') return { geometryType: name, polygons: null };
  return {
    geometryType: name,
    polygons: partsOf(geometry)
      .map(ringsOf)
      .filter(({ length }) => length > 0),
  };
}

/** Integers of 64 bits beyond 2^53 come rounded out of the package: refused rather than wrong. */
function checkInteger(file: string, row: number, name: string, value: unknown): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return;
  const todo = 'Export the column as text.';
  throw unreadable(file, `row ${row}: ${name} has an integer of more than 15 digits (about ${value}).`, todo, {
    row,
    name,
  });
}

const longTypes: readonly number[] = [ColumnType.Long, ColumnType.ULong];

function valuesOf(file: string, row: number, feature: Feature, { columns }: HeaderMeta): Record<string, VectorValue> {
  const parsed = parseProperties(feature, columns);
  const out: Record<string, VectorValue> = {};
  for (const { name, type } of columns ?? []) {
    if (type === ColumnType.Binary) continue;
    const value = parsed[name] ?? null;
    if (longTypes.includes(type)) checkInteger(file, row, name, value);
    out[name] = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  }
  return out;
}

/**
 * Open a FlatGeobuf file; columns of bytes are left out with a note.
 *
 * @throws AppError INPUT_INVALID where it is cut off
 */
export async function openFlatgeobufLayer(path: string, options: VectorOptions): Promise<RawLayer> {
  const file = basename(path);
  const source = await openFileSource(path);
  try {
    const head = await readHead(file, source);
    const columns = head.meta.columns ?? [];
    return {
      format: 'flatgeobuf',
      layer: head.meta.title ?? basename(path, extname(path)),
      declared: claimOf(head.meta, options),
      encoding: null,
      encodingHow: null,
      fields: columns.filter(({ type }) => type !== ColumnType.Binary).map(({ name }) => name),
      featureCount: await countFeatures(file, source, head),
      notes: columns
        .filter(({ type }) => type === ColumnType.Binary)
        .map(({ name }) => ({
          code: 'bytes-column',
          message: `${file}: column ${name} holds bytes and is left out.`,
          todo: 'Nothing, unless it should have been text.',
        })),
      rows: () => rowsOf(file, source),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

const chunkBytes = 1 << 20;

function streamOf(source: ByteSource): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const chunk = await source.read(at, chunkBytes);
      at += chunk.length;
      if (chunk.length === 0) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

async function* rowsOf(file: string, source: ByteSource): AsyncGenerator<VectorFeature> {
  let next: VectorFeature | null = null;
  let row = 0;
  const fromFeature = (id: number, feature: Feature, meta: HeaderMeta) => {
    row = id + 1;
    next = { row, properties: valuesOf(file, row, feature, meta), ...shapeOf(file, row, feature, meta) };
    return {};
  };
  try {
    for await (const _ of deserialize(streamOf(source), { fromFeature })) if (next !== null) yield next;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw unreadable(file, `row ${row + 1} is damaged: ${error.message}.`, again, { row: row + 1 });
  }
}
