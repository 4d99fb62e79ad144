import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ChunkResult } from '../../pipeline/change/chunk.ts';
import { chunkBands } from '../../pipeline/change/chunk.ts';

/** What a chunk adds up to, beside its pixels. */
type ChunkFacts = Pick<ChunkResult, 'observedM2' | 'reasonsM2'> & { readonly width: number; readonly height: number };

/** A chunk as stored: length of the facts (uint32, big-endian), the facts as JSON, the pixels deflated. */
export function encodeChunk({ raster, observedM2, reasonsM2 }: ChunkResult): Uint8Array {
  const facts: ChunkFacts = { width: raster.width, height: raster.height, observedM2, reasonsM2 };
  const head = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, deflateRawSync(raster.data, { level: 1 })]);
}

export function decodeChunk(bytes: Uint8Array): ChunkResult {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + buffer.readUInt32BE(0);
  const { width, height, observedM2, reasonsM2 } = JSON.parse(buffer.toString('utf8', 4, end)) as ChunkFacts;
  const size = chunkBands.length * width * height;
  const data = inflateRawSync(buffer.subarray(end), { maxOutputLength: size, chunkSize: Math.max(64, size) });
  return {
    raster: { data: new Uint8Array(data.buffer, data.byteOffset, size), width, height, bands: chunkBands.length },
    observedM2,
    reasonsM2,
  };
}
