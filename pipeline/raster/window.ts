import { AppError } from '../errors.ts';
import type { Raster, Samples, Window } from '../types.ts';
import type { Block, Blocks } from './blocks.ts';
import type { Layout } from './layout.ts';
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
  const pending: Promise<void>[] = [];
  for (const piece of piecesOf(blocks, window, bands)) {
    const done = placePiece(blocks, piece, window, data, (at) => fill(bands[at] as number));
    // whoever waits first gets the error; the others must not end the process
    done.catch(() => undefined);
    pending.push(done);
    if (pending.length >= ahead) await pending.shift();
  }
  await Promise.all(pending);
  return { data, width, height, bands: bands.length };
}

/** Which pixels of the image a piece gives to a window, and where they go. */
interface Overlap {
  readonly cols: number;
  readonly rows: number;
  /** first column and row inside the block */
  readonly col: number;
  readonly row: number;
  /** position in the window's first band */
  readonly to: number;
}

function overlapOf({ blockWidth, blockHeight }: Layout, { col, row }: Piece, window: Window): Overlap {
  const [left, top] = [col * blockWidth, row * blockHeight];
  const colFrom = Math.max(left, window.col);
  const rowFrom = Math.max(top, window.row);
  return {
    cols: Math.min(left + blockWidth, window.col + window.width) - colFrom,
    rows: Math.min(top + blockHeight, window.row + window.height) - rowFrom,
    col: colFrom - left,
    row: rowFrom - top,
    to: (rowFrom - window.row) * window.width + colFrom - window.col,
  };
}

/** Whether a window has all of a block's pixels that lie in the image. */
function isWhole({ blockWidth, blockHeight, width, height }: Layout, piece: Piece, { cols, rows }: Overlap): boolean {
  return (
    cols === Math.min(blockWidth, width - piece.col * blockWidth) &&
    rows === Math.min(blockHeight, height - piece.row * blockHeight)
  );
}

/**
 * Blocks of which everything is wanted are decoded straight into the window; where pixels or bands are left over, the
 * block goes through the cache, since the next call wants the rest. The detour costs a third of the time (fresh memory, one copy more).
 */
async function placePiece(
  blocks: Blocks,
  piece: Piece,
  window: Window,
  data: Samples,
  fill: (at: number) => number,
): Promise<void> {
  const { layout } = blocks;
  const overlap = overlapOf(layout, piece, window);
  const plane = window.width * window.height;
  const starts = Array.from({ length: layout.blockSamples }, () => -1);
  for (const [band, at] of piece.bands) starts[band] = at * plane + overlap.to;
  const isAll = starts.every((start) => start >= 0);
  if (isAll && isWhole(layout, piece, overlap) && !blocks.has(piece.col, piece.row, piece.plane)) {
    const { cols, rows } = overlap;
    const isThere = await blocks.loadInto(piece.col, piece.row, piece.plane, {
      data,
      starts,
      stride: window.width,
      cols,
      rows,
    });
    if (!isThere) copyBlock(null, piece, layout, overlap, window, data, fill);
    return;
  }
  copyBlock(await blocks.load(piece.col, piece.row, piece.plane), piece, layout, overlap, window, data, fill);
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
  { blockWidth, blockSamples }: Layout,
  { cols, rows, col, row, to }: Overlap,
  window: Window,
  data: Samples,
  fill: (at: number) => number,
): void {
  const plane = block === null ? 0 : block.length / blockSamples;
  for (const [band, at] of piece.bands) {
    for (let r = 0; r < rows; r++) {
      const start = (at * window.height + r) * window.width + to;
      const from = band * plane + (row + r) * blockWidth + col;
      if (block === null) data.fill(fill(at), start, start + cols);
      else data.set(block.subarray(from, from + cols), start);
    }
  }
}
