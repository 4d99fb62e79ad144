import { AppError } from '../errors.ts';
import type { Grid, Raster, SceneBand, Samples, Window } from '../types.ts';
import type { GeotiffFile } from './geotiff.ts';
import { placeOnGrid, type Placement } from './placement.ts';
import { positionsOf, type Positions } from './positions.ts';
import { reflectanceSampler, sampleNearest } from './resample.ts';

/** What is read of a file; an open GeoTIFF is one. */
export type PixelFile = Pick<
  GeotiffFile,
  'uri' | 'width' | 'height' | 'alphaIndex' | 'hasMask' | 'readWindow' | 'readMask'
>;

export interface OnGridOptions {
  /** the files that `SceneBand.file` counts */
  readonly files: readonly PixelFile[];
  /** where the pixels of each file lie, in the order of `files` */
  readonly fileGrids: readonly Grid[];
  /** one output band each, in this order */
  readonly bands: readonly SceneBand[];
  readonly grid: Grid;
  /** window of `grid` (px); may reach outside it and outside the files */
  readonly window: Window;
  /** added to the sampling position (grid px): the output at p shows the scene at p + shift */
  readonly shiftPx?: { readonly col: number; readonly row: number };
  /** default bilinear; `scl` and `cloudmask` are classes and always nearest */
  readonly resampling?: 'bilinear' | 'nearest';
}

/**
 * Read a window of a scene on a grid, whatever grid its files are on.
 *
 * Values are DN · scale + offset; NaN where nodata, masked or outside. A file on the grid itself is copied; others are
 * resampled (position error < 0.03 px, see `positionsOf`), averaged where they are finer than 1.5 px a grid pixel.
 * A pixel's value does not depend on the window it is read in. Sources are read in pieces of at most 8 M samples.
 *
 * @returns `[band][row][col]`, reflectance
 * @throws AppError as the files' readers; BUG where a band names a file that is not there
 */
export async function readOnGrid(options: OnGridOptions): Promise<Raster<Float32Array>> {
  const { bands, files, window } = options;
  const { width, height } = window;
  const lost = bands.find(({ file }) => files[file] === undefined || options.fileGrids[file] === undefined);
  if (lost !== undefined) {
    throw new AppError(
      'BUG',
      `band ${lost.name} names file ${lost.file} of ${files.length}.`,
      'Report this with the command that led to it.',
    );
  }
  const data = new Float32Array(bands.length * width * height).fill(Number.NaN);
  for (const group of groupByReading(options)) await readGroup(group, window, data);
  return { data, width, height, bands: bands.length };
}

/** Bands that share positions and way of sampling. */
interface Group {
  readonly file: PixelFile;
  readonly fileGrid: Grid;
  readonly placement: Placement;
  readonly isNearest: boolean;
  readonly bands: readonly (SceneBand & { readonly slot: number })[];
}

function groupByReading(options: OnGridOptions): readonly Group[] {
  const { files, fileGrids, grid, shiftPx, resampling = 'bilinear' } = options;
  const slots = options.bands.map((band, slot) => ({ ...band, slot }));
  return files.flatMap((file, index) => {
    const fileGrid = fileGrids[index];
    const ofFile = slots.filter((band) => band.file === index);
    if (fileGrid === undefined || ofFile.length === 0) return [];
    const placement = placeOnGrid(grid, fileGrid, shiftPx);
    return [true, false].flatMap((isNearest): Group[] => {
      const bands = ofFile.filter(({ name }) => (resampling === 'nearest' || isClass(name)) === isNearest);
      return bands.length === 0 ? [] : [{ file, fileGrid, placement, isNearest, bands }];
    });
  });
}

const isClass = (name: string) => name === 'scl' || name === 'cloudmask';
/** Bounds of one piece: output pixels (16 bytes of positions each) and source samples. */
const maxPiecePx = 1 << 20;
const maxPieceSamples = 8_000_000;

async function readGroup(group: Group, window: Window, data: Float32Array): Promise<void> {
  const pieces: Window[] = [window];
  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    if (piece.width === 0 || piece.height === 0) continue;
    const parts = (await readPiece(group, piece, window, data)) ? [] : halvesOf(piece);
    pieces.push(...parts.toReversed());
  }
}

/** Rows first: files of strips are then read once, from top to bottom. */
function halvesOf({ col, row, width, height }: Window): readonly Window[] {
  if (height >= 64 || (height > 1 && height >= width)) {
    const upper = Math.ceil(height / 2);
    return [
      { col, row, width, height: upper },
      { col, row: row + upper, width, height: height - upper },
    ];
  }
  const left = Math.ceil(width / 2);
  return [
    { col, row, width: left, height },
    { col: col + left, row, width: width - left, height },
  ];
}

/** False where the piece is too large to be read at once. */
async function readPiece(group: Group, piece: Window, window: Window, data: Float32Array): Promise<boolean> {
  const { file, placement, bands, isNearest } = group;
  const isSmallest = piece.width * piece.height === 1;
  if (placement.kind === 'copy') {
    if (piece.width * piece.height * bands.length > maxPieceSamples && !isSmallest) return false;
    await copyPiece(group, placement, piece, window, data);
    return true;
  }
  if (piece.width * piece.height > maxPiecePx) return false;
  const { sample, reachPx } = isNearest ? { sample: sampleNearest, reachPx: 0 } : reflectanceSampler(placement.scale);
  const positions = positionsOf(placement, piece);
  const needed = sourceWindow(positions, reachPx, file);
  if (needed === null) return true;
  if (needed.width * needed.height * bands.length > maxPieceSamples && !isSmallest) return false;
  const patch = { ...needed, bands: bands.length, data: new Float32Array(bands.length * needed.width * needed.height) };
  await readInto(
    group,
    needed,
    { data: patch.data, width: needed.width, height: needed.height, col: 0, row: 0 },
    bands.map((_, i) => i),
  );
  const count = piece.width * piece.height;
  const out = new Float32Array(bands.length * count);
  sample(patch, positions, out);
  bands.forEach(({ slot }, i) => {
    for (let r = 0; r < piece.height; r++) {
      const at = (slot * window.height + piece.row - window.row + r) * window.width + piece.col - window.col;
      data.set(out.subarray(i * count + r * piece.width, i * count + (r + 1) * piece.width), at);
    }
  });
  return true;
}

/** The part of the file that the positions look at; null where they are all outside. */
function sourceWindow({ u, v }: Positions, reachPx: number, file: PixelFile): Window | null {
  let [minU, maxU, minV, maxV] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < u.length; i++) {
    const [x, y] = [u[i] as number, v[i] as number];
    if (!(x >= 0 && y >= 0 && x < file.width && y < file.height)) continue;
    if (x < minU) minU = x;
    if (x > maxU) maxU = x;
    if (y < minV) minV = y;
    if (y > maxV) maxV = y;
  }
  if (minU > maxU) return null;
  const [col, row] = [Math.max(0, Math.floor(minU) - reachPx), Math.max(0, Math.floor(minV) - reachPx)];
  const right = Math.min(file.width, Math.floor(maxU) + reachPx + 1);
  const bottom = Math.min(file.height, Math.floor(maxV) + reachPx + 1);
  return { col, row, width: right - col, height: bottom - row };
}

async function copyPiece(
  group: Group,
  move: { readonly col: number; readonly row: number },
  piece: Window,
  window: Window,
  data: Float32Array,
): Promise<void> {
  const { file, bands } = group;
  const [col, row] = [Math.max(0, piece.col + move.col), Math.max(0, piece.row + move.row)];
  const right = Math.min(file.width, piece.col + move.col + piece.width);
  const bottom = Math.min(file.height, piece.row + move.row + piece.height);
  if (right <= col || bottom <= row) return;
  const needed = { col, row, width: right - col, height: bottom - row };
  const target = {
    data,
    width: window.width,
    height: window.height,
    col: col - move.col - window.col,
    row: row - move.row - window.row,
  };
  await readInto(
    group,
    needed,
    target,
    bands.map(({ slot }) => slot),
  );
}

/** Where a rectangle goes: corner (col, row) of a `[slot][row][col]` array of this size. */
interface Target {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly col: number;
  readonly row: number;
}

/** Bands of a window of the file as reflectance, NaN where there is none, each into its slot of the target. */
async function readInto(
  { file, bands }: Group,
  window: Window,
  target: Target,
  slots: readonly number[],
): Promise<void> {
  const { data: samples } = await file.readWindow(
    window,
    bands.map(({ index }) => index),
  );
  const mask = file.alphaIndex !== null || file.hasMask ? await file.readMask(window) : null;
  const { width, height } = window;
  bands.forEach((band, i) => {
    for (let r = 0; r < height; r++) {
      const to = ((slots[i] as number) * target.height + target.row + r) * target.width + target.col;
      convertRow(samples, (i * height + r) * width, band, target.data, to, width);
      if (mask !== null)
        for (let c = 0; c < width; c++) if (mask[r * width + c] === 0) target.data[to + c] = Number.NaN;
    }
  });
}

function convertRow(
  samples: Samples,
  from: number,
  band: SceneBand,
  out: Float32Array,
  to: number,
  count: number,
): void {
  const { scale, offset, dtype } = band;
  const nodata = band.nodata ?? Number.NaN;
  if (samples instanceof Uint16Array) {
    convertRow16(samples.subarray(from, from + count), { scale, offset, nodata }, out, to);
    return;
  }
  // float32 files hold the nearest float32 of the nodata value they name
  const none = dtype === 'float32' ? Math.fround(nodata) : nodata;
  for (let i = 0; i < count; i++) {
    const value = samples[from + i] as number;
    out[to + i] = value === none || value - value !== 0 ? Number.NaN : value * scale + offset;
  }
}

/** The usual scene: a loop that sees one kind of array and no NaN takes a third of the time. */
function convertRow16(
  samples: Uint16Array,
  { scale, offset, nodata }: { readonly scale: number; readonly offset: number; readonly nodata: number },
  out: Float32Array,
  to: number,
): void {
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i] as number;
    out[to + i] = value === nodata ? Number.NaN : value * scale + offset;
  }
}
