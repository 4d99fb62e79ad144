import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ChunkResult } from '../../pipeline/change/chunk.ts';
import type { Raster } from '../../pipeline/types.ts';

/** Rows of a slice: a strip of the grid is stitched from one slice of each of its chunks, so it sets the memory. */
export const sliceRows = 256;

/** What a chunk adds up to, beside its pixels. */
export type ChunkFacts = Pick<ChunkResult, 'observedM2' | 'reasonsM2'>;

interface Head extends ChunkFacts {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** of the deflated slices */
  readonly sliceBytes: readonly number[];
}

/**
 * A chunk as stored: length of the head (uint32, big-endian), the head as JSON, then slices of 256 rows from the top,
 * each `[band][row][col]`, deflated by itself.
 */
export function encodeChunk({ raster, observedM2, reasonsM2 }: ChunkResult): Uint8Array {
  const { width, height, bands } = raster;
  const slices = Array.from({ length: Math.ceil(height / sliceRows) }, (_, slice) =>
    deflateRawSync(cutRows(raster, slice * sliceRows, Math.min(sliceRows, height - slice * sliceRows)), { level: 1 }),
  );
  const facts: Head = { width, height, bands, observedM2, reasonsM2, sliceBytes: slices.map(({ length }) => length) };
  const head = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...slices]);
}

function cutRows({ data, width, height, bands }: Raster<Uint8Array>, row: number, rowCount: number): Uint8Array {
  const out = new Uint8Array(bands * rowCount * width);
  for (let band = 0; band < bands; band++) {
    const from = (band * height + row) * width;
    out.set(data.subarray(from, from + rowCount * width), band * rowCount * width);
  }
  return out;
}

function headOf(buffer: Buffer): { readonly head: Head; readonly end: number } {
  const end = 4 + buffer.readUInt32BE(0);
  return { head: JSON.parse(buffer.toString('utf8', 4, end)) as Head, end };
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The sums of a stored chunk, without its pixels. */
export function decodeFacts(bytes: Uint8Array): ChunkFacts {
  const { observedM2, reasonsM2 } = headOf(bufferOf(bytes)).head;
  return { observedM2, reasonsM2 };
}

/** One slice of a stored chunk. */
export function decodeSlice(bytes: Uint8Array, slice: number): Raster<Uint8Array> {
  const buffer = bufferOf(bytes);
  const { head, end } = headOf(buffer);
  const height = Math.min(sliceRows, head.height - slice * sliceRows);
  const from = head.sliceBytes.slice(0, slice).reduce((sum, length) => sum + length, end);
  const size = head.bands * head.width * height;
  const packed = buffer.subarray(from, from + (head.sliceBytes[slice] ?? 0));
  const data = inflateRawSync(packed, { maxOutputLength: size, chunkSize: Math.max(64, size) });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, size);
  return { data: pixels, width: head.width, height, bands: head.bands };
}
