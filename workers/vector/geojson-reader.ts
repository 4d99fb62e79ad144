import { isUtf8 } from 'node:buffer';
import { basename, extname } from 'node:path';
import type { ByteSource } from '../../pipeline/ports.ts';
import { unreadable, type VectorFeature } from '../../pipeline/vector/feature.ts';
import { geojsonCrs } from '../../pipeline/vector/geojson-crs.ts';
import { geojsonProperties, geojsonShape } from '../../pipeline/vector/geojson-geometry.ts';
import { splitGeojson } from '../../pipeline/vector/json-split.ts';
import { encodingName, textDecoder } from '../../pipeline/vector/text-score.ts';
import { openFileSource } from '../images/file-source.ts';
import type { RawLayer, VectorOptions } from './raw-layer.ts';

const chunkBytes = 4 << 20;
/** Rows whose attributes name the fields. */
const fieldRows = 1000;
/** A lone Feature or geometry is parsed in one piece. */
const maxLoneBytes = 128 << 20;

const repair = 'Export the file again as UTF-8.';

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size;) {
    const chunk = await source.read(at, chunkBytes);
    if (chunk.length === 0) return;
    at += chunk.length;
    yield chunk;
  }
}

/** Whether all of it is UTF-8, characters across chunks included. */
async function isAllUtf8(source: ByteSource): Promise<boolean> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunksOf(source)) {
    let cut = chunk.length;
    // the last character may go on in the next chunk
    while (cut > Math.max(0, chunk.length - 4) && (chunk[cut - 1]! & 0xc0) === 0x80) cut--;
    if (cut > 0 && chunk[cut - 1]! >= 0xc0) cut--;
    if (!isUtf8(rest.length === 0 ? chunk.subarray(0, cut) : Buffer.concat([rest, chunk.subarray(0, cut)])))
      return false;
    rest = chunk.slice(cut);
  }
  return isUtf8(rest);
}

async function encodingOf(
  file: string,
  source: ByteSource,
  option: string | undefined,
): Promise<{ encoding: string; how: string }> {
  const wanted = option === undefined ? null : encodingName(option);
  if (option !== undefined && wanted === null)
    throw unreadable(file, `"${option}" is no encoding.`, 'Give utf-8 or gb18030.');
  const [a = 0, b = 0] = await source.read(0, 2);
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    return { encoding: a === 0xff ? 'utf-16le' : 'utf-16be', how: '按 BOM by its byte order mark' };
  const isValid = await isAllUtf8(source);
  if (wanted !== null && wanted !== 'utf-8') return { encoding: wanted, how: '按选项 option' };
  if (isValid) return { encoding: 'utf-8', how: 'RFC 7946 的规定 as RFC 7946 has it' };
  if (wanted === 'utf-8')
    throw unreadable(file, 'it is not valid UTF-8.', 'Give --encoding gb18030, or leave the option out.');
  return { encoding: 'gb18030', how: '按字节检测 detected from the bytes (not UTF-8)' };
}

/** The text as UTF-8, whatever it was; what cannot be decoded is refused. */
async function* utf8Chunks(file: string, source: ByteSource, encoding: string): AsyncGenerator<Uint8Array> {
  const bom = [0xef, 0xbb, 0xbf];
  if (encoding === 'utf-8') {
    let isFirst = true;
    for await (const chunk of chunksOf(source)) {
      yield isFirst && bom.every((byte, i) => chunk[i] === byte) ? chunk.subarray(3) : chunk;
      isFirst = false;
    }
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of chunksOf(source)) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw unreadable(file, `乱码 its text is neither UTF-8 nor ${encoding}.`, repair);
  }
}

const parseJson = (file: string, row: number, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(textDecoder('utf-8')(bytes)) as unknown;
  } catch (error) {
    throw unreadable(
      file,
      `feature ${row} is no JSON: ${error instanceof Error ? error.message : String(error)}.`,
      'Correct or remove this feature.',
      { row },
    );
  }
};

function featureOf(file: string, row: number, value: unknown): VectorFeature {
  const { type, geometry, properties } = value as Readonly<Record<string, unknown>>;
  if (type !== 'Feature')
    throw unreadable(file, `element ${row} of its features is "${String(type)}", not a Feature.`, repair, { row });
  try {
    return { row, properties: geojsonProperties(properties), ...geojsonShape(file, row, geometry) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw unreadable(file, `feature ${row} is nested too deep.`, 'Correct or remove this feature.', { row });
  }
}

async function* featuresOf(file: string, source: ByteSource, encoding: string): AsyncGenerator<VectorFeature> {
  const splitter = splitGeojson(file);
  let row = 0;
  for await (const chunk of utf8Chunks(file, source, encoding))
    for (const bytes of splitter.push(chunk)) {
      row++;
      yield featureOf(file, row, parseJson(file, row, bytes));
    }
  splitter.end();
}

/** A file that is one Feature or one geometry. */
async function loneFeature(file: string, source: ByteSource, encoding: string): Promise<VectorFeature> {
  if (source.size > maxLoneBytes)
    throw unreadable(file, `it has no list of features and ${source.size} bytes.`, repair);
  const chunks: Uint8Array[] = [];
  for await (const chunk of utf8Chunks(file, source, encoding)) chunks.push(chunk);
  const value = parseJson(file, 1, Buffer.concat(chunks)) as Readonly<Record<string, unknown>>;
  return featureOf(file, 1, value['type'] === 'Feature' ? value : { type: 'Feature', geometry: value, properties: {} });
}

/**
 * Open a GeoJSON file: RFC 7946, or older with a `crs` member; UTF-8, UTF-16 or GBK. It is read as a stream.
 *
 * @throws AppError INPUT_INVALID where it is cut off or no GeoJSON
 */
export async function openGeojsonLayer(path: string, options: VectorOptions): Promise<RawLayer> {
  const file = basename(path);
  const source = await openFileSource(path);
  try {
    const { encoding, how } = await encodingOf(file, source, options.encoding);
    const splitter = splitGeojson(file);
    const fields = new Set<string>();
    let count = 0;
    for await (const chunk of utf8Chunks(file, source, encoding))
      for (const bytes of splitter.push(chunk))
        if (++count <= fieldRows)
          for (const name of Object.keys(featureOf(file, count, parseJson(file, count, bytes)).properties))
            fields.add(name);
    splitter.end();
    const member = (name: string): unknown => {
      const text = splitter.members.get(name);
      return text === undefined ? undefined : parseJson(file, 0, Buffer.from(text));
    };
    const lone = splitter.hasFeatures() ? null : await loneFeature(file, source, encoding);
    for (const name of Object.keys(lone?.properties ?? {})) fields.add(name);
    const name = member('name');
    return {
      format: 'geojson',
      layer: typeof name === 'string' && name !== '' ? name : basename(path, extname(path)),
      declared: options.crs === undefined ? geojsonCrs(file, member('crs')) : null,
      encoding,
      encodingHow: how,
      fields: [...fields],
      featureCount: lone === null ? count : 1,
      notes: [],
      rows: lone === null ? () => featuresOf(file, source, encoding) : () => only(lone),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function* only(feature: VectorFeature): AsyncGenerator<VectorFeature> {
  yield feature;
}
