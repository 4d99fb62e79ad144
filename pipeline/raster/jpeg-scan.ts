import { fastBits, type Huffman } from './jpeg-huffman.ts';
import { inverseTransform } from './jpeg-idct.ts';

/** One colour component of a frame. */
export interface Component {
  readonly id: number;
  /** sampling factors, of this component and the largest of all */
  readonly h: number;
  readonly v: number;
  readonly maxH: number;
  readonly maxV: number;
  /** number of its quantisation table */
  readonly table: number;
  /** px, without the padding to whole blocks */
  readonly width: number;
  readonly height: number;
  /** px in a row of `plane` */
  readonly stride: number;
  readonly plane: Uint8Array;
  isDone: boolean;
}

export interface ScanPart {
  readonly component: Component;
  readonly dc: Huffman;
  readonly ac: Huffman;
  readonly quantisation: Int32Array;
}

/** Position in the block by order in the stream. */
export const zigzag = Uint8Array.of(
  0,
  1,
  8,
  16,
  9,
  2,
  3,
  10,
  17,
  24,
  32,
  25,
  18,
  11,
  4,
  5,
  12,
  19,
  26,
  33,
  40,
  48,
  41,
  34,
  27,
  20,
  13,
  6,
  7,
  14,
  21,
  28,
  35,
  42,
  49,
  56,
  57,
  50,
  43,
  36,
  29,
  22,
  15,
  23,
  30,
  37,
  44,
  51,
  58,
  59,
  52,
  45,
  38,
  31,
  39,
  46,
  53,
  60,
  61,
  54,
  47,
  55,
  62,
  63,
);
/** Zero bytes after the end that a decoder may look at without needing them. */
const lookAheadBytes = 8;

/** Bits of entropy-coded data, stuffing removed; zeros from the next marker on. */
interface Bits {
  readonly bytes: Uint8Array;
  at: number;
  store: number;
  stored: number;
  beyond: number;
}

function fill(bits: Bits): void {
  while (bits.stored <= 16) {
    let byte = 0;
    const next = bits.bytes[bits.at];
    if (next === undefined || (next === 0xff && bits.bytes[bits.at + 1] !== 0)) {
      if (++bits.beyond > lookAheadBytes) throw new RangeError('the JPEG data ends early');
    } else {
      byte = next;
      bits.at += next === 0xff ? 2 : 1;
    }
    bits.store = (bits.store << 8) | byte;
    bits.stored += 8;
  }
}

function symbolOf(bits: Bits, table: Huffman): number {
  if (bits.stored < 16) fill(bits);
  const found = table.fast[(bits.store >>> (bits.stored - fastBits)) & ((1 << fastBits) - 1)] as number;
  if (found !== 0) {
    bits.stored -= found >> 8;
    return found & 255;
  }
  for (let length = fastBits + 1; length <= 16; length++) {
    const code = (bits.store >>> (bits.stored - length)) & ((1 << length) - 1);
    if (code <= (table.maxCode[length] as number)) {
      bits.stored -= length;
      return table.symbols[code + (table.toIndex[length] as number)] ?? 0;
    }
  }
  throw new RangeError('the JPEG data holds a code that is not in its table');
}

/** The next `length` bits as JPEG's signed number. */
function valueOf(bits: Bits, length: number): number {
  if (length === 0) return 0;
  if (bits.stored < length) fill(bits);
  bits.stored -= length;
  const value = (bits.store >>> bits.stored) & ((1 << length) - 1);
  return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
}

/** Decodes one block of 8 × 8; `coefficients` come dequantised. Returns its DC value. */
function readBlock(bits: Bits, { dc, ac, quantisation }: ScanPart, before: number, coefficients: Int32Array): number {
  coefficients.fill(0);
  const size = symbolOf(bits, dc);
  if (size > 15) throw new RangeError('the JPEG data holds a number that is too long');
  const value = before + valueOf(bits, size);
  coefficients[0] = value * (quantisation[0] as number);
  for (let k = 1; k < 64; k++) {
    const symbol = symbolOf(bits, ac);
    const length = symbol & 15;
    if (length === 0) {
      if (symbol !== 0xf0) break;
      k += 15;
      continue;
    }
    k += symbol >> 4;
    if (k > 63) break;
    const at = zigzag[k] as number;
    coefficients[at] = valueOf(bits, length) * (quantisation[at] as number);
  }
  return value;
}

/** Skips to the next restart marker, if it is the next thing. */
function restart(bits: Bits): void {
  Object.assign(bits, { store: 0, stored: 0, beyond: 0 });
  while (bits.at + 1 < bits.bytes.length) {
    const marker = bits.bytes[bits.at + 1] as number;
    if (bits.bytes[bits.at] === 0xff && marker !== 0 && marker !== 0xff) {
      if (marker >= 0xd0 && marker <= 0xd7) bits.at += 2;
      return;
    }
    bits.at++;
  }
}

/**
 * Decodes a sequential scan into the planes of its components.
 *
 * @returns where the next marker is (bytes)
 */
export function decodeScan(
  bytes: Uint8Array,
  start: number,
  parts: readonly ScanPart[],
  width: number,
  height: number,
  restartInterval: number,
): number {
  const bits: Bits = { bytes, at: start, store: 0, stored: 0, beyond: 0 };
  const coefficients = new Int32Array(64);
  const before = new Int32Array(parts.length);
  const [single] = parts.length === 1 ? parts : [];
  const { maxH, maxV } = (parts[0] as ScanPart).component;
  // a scan of one component knows no padding to whole groups of blocks
  const cols = single ? Math.ceil(single.component.width / 8) : Math.ceil(width / (8 * maxH));
  const rows = single ? Math.ceil(single.component.height / 8) : Math.ceil(height / (8 * maxV));
  for (let mcu = 0; mcu < cols * rows; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      restart(bits);
      before.fill(0);
    }
    const [col, row] = [mcu % cols, Math.floor(mcu / cols)];
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p] as ScanPart;
      const { stride, plane, h, v } = part.component;
      const [across, down] = single ? [1, 1] : [h, v];
      for (let y = 0; y < down; y++) {
        for (let x = 0; x < across; x++) {
          before[p] = readBlock(bits, part, before[p] as number, coefficients);
          inverseTransform(coefficients, plane, (row * down + y) * 8 * stride + (col * across + x) * 8, stride);
        }
      }
    }
  }
  restart(bits);
  return bits.at;
}
