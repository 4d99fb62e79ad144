import { AppError } from '../errors.ts';
import type { Raster, Samples, Window } from '../types.ts';
import type { Block, Blocks } from './blocks.ts';
import { newSamples } from './samples.ts';

/** Blocks that are on their way at once: hides the latency of far stores, bounds what is in memory beside the cache. */
const maxAhead = 4;
const aheadBytes = 64 << 20;

interface Piece {
  readonly col: number;
  readonly row: number;
  readonly plane: number;
  /** [position in the block, position in the output] */
  readonly bands: readonly (readonly [number, number])[];
}

/**
 * @throws AppError BUG for a window that reaches outside the image or a band it does not have
 */
export function requireInside(
  { col, row, width, height }: Window,
  bands: readonly number[],
  image: { width: number; height: number; samples: number },
  uri: string,
): void {
  const isInside =
    [col, row, width, height].every(Number.isInteger) &&
    col >= 0 &&
    row >= 0 &&
    width > 0 &&
    height > 0 &&
    col + width <= image.width &&
    row + height <= image.height;
  const band = bands.find((index) => !Number.isInteger(index) || index < 0 || index >= image.samples);
  if (isInside && band === undefined) return;
  const asked = band === undefined ? `window ${width} × ${height} at column ${col}, row ${row}` : `band ${band}`;
  throw new AppError(
    'BUG',
    `${uri}: ${asked} was asked of ${image.width} × ${image.height} px, ${image.samples} bands.`,
    'Report this with the command that led to it.',
    { col, row, width, height },
  );
}

/**
 * Samples of a window, `[band][row][col]`, in the file's type.
 *
 * @param fill value by band of what was never written
 * @throws AppError INPUT_INVALID for a block that cannot be decoded
 */
export async function readBlocks(
  blocks: Blocks,
  window: Window,
  bands: readonly number[],
  fill: (band: number) => number,
): Promise<Raster<Samples>> {
  const { layout } = blocks;
  const { width, height } = window;
  const data = newSamples(layout.dtype, bands.length * width * height);
  const ahead = Math.max(1, Math.min(maxAhead, Math.floor(aheadBytes / (layout.rowBytes * layout.blockHeight))));
  const pieces = piecesOf(blocks, window, bands);
  const pending: { piece: Piece; block: Promise<Block> }[] = [];
  const placeFirst = async () => {
    const first = pending.shift();
    if (first === undefined) return;
    place(await first.block, first.piece);
  };
  const place = (block: Block, piece: Piece) =>
    copyBlock(block, piece, blocks, window, data, (at) => fill(bands[at] as number));
  for (const piece of pieces) {
    const block = blocks.load(piece.col, piece.row, piece.plane);
    // whoever waits first gets the error; the others must not end the process
    block.catch(() => undefined);
    pending.push({ piece, block });
    if (pending.length >= ahead) await placeFirst();
  }
  while (pending.length > 0) await placeFirst();
  return { data, width, height, bands: bands.length };
}

function* piecesOf({ layout }: Blocks, window: Window, bands: readonly number[]): Generator<Piece> {
  const { blockWidth, blockHeight, isPlanar } = layout;
  const rowEnd = Math.ceil((window.row + window.height) / blockHeight);
  const colEnd = Math.ceil((window.col + window.width) / blockWidth);
  const all = bands.map((band, at) => [band, at] as const);
  for (let row = Math.floor(window.row / blockHeight); row < rowEnd; row++) {
    for (let col = Math.floor(window.col / blockWidth); col < colEnd; col++) {
      if (!isPlanar) yield { col, row, plane: 0, bands: all };
      else for (const [band, at] of all) yield { col, row, plane: band, bands: [[0, at]] };
    }
  }
}

function copyBlock(
  block: Block,
  piece: Piece,
  { layout }: Blocks,
  window: Window,
  data: Samples,
  fill: (at: number) => number,
): void {
  const { blockWidth, blockHeight, blockSamples } = layout;
  const [left, top] = [piece.col * blockWidth, piece.row * blockHeight];
  const colFrom = Math.max(left, window.col);
  const colTo = Math.min(left + blockWidth, window.col + window.width);
  const rowFrom = Math.max(top, window.row);
  const rowTo = Math.min(top + blockHeight, window.row + window.height);
  const plane = block === null ? 0 : block.length / blockSamples;
  for (const [band, at] of piece.bands) {
    for (let row = rowFrom; row < rowTo; row++) {
      const to = (at * window.height + row - window.row) * window.width + colFrom - window.col;
      const from = band * plane + (row - top) * blockWidth + colFrom - left;
      if (block === null) data.fill(fill(at), to, to + colTo - colFrom);
      else data.set(block.subarray(from, from + colTo - colFrom), to);
    }
  }
}
