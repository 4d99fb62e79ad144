import type { ByteSource } from '../../pipeline/ports.ts';
import { openFileSource } from '../images/file-source.ts';

const windowBytes = 4 << 20;

/** A window that moves over a file, for records that follow one another. */
export interface ByteWindow {
  /** bytes of a range where the window holds them all, else null */
  peek(offset: number, length: number): Uint8Array | null;
  /** the same, moving the window; shorter only at the file's end */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function byteWindow(source: ByteSource): ByteWindow {
  let [start, bytes]: [number, Uint8Array] = [0, new Uint8Array(0)];
  const peek = (offset: number, length: number): Uint8Array | null =>
    offset >= start && offset + length <= start + bytes.length
      ? bytes.subarray(offset - start, offset - start + length)
      : null;
  return {
    peek,
    async read(offset, length) {
      const held = peek(offset, length);
      if (held !== null) return held;
      start = offset;
      bytes = await source.read(offset, Math.max(length, windowBytes));
      return bytes.subarray(0, length);
    },
  };
}

/** The first bytes of a file, all of them where no length is given. @throws AppError INPUT_INVALID, UNAVAILABLE */
export async function readFirst(path: string, length?: number): Promise<Buffer> {
  const source = await openFileSource(path);
  try {
    const bytes = await source.read(0, length ?? source.size);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } finally {
    await source.close();
  }
}
