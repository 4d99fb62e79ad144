/** A canonical Huffman code of JPEG. */
export interface Huffman {
  /** next 9 bits → length · 256 + symbol; 0 where the code is longer */
  readonly fast: Uint16Array;
  /** by length: largest code, and what to add to a code for its position in `symbols`; -1 where there is none */
  readonly maxCode: Int32Array;
  readonly toIndex: Int32Array;
  readonly symbols: Uint8Array;
}

export const fastBits = 9;

function huffmanOf(counts: Uint8Array, symbols: Uint8Array): Huffman {
  const fast = new Uint16Array(1 << fastBits);
  const maxCode = new Int32Array(18).fill(-1);
  const toIndex = new Int32Array(18);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] as number;
    toIndex[length] = index - code;
    if (code + count > 1 << length) throw new RangeError('a JPEG Huffman table is not valid');
    if (length <= fastBits) {
      const span = 1 << (fastBits - length);
      for (let i = 0; i < count; i++)
        fast.fill((length << 8) | (symbols[index + i] as number), (code + i) * span, (code + i + 1) * span);
    }
    code += count;
    index += count;
    if (count > 0) maxCode[length] = code - 1;
    code <<= 1;
  }
  return { fast, maxCode, toIndex, symbols };
}

/** Reads a DHT segment. Throws RangeError where it is damaged. */
export function readHuffman(segment: Uint8Array, dc: Map<number, Huffman>, ac: Map<number, Huffman>): void {
  for (let at = 0; at < segment.length;) {
    const head = segment[at] as number;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (counts.length < 16 || total > 256 || at + 17 + total > segment.length)
      throw new RangeError('a JPEG Huffman table is cut off');
    (head >> 4 === 0 ? dc : ac).set(head & 15, huffmanOf(counts, segment.slice(at + 17, at + 17 + total)));
    at += 17 + total;
  }
}
