import { unreadable, type VectorValue } from './feature.ts';

/** A column of a dBase table to be written. */
export interface DbfField {
  /** at most 10 bytes */
  readonly name: string;
  /** C text, N number, L logical, D date (ISO) */
  readonly type: 'C' | 'N' | 'L' | 'D';
  /** bytes: at most 254, of N 20; L has 1, D 8 */
  readonly width: number;
  readonly decimals?: number;
}

export type TextEncoder = (text: string) => Uint8Array;

/** Date in the head: fixed, since the same input gives the same bytes. */
const tableDate = [126, 1, 1] as const;

/** Head of a dBase III table. @throws AppError INPUT_INVALID for a name that does not fit */
export function dbfHeader(file: string, fields: readonly DbfField[], rows: number, encode: TextEncoder): Uint8Array {
  const out = new Uint8Array(33 + 32 * fields.length);
  const view = new DataView(out.buffer);
  out[0] = 3;
  out.set(tableDate, 1);
  view.setUint32(4, rows, true);
  view.setUint16(8, out.length, true);
  view.setUint16(10, 1 + fields.reduce((sum, { width }) => sum + width, 0), true);
  fields.forEach(({ name, type, width, decimals = 0 }, i) => {
    const at = 32 + 32 * i;
    const bytes = encode(name);
    if (bytes.length > 10)
      throw unreadable(
        file,
        `column name ${name} takes ${bytes.length} bytes.`,
        'Shapefiles hold 10: choose a shorter name, or GeoPackage.',
      );
    out.set(bytes, at);
    out[at + 11] = type.charCodeAt(0);
    out[at + 16] = width;
    out[at + 17] = decimals;
  });
  out[out.length - 1] = 0x0d;
  return out;
}

function textOf(value: VectorValue, { type, width, decimals = 0 }: DbfField): string {
  if (value === null || value === '') return type === 'L' ? '?' : '';
  if (type === 'N') return Number(value).toFixed(decimals).padStart(width);
  if (type === 'L') return value === true || value === 'true' ? 'T' : 'F';
  return type === 'D' ? String(value).replaceAll('-', '').slice(0, 8) : String(value);
}

/**
 * A row of the table.
 *
 * @param row 1-based, for messages
 * @throws AppError INPUT_INVALID where a value does not fit its column
 */
export function dbfRow(
  file: string,
  row: number,
  {
    fields,
    properties,
    encode,
  }: {
    readonly fields: readonly DbfField[];
    readonly properties: Readonly<Record<string, VectorValue>>;
    readonly encode: TextEncoder;
  },
): Uint8Array {
  const out = new Uint8Array(1 + fields.reduce((sum, { width }) => sum + width, 0)).fill(0x20);
  let at = 1;
  for (const field of fields) {
    const bytes = encode(textOf(properties[field.name] ?? null, field));
    if (bytes.length > field.width)
      throw unreadable(
        file,
        `row ${row}: ${field.name} takes ${bytes.length} bytes, its column has ${field.width}.`,
        'Widen the column, or write a GeoPackage.',
        { row },
      );
    out.set(bytes, at);
    at += field.width;
  }
  return out;
}
