import { basename } from 'node:path';
import type { ByteSource } from '../../pipeline/ports.ts';
import {
  dbfBytes,
  dbfValue,
  isAscii,
  parseDbfHeader,
  type DbfColumn,
  type DbfHeader,
} from '../../pipeline/vector/dbf.ts';
import { chooseEncoding, decodeCut, type TextSample } from '../../pipeline/vector/encoding.ts';
import { unreadable, type VectorFeature, type VectorNote } from '../../pipeline/vector/feature.ts';
import { textDecoder } from '../../pipeline/vector/text-score.ts';
import { openFileSource } from '../images/file-source.ts';
import { byteWindow } from './byte-window.ts';

/** A dBase table that was opened. */
export interface DbfTable {
  readonly rows: number;
  readonly fields: readonly string[];
  readonly encoding: string;
  readonly encodingHow: string;
  readonly notes: readonly VectorNote[];
  /** attributes of a row (0-based); null where it is marked as deleted */
  read(index: number): Promise<VectorFeature['properties'] | null> | VectorFeature['properties'] | null;
  close(): Promise<void>;
}

/** Blocks of rows, spread over the table, whose text is looked at. */
const sampleBlocks = 32;
const sampleRows = 64;

/** Words repeat; the cache is emptied rather than grown. */
const mostWords = 20_000;

/**
 * Open a .dbf.
 *
 * @param options.encoding what the user says
 * @param options.cpg text of the .cpg beside it
 * @throws AppError INPUT_INVALID where it is damaged or cut off, or its encoding cannot be told
 */
export async function openDbf(
  path: string,
  options: { readonly encoding: string | null; readonly cpg: string | null },
): Promise<DbfTable> {
  const file = basename(path);
  const source = await openFileSource(path);
  try {
    const header = parseDbfHeader(file, await source.read(0, 65_536));
    const { rows, headerBytes, rowBytes } = header;
    const whole = Math.floor((source.size - headerBytes) / rowBytes);
    if (whole < rows)
      throw unreadable(
        file,
        `它不完整 it ends early: ${rows} rows are announced, ${Math.max(0, whole)} are there.`,
        'Copy the file again from where it came.',
        { rows, whole },
      );
    const samples = await sampleText(source, header);
    const choice = chooseEncoding({
      file,
      option: options.encoding,
      cpg: options.cpg,
      languageDriver: header.languageDriver,
      samples,
    });
    const decode = textDecoder(choice.encoding);
    const { fields, notes } = fieldNames(file, header.columns, decode);
    const words = new Map<string, string>();
    const decodeWord = (latin: string, isFull: boolean): string => {
      const known = words.get(latin);
      if (known !== undefined) return known;
      if (words.size >= mostWords) words.clear();
      const text = decodeCut(decode, Buffer.from(latin, 'latin1'), isFull);
      words.set(latin, text);
      return text;
    };
    const rowOf = (bytes: Uint8Array): VectorFeature['properties'] | null => {
      if (bytes[0] === 0x2a) return null;
      const line = Buffer.from(bytes.buffer, bytes.byteOffset, rowBytes).toString('latin1');
      const out: Record<string, VectorFeature['properties'][string]> = {};
      for (let i = 0; i < fields.length; i++) out[fields[i]!] = dbfValue(line, bytes, header.columns[i]!, decodeWord);
      return out;
    };
    const window = byteWindow(source);
    return {
      rows,
      fields,
      encoding: choice.encoding,
      encodingHow: choice.how,
      notes: [...choice.notes, ...notes],
      read(index) {
        const at = headerBytes + index * rowBytes;
        const bytes = window.peek(at, rowBytes);
        return bytes === null ? window.read(at, rowBytes).then(rowOf) : rowOf(bytes);
      },
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function sampleText(
  source: ByteSource,
  { rows, headerBytes, rowBytes, columns }: DbfHeader,
): Promise<TextSample[]> {
  const texts = columns.filter(({ type }) => type === 'C');
  const step = Math.max(sampleRows, Math.ceil(rows / sampleBlocks));
  const samples: TextSample[] = columns
    .filter(({ name }) => !isAscii(name))
    .map(({ name }) => ({ row: 0, bytes: name, isFull: name.length >= 10 }));
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(sampleRows, rows - first);
    const bytes = await source.read(headerBytes + first * rowBytes, count * rowBytes);
    for (let row = 0; row < count; row++)
      for (const column of texts) {
        const value = dbfBytes(bytes, row * rowBytes, column);
        if (!isAscii(value))
          samples.push({ row: first + row + 1, bytes: value, isFull: value.length === column.width });
      }
  }
  return samples;
}

function fieldNames(
  file: string,
  columns: readonly DbfColumn[],
  decode: (bytes: Uint8Array) => string,
): { fields: string[]; notes: VectorNote[] } {
  const fields: string[] = [];
  const twice: string[] = [];
  for (const { name } of columns) {
    const plain = decodeCut(decode, name, name.length >= 10).trim();
    let unique = plain;
    for (let i = 2; fields.includes(unique); i++) unique = `${plain}_${i}`;
    if (unique !== plain) twice.push(plain);
    fields.push(unique);
  }
  const notes = twice.map((name) => ({
    code: 'field-twice',
    message: `${file}: column ${name} is there twice; the later one is called ${name}_2.`,
    todo: 'Check which of them is meant.',
  }));
  return { fields, notes };
}
