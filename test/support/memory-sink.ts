import type { ByteSink } from '../../pipeline/ports.ts';

/** A sink that keeps its bytes. */
export function memorySink(): ByteSink & { bytes(): Uint8Array } {
  const chunks: Uint8Array[] = [];
  const bytes = () => Buffer.concat(chunks);
  return {
    bytes,
    async write(chunk) {
      chunks.push(chunk.slice());
    },
    async patch(offset, patch) {
      const whole = bytes();
      whole.set(patch, offset);
      chunks.splice(0, chunks.length, whole);
    },
  };
}
