import { inflateSync } from 'node:zlib';
import * as lerc from 'lerc';
import { ZSTDDecoder } from 'zstddec';
import { tagBytes, tagNumbers, type Ifd, type Tiff } from './ifd.ts';
import { decodeJpeg, readJpegTables } from './jpeg.ts';
import type { Layout } from './layout.ts';
import { unpackLerc } from './lerc-block.ts';
import { unpackLzw } from './lzw.ts';
import { unpackPackbits } from './packbits.ts';
import { tagOf } from './tags.ts';

export interface Decoded {
  readonly bytes: Uint8Array;
  /** samples are in the machine's byte order, whatever the file's */
  readonly isNative: boolean;
}

/** Compressed bytes → at least `rows` rows of a block, or fewer bytes where the input is short. Throws whatever the decoder throws. */
export type Codec = (bytes: Uint8Array, rows: number) => Decoded;

/** Bytes beyond the block that a stream may hold: strips padded to full height and the like. */
const spareBytes = 64 << 10;
/** Bytes out by byte in that no encoder exceeds; what claims more is damaged, and nothing is allocated for it. */
const mostGain = { deflate: 1032, lzw: 2731, packbits: 64, jpeg: 1024, zstd: 32_768 } as const;

function requireGain(bytes: Uint8Array, length: number, most: number): void {
  if (length > bytes.length * most + 1024) throw new RangeError(`${bytes.length} bytes cannot hold ${length}`);
}

function inflate(bytes: Uint8Array, length: number): Uint8Array {
  requireGain(bytes, length, mostGain.deflate);
  // one output buffer for the whole block: zlib's default of 16 KB pieces costs a copy of everything
  return inflateSync(bytes, { chunkSize: length + 64, maxOutputLength: length + spareBytes });
}

const zstd = new ZSTDDecoder();

function unzstd(bytes: Uint8Array, length: number): Uint8Array {
  const out = zstd.decode(bytes, length);
  if (out.length > length) throw new RangeError('the ZSTD stream is not valid');
  return out;
}

const foreign = (bytes: Uint8Array): Decoded => ({ bytes, isNative: false });
const native = (bytes: Uint8Array): Decoded => ({ bytes, isNative: true });

async function lercCodec(tiff: Tiff, ifd: Ifd, layout: Layout): Promise<Codec> {
  const extra = (await tagNumbers(tiff, ifd, tagOf.lerc))?.[1] ?? 0;
  await lerc.load();
  if (extra === 2) await zstd.init();
  return (bytes, rows) => {
    const most = layout.rowBytes * rows * 2 + spareBytes;
    const blob = extra === 1 ? inflateSync(bytes, { maxOutputLength: most }) : extra === 2 ? zstd.decode(bytes) : bytes;
    // libtiff swaps samples before it encodes them, so a big-endian file holds LERC of swapped ones
    return foreign(unpackLerc(blob, layout, rows));
  };
}

/**
 * The decompressor of an image, ready to be called.
 *
 * @throws AppError INPUT_INVALID where its tables are not in the file
 */
export async function openCodec(tiff: Tiff, ifd: Ifd, layout: Layout): Promise<Codec> {
  const { rowBytes } = layout;
  const guarded =
    (most: number, decode: (bytes: Uint8Array, rows: number) => Decoded): Codec =>
    (bytes, rows) => {
      requireGain(bytes, rowBytes * rows, most);
      return decode(bytes, rows);
    };
  switch (layout.compression) {
    case 1:
      return foreign;
    case 5:
      return guarded(mostGain.lzw, (bytes, rows) => foreign(unpackLzw(bytes, rowBytes * rows)));
    case 7: {
      const tables = readJpegTables(await tagBytes(tiff, ifd, tagOf.jpegTables));
      return guarded(mostGain.jpeg, (bytes, rows) => native(decodeJpeg(bytes, tables, layout, rows)));
    }
    case 32_773:
      return guarded(mostGain.packbits, (bytes, rows) => foreign(unpackPackbits(bytes, rowBytes * rows)));
    case 34_887:
      return lercCodec(tiff, ifd, layout);
    case 50_000:
      await zstd.init();
      return guarded(mostGain.zstd, (bytes, rows) => foreign(unzstd(bytes, rowBytes * rows)));
    default:
      return (bytes, rows) => foreign(inflate(bytes, rowBytes * rows));
  }
}
