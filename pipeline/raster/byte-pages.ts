import type { ByteSource } from '../ports.ts';
import { copyAgain, refuse } from './refuse.ts';

/** Reads of a header's many small pieces, served from few large ones. */
export interface BytePages {
  readonly uri: string;
  readonly size: number;
  /** @throws AppError INPUT_INVALID where the range reaches beyond the file */
  read(offset: number, length: number, what: string): Promise<Uint8Array>;
}

const pageBytes = 32 << 10;
const maxPages = 64;

export function bytePages(source: ByteSource): BytePages {
  const { uri, size } = source;
  const pages = new Map<number, Promise<Uint8Array>>();

  function page(index: number): Promise<Uint8Array> {
    const known = pages.get(index);
    if (known !== undefined) return known;
    const at = index * pageBytes;
    const bytes = source.read(at, Math.min(pageBytes, size - at));
    // a device that failed once may answer the next time
    bytes.catch(() => pages.delete(index));
    pages.set(index, bytes);
    const oldest = pages.keys().next();
    if (pages.size > maxPages && !oldest.done) pages.delete(oldest.value);
    return bytes;
  }

  async function read(offset: number, length: number, what: string): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > size) {
      const claim = `${what} is said to be at bytes ${offset} to ${offset + length}, but the file ends at ${size}.`;
      throw refuse(uri, claim, copyAgain, { offset, length, size });
    }
    if (length > pageBytes) return whole(await source.read(offset, length), offset, length, what);
    const first = Math.floor(offset / pageBytes);
    const start = offset - first * pageBytes;
    const head = await page(first);
    if (start + length <= head.length) return head.subarray(start, start + length);
    const tail = await page(first + 1);
    const cut = Math.max(0, head.length - start);
    const bytes = new Uint8Array(length);
    bytes.set(head.subarray(start));
    bytes.set(tail.subarray(0, length - cut), cut);
    return whole(cut + tail.length < length ? tail : bytes, offset, length, what);
  }

  function whole(bytes: Uint8Array, offset: number, length: number, what: string): Uint8Array {
    if (bytes.length >= length) return bytes;
    throw refuse(uri, `${what} at byte ${offset} ends after ${bytes.length} of ${length} bytes.`, copyAgain, {
      offset,
      length,
      size,
    });
  }

  return { uri, size, read };
}
