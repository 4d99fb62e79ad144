import { AppError } from '../errors.ts';
import type { Chunk, Tile, Window } from '../types.ts';

export interface Size {
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
}

export interface TileOptions {
  /** largest side of a network input (px) */
  readonly tilePx: number;
  /** context read around each `keep` and then discarded (px) */
  readonly haloPx: number;
  /** stride of the network: `read` starts and ends on multiples of it (px, default 1) */
  readonly alignPx?: number;
  /** where the tile lattice starts, in columns and rows (px, default 0) */
  readonly originPx?: number;
}

export interface ChunkOptions extends TileOptions {
  /** largest side of a chunk (px); at least one tile */
  readonly chunkPx: number;
}

/**
 * Cut a grid into overlapping tiles whose `keep` windows partition it exactly.
 *
 * `read` is `keep` and its halo, snapped outwards to multiples of `alignPx` of the grid (not of the tile): a network
 * of that stride sees every pixel at the same phase wherever the lattice starts. It is at most `tilePx` a side and
 * ends with the grid, rounded up to the stride: beyond there is nothing to know, and computing it would double the
 * work of small scenes.
 *
 * @returns tiles in row-major order
 * @throws AppError INPUT_INVALID unless tilePx leaves at least alignPx to keep beside the halos
 */
export function planTiles(size: Size, options: TileOptions): readonly Tile[] {
  const cols = cutAxis(size.width, options);
  return cutAxis(size.height, options).flatMap((row) => cols.map((col) => tileOf(col, row)));
}

/**
 * Group the tiles of `planTiles` into rectangles whose `keep` windows partition the grid.
 *
 * @returns chunks in row-major order, the tiles of each in row-major order
 * @throws AppError INPUT_INVALID as planTiles
 */
export function planChunks(size: Size, options: ChunkOptions): readonly Chunk[] {
  const perSide = Math.max(1, Math.floor(options.chunkPx / keepStepPx(options)));
  const cols = groupsOf(cutAxis(size.width, options), perSide);
  const rows = groupsOf(cutAxis(size.height, options), perSide);
  return rows.flatMap((rowSpans, i) =>
    cols.map((colSpans, j) => ({
      index: i * cols.length + j,
      keep: windowOf(hull(colSpans), hull(rowSpans)),
      tiles: rowSpans.flatMap((row) => colSpans.map((col) => tileOf(col, row))),
    })),
  );
}

interface Span {
  readonly start: number;
  readonly end: number;
}
interface TileSpan {
  readonly keep: Span;
  readonly read: Span;
}

const down = (value: number, step: number) => Math.floor(value / step) * step;
const up = (value: number, step: number) => Math.ceil(value / step) * step;

/** Side of a full `keep`: the largest multiple of alignPx whose read, snapped outwards, still fits into tilePx. */
function keepStepPx(options: TileOptions): number {
  const { tilePx, haloPx, alignPx = 1, originPx = 0 } = options;
  const isWhole = [tilePx, haloPx, alignPx, originPx].every(Number.isInteger) && haloPx >= 0 && alignPx >= 1;
  const contextPx = up(originPx + haloPx, alignPx) - down(originPx - haloPx, alignPx);
  const stepPx = down(tilePx - contextPx, alignPx);
  if (isWhole && stepPx >= alignPx) return stepPx;
  throw new AppError(
    'INPUT_INVALID',
    `tiles of ${tilePx} px leave nothing to keep with a halo of ${haloPx} px on each side and a stride of ${alignPx} px (origin ${originPx} px).`,
    'Give whole numbers with tilePx ≥ 2 · haloPx + 3 · alignPx.',
    { tilePx, haloPx, alignPx, originPx },
  );
}

function cutAxis(lengthPx: number, options: TileOptions): readonly TileSpan[] {
  const { tilePx, haloPx, alignPx = 1, originPx = 0 } = options;
  const stepPx = keepStepPx(options);
  const wholePx = up(lengthPx, alignPx);
  if (wholePx <= tilePx) return [{ keep: { start: 0, end: lengthPx }, read: { start: 0, end: wholePx } }];
  const spans: TileSpan[] = [];
  const first = originPx - Math.ceil(originPx / stepPx) * stepPx;
  for (let at = first; at < lengthPx; at += stepPx) {
    const keep = { start: Math.max(at, 0), end: Math.min(at + stepPx, lengthPx) };
    if (keep.end <= keep.start) continue;
    const read = {
      start: Math.max(0, down(keep.start - haloPx, alignPx)),
      end: Math.min(up(lengthPx, alignPx), up(keep.end + haloPx, alignPx)),
    };
    spans.push({ keep, read });
  }
  return spans;
}

function groupsOf<T>(items: readonly T[], perGroup: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / perGroup) }, (_, i) =>
    items.slice(i * perGroup, (i + 1) * perGroup),
  );
}

function hull(spans: readonly TileSpan[]): Span {
  return { start: spans[0]?.keep.start ?? 0, end: spans.at(-1)?.keep.end ?? 0 };
}

function windowOf(col: Span, row: Span): Window {
  return { col: col.start, row: row.start, width: col.end - col.start, height: row.end - row.start };
}

function tileOf(col: TileSpan, row: TileSpan): Tile {
  return { read: windowOf(col.read, row.read), keep: windowOf(col.keep, row.keep) };
}
