import { AppError } from '../errors.ts';
import { unobserved, type Chunk, type Raster, type Window } from '../types.ts';
import type { Size } from './plan.ts';

export interface StitchOptions {
  readonly size: Size;
  /** bands of every chunk raster */
  readonly bands: number;
  /** in row-major order; their `keep` windows partition the grid */
  readonly chunks: readonly Pick<Chunk, 'index' | 'keep'>[];
  /** the raster of a chunk's `keep` window; null: it failed for good, nothing is known about it */
  readonly get: (chunk: Pick<Chunk, 'index' | 'keep'>) => Promise<Raster<Uint8Array> | null>;
}

/** Rows of the whole grid, from `row` on. */
export interface StitchedRows {
  readonly row: number;
  readonly rowCount: number;
  /** `[band][row][col]`, grid width; its array is filled anew for the next strip */
  readonly raster: Raster<Uint8Array>;
}

/**
 * Put chunk rasters together again, top down, one row of chunks at a time: memory is one strip and one chunk. A chunk
 * without a raster is 255 in every band: what was not seen is not unchanged.
 *
 * @throws AppError BUG where the chunks do not partition the grid or a raster is not of its chunk's size
 */
export async function* stitchRows(options: StitchOptions): AsyncGenerator<StitchedRows, void, void> {
  const { size, bands, chunks, get } = options;
  let row = 0;
  let buffer = new Uint8Array(0);
  for (let first = 0; first < chunks.length;) {
    const rowCount = chunks[first]!.keep.height;
    const length = bands * rowCount * size.width;
    if (buffer.length < length) buffer = new Uint8Array(length);
    const strip = { data: buffer.subarray(0, length), width: size.width, height: rowCount, bands };
    for (let col = 0; col < size.width; first++) {
      const chunk = chunks[first];
      if (!chunk || !isNext(chunk.keep, { col, row, width: size.width - col, height: rowCount }))
        throw misfit(`chunk ${chunk?.index ?? first} does not follow at row ${row}, column ${col}`);
      paste(strip, chunk, await get(chunk));
      col += chunk.keep.width;
    }
    yield { row, rowCount, raster: strip };
    row += rowCount;
  }
  if (row !== size.height) throw misfit(`the chunks end at row ${row} of ${size.height}`);
}

function isNext(keep: Window, rest: Window): boolean {
  return (
    keep.col === rest.col &&
    keep.row === rest.row &&
    keep.height === rest.height &&
    keep.width > 0 &&
    keep.width <= rest.width
  );
}

function paste(
  strip: Raster<Uint8Array>,
  { index, keep }: Pick<Chunk, 'index' | 'keep'>,
  raster: Raster<Uint8Array> | null,
): void {
  const fits =
    raster === null || (raster.width === keep.width && raster.height === keep.height && raster.bands === strip.bands);
  if (!fits)
    throw misfit(
      `the raster of chunk ${index} is ${raster.bands} × ${raster.height} × ${raster.width}, not ${strip.bands} × ${keep.height} × ${keep.width}`,
    );
  for (let line = 0; line < strip.bands * strip.height; line++) {
    const to = line * strip.width + keep.col;
    if (raster === null) strip.data.fill(unobserved, to, to + keep.width);
    else strip.data.set(raster.data.subarray(line * keep.width, (line + 1) * keep.width), to);
  }
}

function misfit(what: string): AppError {
  return new AppError('BUG', `Stitching: ${what}.`, 'Report this with the command that led to it.');
}
