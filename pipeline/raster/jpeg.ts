import { readHuffman, type Huffman } from './jpeg-huffman.ts';
import { decodeScan, zigzag, type Component } from './jpeg-scan.ts';
import { upsample, yccToRgb } from './jpeg-upsample.ts';
import type { Layout } from './layout.ts';

/** Quantisation and Huffman tables by their number. */
export interface JpegTables {
  readonly quantisation: ReadonlyMap<number, Int32Array>;
  readonly dc: ReadonlyMap<number, Huffman>;
  readonly ac: ReadonlyMap<number, Huffman>;
}

interface State {
  quantisation: Map<number, Int32Array>;
  dc: Map<number, Huffman>;
  ac: Map<number, Huffman>;
  restartInterval: number;
  width: number;
  height: number;
  components: Component[];
}

const ycbcr = 6;

function readQuantisation(segment: Uint8Array, tables: Map<number, Int32Array>): void {
  for (let at = 0; at < segment.length;) {
    const head = segment[at++] as number;
    const isWide = head >> 4 === 1;
    if (at + (isWide ? 128 : 64) > segment.length) throw new RangeError('a JPEG quantisation table is cut off');
    const table = new Int32Array(64);
    for (let k = 0; k < 64; k++) {
      table[zigzag[k] as number] = isWide
        ? ((segment[at] as number) << 8) | (segment[at + 1] as number)
        : (segment[at] as number);
      at += isWide ? 2 : 1;
    }
    tables.set(head & 15, table);
  }
}

function readFrame(
  segment: Uint8Array,
  state: State,
  fits: (width: number, height: number, components: number) => boolean,
): void {
  const [precision = 0, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = segment;
  const [width, height] = [(w1 << 8) | w0, (h1 << 8) | h0];
  if (precision !== 8) throw new RangeError(`it holds ${precision}-bit JPEG, read is 8-bit JPEG`);
  if (!fits(width, height, count) || segment.length < 6 + 3 * count)
    throw new RangeError(`the JPEG inside is ${width} × ${height} px, ${count} bands`);
  const parts = Array.from({ length: count }, (_, i) => {
    const [id = 0, factors = 0, table = 0] = segment.subarray(6 + 3 * i);
    return { id, h: factors >> 4, v: factors & 15, table };
  });
  if (parts.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4))
    throw new RangeError('the JPEG sampling factors are not valid');
  const maxH = Math.max(...parts.map(({ h }) => h));
  const maxV = Math.max(...parts.map(({ v }) => v));
  const [mcuCols, mcuRows] = [Math.ceil(width / (8 * maxH)), Math.ceil(height / (8 * maxV))];
  state.width = width;
  state.height = height;
  state.components = parts.map(({ id, h, v, table }) => ({
    id,
    h,
    v,
    table,
    maxH,
    maxV,
    width: Math.ceil((width * h) / maxH),
    height: Math.ceil((height * v) / maxV),
    stride: mcuCols * h * 8,
    plane: new Uint8Array(mcuCols * h * 8 * mcuRows * v * 8),
    isDone: false,
  }));
}

function readScan(bytes: Uint8Array, at: number, length: number, state: State): number {
  const count = bytes[at] ?? 0;
  const chosen = Array.from({ length: count }, (_, i) => {
    const [id, tables = 0] = bytes.subarray(at + 1 + 2 * i);
    const component = state.components.find((one) => one.id === id);
    const [dc, ac] = [state.dc.get(tables >> 4), state.ac.get(tables & 15)];
    const quantisation = state.quantisation.get(component?.table ?? -1);
    if (!component || !dc || !ac || !quantisation) throw new RangeError('a JPEG scan names tables that are not there');
    component.isDone = true;
    return { component, dc, ac, quantisation };
  });
  if (count === 0) throw new RangeError('a JPEG scan holds no component');
  return decodeScan(bytes, at + length, chosen, state.width, state.height, state.restartInterval);
}

function parse(
  bytes: Uint8Array,
  state: State,
  fits: (width: number, height: number, components: number) => boolean,
): void {
  let at = 2;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new RangeError('it does not begin as JPEG does');
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1] as number;
    if (marker === 0xd9) return;
    if (marker === 0xff || marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    if (length < 2 || at + 2 + length > bytes.length) throw new RangeError('a JPEG segment is cut off');
    const segment = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (marker === 0xdb) readQuantisation(segment, state.quantisation);
    else if (marker === 0xc4) readHuffman(segment, state.dc, state.ac);
    else if (marker === 0xdd) state.restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
    else if (marker === 0xc0 || marker === 0xc1) readFrame(segment, state, fits);
    else if (marker >= 0xc2 && marker <= 0xcf && marker !== 0xcc)
      throw new RangeError(`it holds JPEG of kind SOF${marker - 0xc0}, read is baseline`);
    else if (marker === 0xda) at = readScan(bytes, at - length + 2, length - 2, state);
  }
}

const emptyState = (): State => ({
  quantisation: new Map(),
  dc: new Map(),
  ac: new Map(),
  restartInterval: 0,
  width: 0,
  height: 0,
  components: [],
});

/** The tables that all blocks of an image share (tag JPEGTables). Throws RangeError where they are damaged. */
export function readJpegTables(bytes: Uint8Array | null): JpegTables {
  const state = emptyState();
  if (bytes !== null) parse(bytes, state, () => false);
  return state;
}

/**
 * A JPEG block → pixel-interleaved bytes; YCbCr becomes RGB. Same integers as libjpeg: its accurate inverse transform,
 * its triangle filter where chroma is subsampled, its fixed-point colours.
 *
 * @throws RangeError for what is damaged, progressive or of another size than the block
 * @see ITU-T T.81 (JPEG); TIFF Technical Note 2
 */
export function decodeJpeg(bytes: Uint8Array, tables: JpegTables, layout: Layout, rows: number): Uint8Array {
  const { blockWidth, blockHeight, blockSamples, photometric } = layout;
  const state: State = {
    ...emptyState(),
    quantisation: new Map(tables.quantisation),
    dc: new Map(tables.dc),
    ac: new Map(tables.ac),
  };
  parse(
    bytes,
    state,
    (width, height, count) => width === blockWidth && height >= rows && height <= blockHeight && count === blockSamples,
  );
  const { components, width, height } = state;
  if (components.length === 0 || !components.every(({ isDone }) => isDone))
    throw new RangeError('the JPEG inside holds no complete picture');
  const planes = components.map((component) => upsample(component, width, height));
  const out = new Uint8Array(width * height * blockSamples);
  if (photometric === ycbcr && blockSamples >= 3) yccToRgb(planes);
  for (const [s, plane] of planes.entries())
    for (let i = 0, to = s; i < width * height; i++, to += blockSamples) out[to] = plane[i] as number;
  return out;
}
