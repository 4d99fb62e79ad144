const clearCode = 256;
const endCode = 257;
const maxCodes = 4096;

/**
 * TIFF's LZW. The text of a code is kept as a position in the output, where it stands already: the text of a code
 * is that of the code before and one byte more, so no dictionary is built and nothing is written backwards.
 *
 * @param length bytes expected; what comes after is ignored
 * @returns fewer than `length` bytes where the input ends early
 * @throws RangeError for a code that does not exist yet
 * @see TIFF 6.0, section 13
 */
export function unpackLzw(src: Uint8Array, length: number): Uint8Array {
  if (src.length > 1 && src[0] === 0 && ((src[1] as number) & 1) === 1)
    throw new RangeError('it is LZW of the kind written before 1990');
  const out = new Uint8Array(length);
  const starts = new Int32Array(maxCodes);
  const lengths = new Int32Array(maxCodes);
  const end = src.length;
  let next = endCode + 1;
  let width = 9;
  let to = 0;
  let before = -1;
  let beforeLength = 0;
  let store = 0;
  let stored = 0;
  let from = 0;
  while (to < length) {
    while (stored < width && from < end) {
      // at most 11 + 8 bits are in store, older ones fall off the top
      store = (store << 8) | (src[from++] as number);
      stored += 8;
    }
    if (stored < width) break;
    stored -= width;
    const code = (store >>> stored) & ((1 << width) - 1);
    if (code === endCode) break;
    if (code === clearCode) {
      next = endCode + 1;
      width = 9;
      before = -1;
      continue;
    }
    const start = to;
    if (code < clearCode) {
      out[to++] = code;
    } else {
      const isNew = code === next && before >= 0;
      if (code >= next && !isNew) throw new RangeError(`LZW code ${code} comes before its definition`);
      const textStart = isNew ? before : (starts[code] as number);
      const textEnd = Math.min(to + (isNew ? beforeLength + 1 : (lengths[code] as number)), length);
      // forward, byte by byte: a new code's text overlaps what it is copied to
      for (let i = textStart; to < textEnd; i++, to++) out[to] = out[i] as number;
    }
    if (before >= 0 && next < maxCodes) {
      starts[next] = before;
      lengths[next] = beforeLength + 1;
      next++;
      // codes grow one early
      if (next >= (1 << width) - 1 && width < 12) width++;
    }
    before = start;
    beforeLength = to - start;
  }
  return out.subarray(0, to);
}
