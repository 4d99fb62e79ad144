import { basename } from 'node:path';
import iconv from 'iconv-lite';
import type { Crs } from '../../pipeline/types.ts';
import { dbfHeader, dbfRow, type DbfField } from '../../pipeline/vector/dbf-write.ts';
import { emptyBox, shapeHeader, shapeRecord } from '../../pipeline/vector/shape-write.ts';
import { shapeHeaderBytes } from '../../pipeline/vector/shape.ts';
import { wktOf } from '../../pipeline/vector/wkt-write.ts';
import { openFileSink, writeFileAtomic, type FileSink } from '../images/file-sink.ts';
import type { VectorColumn, VectorWriter, WriteOptions } from './vector-writer.ts';

/** Bytes gathered before a write. */
const flushBytes = 1 << 20;

/** Tables repeat their words. */
const mostWords = 10_000;

function textEncoder(encoding: 'gbk' | 'utf-8'): (text: string) => Uint8Array {
  const words = new Map<string, Uint8Array>();
  return (text) => {
    const known = words.get(text);
    if (known !== undefined) return known;
    const bytes = iconv.encode(text, encoding);
    if (words.size < mostWords) words.set(text, bytes);
    return bytes;
  };
}

const dbfTypes = { text: 'C', integer: 'N', real: 'N', boolean: 'L' } as const;

const fieldOf = ({ name, type, width, decimals }: VectorColumn): DbfField => ({
  name,
  type: dbfTypes[type],
  width: type === 'boolean' ? 1 : (width ?? (type === 'text' ? 254 : 18)),
  decimals: type === 'real' ? (decimals ?? 6) : 0,
});

/**
 * A writer of polygons as .shp, .shx, .dbf and .prj.
 *
 * @param path without extension
 * @param options.encoding of the table; `gbk` as land surveys come, `utf-8` where it is not given
 * @param options.hasCpg whether a .cpg says so; files of surveys often have none
 * @see ESRI Shapefile Technical Description, 1998
 */
export async function openShapefileWriter(
  path: string,
  options: WriteOptions & { readonly encoding?: 'gbk' | 'utf-8'; readonly hasCpg?: boolean },
): Promise<VectorWriter> {
  const { crs, columns, encoding = 'utf-8', hasCpg = true } = options;
  const file = basename(path);
  const fields = columns.map(fieldOf);
  const encode = textEncoder(encoding);
  const head = dbfHeader(file, fields, 0, encode);
  const sinks = await openAll(['shp', 'shx', 'dbf'].map((extension) => `${path}.${extension}`));
  const [shp, shx, dbf] = sinks as [FileSink, FileSink, FileSink];
  const waiting: [Uint8Array[], Uint8Array[], Uint8Array[]] = [
    [new Uint8Array(shapeHeaderBytes)],
    [new Uint8Array(shapeHeaderBytes)],
    [head],
  ];
  const box = emptyBox();
  let [count, at, length] = [0, shapeHeaderBytes, 0];
  const flush = async (): Promise<void> => {
    length = 0;
    for (const [i, sink] of sinks.entries()) await sink.write(Buffer.concat(waiting[i]!.splice(0)));
  };
  return {
    add({ polygons, properties }) {
      const row = dbfRow(file, count + 1, { fields, properties, encode });
      const record = shapeRecord(++count, polygons, box);
      const index = Buffer.alloc(8);
      index.writeInt32BE(at / 2, 0);
      index.writeInt32BE((record.length - 8) / 2, 4);
      waiting[0].push(record);
      waiting[1].push(index);
      waiting[2].push(row);
      at += record.length;
      length += record.length + row.length;
      return length < flushBytes ? null : flush();
    },
    async finish() {
      waiting[2].push(Uint8Array.of(0x1a));
      await flush();
      await shp.patch(0, shapeHeader(at, box));
      await shx.patch(0, shapeHeader(shapeHeaderBytes + 8 * count, box));
      await dbf.patch(0, dbfHeader(file, fields, count, encode));
      await writeSidecars(path, crs, hasCpg ? encoding : null);
      for (const sink of sinks.toReversed()) await sink.publish();
    },
    async discard() {
      for (const sink of sinks) await sink.discard();
    },
  };
}

async function writeSidecars(path: string, crs: Crs, encoding: string | null): Promise<void> {
  await writeFileAtomic(`${path}.prj`, Buffer.from(wktOf(crs)));
  if (encoding !== null) await writeFileAtomic(`${path}.cpg`, Buffer.from(encoding.toUpperCase()));
}

async function openAll(paths: readonly string[]): Promise<readonly FileSink[]> {
  const sinks: FileSink[] = [];
  try {
    for (const path of paths) sinks.push(await openFileSink(path));
    return sinks;
  } catch (error) {
    for (const sink of sinks) await sink.discard();
    throw error;
  }
}
