import type { ByteSource } from '../ports.ts';
import type { Samples } from '../types.ts';
import { AppError } from '../errors.ts';
import { openBlockTable, type BlockPlace } from './block-table.ts';
import { openCodec, type Codec } from './codec.ts';
import type { Ifd, Tiff } from './ifd.ts';
import type { Layout } from './layout.ts';
import { copyAgain, refuse } from './refuse.ts';
import { unpackBlock } from './unpack.ts';
import { compressionNames } from './tags.ts';

/** Decoded blocks that several images of one file share, the least recently used ones dropped. */
export interface BlockCache {
  get(key: string): Promise<Block> | undefined;
  add(key: string, block: Promise<Block>): void;
  clear(): void;
}

/** Samples `[sample][row][col]`, `width` wide; null: never written. */
export type Block = Samples | null;

/** @param maxBytes what the blocks may hold together; the last one stays even where it alone is larger */
export function blockCache(maxBytes: number): BlockCache {
  const entries = new Map<string, { block: Promise<Block>; bytes: number }>();
  let total = 0;
  function trim(): void {
    for (const [key, { bytes }] of entries) {
      if (total <= maxBytes || entries.size === 1) return;
      entries.delete(key);
      total -= bytes;
    }
  }
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.block;
    },
    add(key, block) {
      const entry = { block, bytes: 0 };
      entries.set(key, entry);
      block.then(
        (samples) => {
          if (entries.get(key) !== entry) return;
          entry.bytes = samples?.byteLength ?? 0;
          total += entry.bytes;
          trim();
        },
        // failures are not kept: the device may answer the next time
        () => entries.get(key) === entry && entries.delete(key),
      );
    },
    clear() {
      entries.clear();
      total = 0;
    },
  };
}

/** One image of a file, block by block. */
export interface Blocks {
  readonly layout: Layout;
  /** @param plane the sample where blocks hold one each, else 0 */
  load(col: number, row: number, plane: number): Promise<Block>;
}

/** @throws AppError INPUT_INVALID where block positions or decoder tables are not in the file */
export async function openBlocks(
  source: ByteSource,
  tiff: Tiff,
  ifd: Ifd,
  layout: Layout,
  cache: BlockCache,
): Promise<Blocks> {
  const table = await openBlockTable(tiff, ifd, layout);
  const codec = await openCodec(tiff, ifd, layout);

  async function read(col: number, row: number, plane: number): Promise<Block> {
    const place = await table.place(col, row, plane);
    if (place === null) return null;
    const bytes = await source.read(place.offset, place.bytes);
    const rows = layout.isTiled
      ? layout.blockHeight
      : Math.min(layout.blockHeight, layout.height - row * layout.blockHeight);
    if (bytes.length < place.bytes)
      throw broken(source.uri, place, layout, `ends after ${bytes.length} of ${place.bytes} bytes`);
    return decode(bytes, rows, codec, tiff, layout, place);
  }

  return {
    layout,
    load(col, row, plane) {
      const key = `${ifd.offset}/${plane}/${row}/${col}`;
      const known = cache.get(key);
      if (known !== undefined) return known;
      const block = read(col, row, plane);
      cache.add(key, block);
      return block;
    },
  };
}

function decode(bytes: Uint8Array, rows: number, codec: Codec, tiff: Tiff, layout: Layout, place: BlockPlace): Samples {
  const { uri } = tiff.pages;
  const wanted = rows * layout.rowBytes;
  try {
    const decoded = codec(bytes, rows);
    if (decoded.bytes.length < wanted)
      throw broken(uri, place, layout, `decodes to ${decoded.bytes.length} of ${wanted} bytes`);
    return unpackBlock(decoded.bytes, layout, rows, tiff.bigEndian && !decoded.isNative);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw broken(uri, place, layout, `cannot be decoded: ${reason}`, error);
  }
}

function broken(
  uri: string,
  { name, offset, bytes }: BlockPlace,
  layout: Layout,
  what: string,
  cause?: unknown,
): AppError {
  const where = `${name} (${compressionNames[layout.compression]}, bytes ${offset} to ${offset + bytes})`;
  return refuse(uri, `${where} ${what}.`, copyAgain, { offset, bytes }, cause);
}
