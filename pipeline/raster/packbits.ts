/**
 * PackBits: runs and literals.
 *
 * @param length bytes expected; what comes after is ignored
 * @returns fewer than `length` bytes where the input ends early
 * @see TIFF 6.0, section 9
 */
export function unpackPackbits(src: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let from = 0;
  let to = 0;
  while (to < length && from < src.length) {
    const head = src[from++] as number;
    if (head === 128) continue;
    if (head < 128) {
      const end = Math.min(from + head + 1, src.length, from + length - to);
      out.set(src.subarray(from, end), to);
      to += end - from;
      from = end;
    } else {
      const end = Math.min(to + 257 - head, length);
      if (from >= src.length) break;
      out.fill(src[from++] as number, to, end);
      to = end;
    }
  }
  return out.subarray(0, to);
}
