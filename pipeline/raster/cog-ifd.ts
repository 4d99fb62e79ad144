/** One TIFF field: little-endian `bytes` hold `count` values of TIFF type `type`. */
export interface TiffField {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

const asciiType = 2;
const shortType = 3;
const longType = 4;
const doubleType = 12;
const long8Type = 16;

function bytesOf(values: Uint16Array | Uint32Array | Float64Array | BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** NUL-terminated text; UTF-8, as GDAL reads it. */
export function asciiField(tag: number, text: string): TiffField {
  const bytes = new TextEncoder().encode(`${text}\0`);
  return { tag, type: asciiType, count: bytes.length, bytes };
}

export function shortField(tag: number, values: readonly number[]): TiffField {
  return { tag, type: shortType, count: values.length, bytes: bytesOf(Uint16Array.from(values)) };
}

export function longField(tag: number, values: readonly number[]): TiffField {
  return { tag, type: longType, count: values.length, bytes: bytesOf(Uint32Array.from(values)) };
}

export function doubleField(tag: number, values: readonly number[]): TiffField {
  return { tag, type: doubleType, count: values.length, bytes: bytesOf(Float64Array.from(values)) };
}

/** File offsets: LONG, in BigTIFF LONG8. */
export function offsetField(tag: number, values: readonly number[], isBig: boolean): TiffField {
  if (!isBig) return longField(tag, values);
  return { tag, type: long8Type, count: values.length, bytes: bytesOf(BigUint64Array.from(values, BigInt)) };
}

/** Bytes an IFD takes with the values that do not fit into its entries. */
export function ifdBytes(fields: readonly TiffField[], isBig: boolean): number {
  const inline = isBig ? 8 : 4;
  const entries = isBig ? 8 + fields.length * 20 + 8 : 2 + fields.length * 12 + 4;
  return fields.reduce((sum, { bytes }) => sum + (bytes.length > inline ? align(bytes.length) : 0), align(entries));
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/**
 * One IFD followed by its values.
 *
 * @param at file offset it will stand at, even
 * @param next file offset of the next IFD, 0 = none
 */
export function encodeIfd(fields: readonly TiffField[], at: number, next: number, isBig: boolean): Uint8Array {
  const out = new Uint8Array(ifdBytes(fields, isBig));
  const view = new DataView(out.buffer);
  const inline = isBig ? 8 : 4;
  const entryBytes = isBig ? 20 : 12;
  const putOffset = (where: number, value: number) =>
    isBig ? view.setBigUint64(where, BigInt(value), true) : view.setUint32(where, value, true);
  const first = isBig ? 8 : 2;
  if (isBig) view.setBigUint64(0, BigInt(fields.length), true);
  else view.setUint16(0, fields.length, true);
  let free = align(first + fields.length * entryBytes + inline);
  fields
    .toSorted((a, b) => a.tag - b.tag)
    .forEach(({ tag, type, count, bytes }, index) => {
      const entry = first + index * entryBytes;
      view.setUint16(entry, tag, true);
      view.setUint16(entry + 2, type, true);
      putOffset(entry + 4, count);
      const value = entry + 4 + inline;
      if (bytes.length <= inline) {
        out.set(bytes, value);
      } else {
        putOffset(value, at + free);
        out.set(bytes, free);
        free += align(bytes.length);
      }
    });
  putOffset(first + fields.length * entryBytes, next);
  return out;
}

// tells GDAL that one request per tile is enough; an editor that breaks the promise flips NO to YES in place
const promises =
  'LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n' +
  'BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ';

/**
 * TIFF header and GDAL's structural metadata; the first IFD follows at once.
 *
 * @see https://gdal.org/drivers/raster/cog.html#header-ghost-area
 */
export function encodeHeader(isBig: boolean): Uint8Array {
  const ghost = `GDAL_STRUCTURAL_METADATA_SIZE=${String(promises.length).padStart(6, '0')} bytes\n${promises}`;
  const start = isBig ? 16 : 8;
  const text = new TextEncoder().encode(ghost);
  const out = new Uint8Array(start + text.length + ((start + text.length) % 2));
  const view = new DataView(out.buffer);
  view.setUint16(0, 0x4949, false);
  view.setUint16(2, isBig ? 43 : 42, true);
  if (isBig) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(out.length), true);
  } else {
    view.setUint32(4, out.length, true);
  }
  out.set(text, start);
  return out;
}
