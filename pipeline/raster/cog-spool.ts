import type { Spool } from '../ports.ts';

/** A spool in memory: for small rasters and tests. */
export function memorySpool(): Spool {
  let chunks: Uint8Array[] = [];
  return {
    async write(bytes) {
      chunks.push(bytes.slice());
    },
    async *read() {
      yield* chunks;
    },
    async close() {
      chunks = [];
    },
  };
}
