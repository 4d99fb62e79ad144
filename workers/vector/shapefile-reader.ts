import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { ByteSource } from '../../pipeline/ports.ts';
import { crsFromWkt } from '../../pipeline/geo/crs.ts';
import type { CrsClaim } from '../../pipeline/vector/crs-choice.ts';
import { listRows, unreadable, type VectorFeature, type VectorNote } from '../../pipeline/vector/feature.ts';
import { parseShape, parseShapeHeader, shapeHeaderBytes } from '../../pipeline/vector/shape.ts';
import { openFileSource } from '../images/file-source.ts';
import { byteWindow, readFirst } from './byte-window.ts';
import { openDbf, type DbfTable } from './dbf-reader.ts';
import type { RawLayer, VectorOptions } from './raw-layer.ts';

const copyAgain = 'Copy the shapefile again from where it came, with all its parts.';

/** Paths of the parts beside a .shp by extension, in whatever case they are written. */
async function partsOf(path: string): Promise<ReadonlyMap<string, string>> {
  const stem = basename(path, extname(path)).toLowerCase();
  const names = await readdir(dirname(path));
  return new Map(
    names
      .filter((name) => basename(name, extname(name)).toLowerCase() === stem)
      .map((name) => [extname(name).toLowerCase().slice(1), join(dirname(path), name)]),
  );
}

const textOf = async (path: string | undefined): Promise<string | null> =>
  path === undefined
    ? null
    : (await readFirst(path))
        .toString('latin1')
        .replace(/^\u00EF\u00BB\u00BF/, '')
        .trim();

/** Offsets of the records by .shx (bytes); null without one. */
async function offsetsOf(path: string | undefined): Promise<Float64Array | null> {
  if (path === undefined) return null;
  const bytes = await readFirst(path);
  const file = basename(path);
  const length = parseShapeHeader(file, bytes);
  if (length > bytes.length)
    throw unreadable(file, `它不完整 it ends early: ${bytes.length} of ${length} bytes are there.`, copyAgain);
  const count = Math.floor((Math.min(length, bytes.length) - shapeHeaderBytes) / 8);
  return Float64Array.from({ length: count }, (_, i) => bytes.readInt32BE(shapeHeaderBytes + 8 * i) * 2);
}

function claimOf(text: string | null, options: VectorOptions, file: string, notes: VectorNote[]): CrsClaim | null {
  if (text === null || text === '') return null;
  try {
    return { crs: crsFromWkt(text), how: '按 .prj by its .prj' };
  } catch (error) {
    if (options.crs === undefined) throw error;
    const message = error instanceof Error ? error.message : String(error);
    notes.push({
      code: 'prj-unused',
      message: `${file}: its .prj is not used: ${message}`,
      todo: 'Nothing: --crs was given.',
    });
    return null;
  }
}

/**
 * Open a shapefile by its .shp. Parts that are missing are named in the notes; a .shp or .dbf that is cut off is refused.
 *
 * @throws AppError INPUT_INVALID
 */
export async function openShapefileLayer(path: string, options: VectorOptions): Promise<RawLayer> {
  const file = basename(path);
  const parts = await partsOf(path);
  const notes: VectorNote[] = [];
  const source = await openFileSource(path);
  let table: DbfTable | null = null;
  try {
    const length = parseShapeHeader(file, await source.read(0, shapeHeaderBytes));
    if (length > source.size)
      throw unreadable(file, `它不完整 it ends early: ${source.size} of ${length} bytes are there.`, copyAgain, {
        length,
        size: source.size,
      });
    const offsets = await offsetsOf(parts.get('shx'));
    const dbf = parts.get('dbf');
    if (dbf === undefined)
      notes.push({
        code: 'no-dbf',
        message: `${file}: 缺 .dbf its .dbf is missing, so rows have no attributes.`,
        todo: copyAgain,
      });
    else table = await openDbf(dbf, { encoding: options.encoding ?? null, cpg: await textOf(parts.get('cpg')) });
    notes.push(...(table?.notes ?? []));
    if (offsets === null)
      notes.push({
        code: 'no-shx',
        message: `${file}: 缺 .shx its .shx is missing; records are taken as they follow one another.`,
        todo: copyAgain,
      });
    if (offsets !== null && table !== null && offsets.length !== table.rows)
      throw unreadable(file, `it has ${offsets.length} shapes but ${table.rows} rows of attributes.`, copyAgain, {
        shapes: offsets.length,
        rows: table.rows,
      });
    const opened = table;
    const declared = claimOf(await textOf(parts.get('prj')), options, file, notes);
    return {
      format: 'shapefile',
      layer: basename(path, extname(path)),
      declared,
      encoding: opened?.encoding ?? null,
      encodingHow: opened?.encodingHow ?? null,
      fields: opened?.fields ?? [],
      featureCount: offsets?.length ?? opened?.rows ?? null,
      notes,
      rows: () => rowsOf({ file, source, length, offsets, table: opened, notes }),
      async close() {
        await source.close();
        await opened?.close();
      },
    };
  } catch (error) {
    await source.close();
    await table?.close();
    throw error;
  }
}

interface Opened {
  readonly file: string;
  readonly source: ByteSource;
  /** by the head of the .shp (bytes) */
  readonly length: number;
  readonly offsets: Float64Array | null;
  readonly table: DbfTable | null;
  readonly notes: VectorNote[];
}

async function* rowsOf({ file, source, length, offsets, table, notes }: Opened): AsyncGenerator<VectorFeature> {
  const window = byteWindow(source);
  const deleted: number[] = [];
  let [at, index] = [shapeHeaderBytes, 0];
  for (; offsets === null ? at < length : index < offsets.length; index++) {
    if (offsets !== null) at = offsets[index]!;
    const row = index + 1;
    const head = window.peek(at, 8) ?? (await window.read(at, 8));
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const bytes = head.length < 8 ? -1 : view.getInt32(4) * 2;
    if (bytes < 4 || at + 8 + bytes > source.size)
      throw unreadable(file, `row ${row} is damaged: a record of ${bytes} bytes at ${at} does not fit.`, copyAgain, {
        row,
      });
    const content = window.peek(at + 8, bytes) ?? (await window.read(at + 8, bytes));
    const shape = parseShape(file, row, new DataView(content.buffer, content.byteOffset, content.byteLength));
    at += 8 + bytes;
    if (table !== null && index >= table.rows)
      throw unreadable(file, `it has more shapes than the ${table.rows} rows of attributes.`, copyAgain);
    const read = table === null ? {} : table.read(index);
    // nothing to wait for while the window holds the row
    const properties = read instanceof Promise ? await read : read;
    if (properties === null) deleted.push(row);
    else yield { row, properties, ...shape };
  }
  if (table !== null && index < table.rows)
    throw unreadable(file, `it has ${index} shapes but ${table.rows} rows of attributes.`, copyAgain);
  if (deleted.length > 0 && !notes.some(({ code }) => code === 'deleted-rows'))
    notes.push({
      code: 'deleted-rows',
      message: `${file}: 已删除的行 rows marked as deleted in the .dbf are left out: ${listRows(deleted)}.`,
      todo: 'Nothing, unless they should still count.',
    });
}
