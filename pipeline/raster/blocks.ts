import type { ByteSource } from '../ports.ts';
import type { Samples } from '../types.ts';
import { AppError } from '../errors.ts';
import { openBlockTable, type BlockPlace } from './block-table.ts';
import { openCodec } from './codec.ts';
import type { Ifd, Tiff } from './ifd.ts';
import type { Layout } from './layout.ts';
import { copyAgain, refuse } from './refuse.ts';
import { unpackBlock, unpackInto, type Target } from './unpack.ts';
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
  /** Whether `load` has it at hand. */
  has(col: number, row: number, plane: number): boolean;
  /** Decodes a block straight to where it is wanted and keeps nothing. False: never written. */
  loadInto(col: number, row: number, plane: number, target: Target): Promise<boolean>;
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

  async function read(col: number, row: number, plane: number): Promise<Read | null> {
    const place = await table.place(col, row, plane);
    if (place === null) return null;
    const bytes = await source.read(place.offset, place.bytes);
    const rows = layout.isTiled
      ? layout.blockHeight
      : Math.min(layout.blockHeight, layout.height - row * layout.blockHeight);
    if (bytes.length < place.bytes)
      throw broken(source.uri, place, layout, `ends after ${bytes.length} of ${place.bytes} bytes`);
    return { bytes, rows, place };
  }

  function decode<T>({ bytes, rows, place }: Read, unpack: (bytes: Uint8Array, isForeign: boolean) => T): T {
    const wanted = rows * layout.rowBytes;
    try {
      const decoded = codec(bytes, rows);
      if (decoded.bytes.length < wanted)
        throw broken(source.uri, place, layout, `decodes to ${decoded.bytes.length} of ${wanted} bytes`);
      return unpack(decoded.bytes, tiff.bigEndian && !decoded.isNative);
    } catch (error) {
      if (error instanceof AppError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw broken(source.uri, place, layout, `cannot be decoded: ${reason}`, error);
    }
  }

  async function readBlock(col: number, row: number, plane: number): Promise<Block> {
    const found = await read(col, row, plane);
    return found === null
      ? null
      : decode(found, (bytes, isForeign) => unpackBlock(bytes, layout, found.rows, isForeign));
  }

  const keyOf = (col: number, row: number, plane: number) => `${ifd.offset}/${plane}/${row}/${col}`;
  return {
    layout,
    load(col, row, plane) {
      const key = keyOf(col, row, plane);
      const known = cache.get(key);
      if (known !== undefined) return known;
      const block = readBlock(col, row, plane);
      cache.add(key, block);
      return block;
    },
    has: (col, row, plane) => cache.get(keyOf(col, row, plane)) !== undefined,
    async loadInto(col, row, plane, target) {
      const found = await read(col, row, plane);
      if (found !== null) decode(found, (bytes, isForeign) => unpackInto(bytes, layout, isForeign, target));
      return found !== null;
    },
  };
}

interface Read {
  readonly bytes: Uint8Array;
  /** rows that the block must hold */
  readonly rows: number;
  readonly place: BlockPlace;
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
