import type { Spool } from '../ports.ts';
import type { Raster, Samples } from '../types.ts';
import { halveRaster, samplesLike, type OverviewMethod } from './cog-overview.ts';
import { constantOf, cutTile, deflateTile, predict, type Predictor } from './cog-tile.ts';

/** Side of a tile (px). */
export const tilePx = 512;

export interface LevelOptions {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** an array of the raster's sample type, of any length */
  readonly sampleModel: Samples;
  readonly nodata: number | null;
  readonly overview: OverviewMethod;
  readonly predictor: Predictor;
  /** tiles deflated at once */
  readonly concurrency: number;
  readonly spool: Spool;
  /** gets this level at half size */
  readonly next: Level | null;
}

/** One resolution: rows go in from the top, tiles of whole block rows go out to its spool. */
export interface Level {
  readonly width: number;
  readonly height: number;
  readonly spool: Spool;
  /** compressed bytes of each tile, row-major */
  readonly tileBytes: number[];
  rowsSeen(): number;
  append(rows: Raster<Samples>): Promise<void>;
}

/** A tile as it stands in the file: size, bytes, last four bytes again (the promise of the header). */
function framed(packed: Uint8Array): Uint8Array {
  const out = new Uint8Array(packed.length + 8);
  new DataView(out.buffer).setUint32(0, packed.length, true);
  out.set(packed, 4);
  out.set(packed.subarray(packed.length - 4), packed.length + 4);
  return out;
}

/** Bytes that `framed` adds before and after a tile. */
export const leaderBytes = 4;
export const trailerBytes = 4;

export function openLevel(options: LevelOptions): Level {
  const { width, height, bands, sampleModel, spool, next, concurrency, predictor } = options;
  const tilesAcross = Math.ceil(width / tilePx);
  const rowLength = tilePx * bands;
  const buffers = Array.from({ length: Math.min(concurrency, tilesAcross) }, () =>
    samplesLike(sampleModel, tilePx * rowLength),
  );
  const constants = new Map<number, Promise<Uint8Array>>();
  const tileBytes: number[] = [];
  let strip: Raster<Samples> = emptyStrip(0);
  let filled = 0;
  let seen = 0;

  function emptyStrip(fromRow: number): Raster<Samples> {
    const rows = Math.min(tilePx, height - fromRow);
    return { data: samplesLike(sampleModel, width * rows * bands), width, height: rows, bands };
  }

  function packTile(tileCol: number, buffer: Samples): Promise<Uint8Array> {
    cutTile(strip, tileCol, tilePx, buffer);
    const constant = constantOf(buffer);
    const known = constant === null ? undefined : constants.get(constant);
    if (known !== undefined) return known;
    predict(buffer, predictor, rowLength, bands);
    const packed = deflateTile(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)).then(framed);
    // float rasters may have a constant tile of every value
    if (constant !== null && constants.size < 256) constants.set(constant, packed);
    return packed;
  }

  async function flush(): Promise<void> {
    for (let first = 0; first < tilesAcross; first += buffers.length) {
      const group = buffers.slice(0, tilesAcross - first);
      for (const tile of await Promise.all(group.map((buffer, at) => packTile(first + at, buffer)))) {
        tileBytes.push(tile.length - leaderBytes - trailerBytes);
        await spool.write(tile);
      }
    }
    if (next !== null) await next.append(halveRaster(strip, options.overview, options.nodata));
    filled = 0;
    if (strip.height !== Math.min(tilePx, height - seen)) strip = emptyStrip(seen);
  }

  async function append(rows: Raster<Samples>): Promise<void> {
    for (let from = 0; from < rows.height;) {
      const count = Math.min(rows.height - from, strip.height - filled);
      for (let band = 0; band < bands; band++) {
        const start = (band * rows.height + from) * width;
        strip.data.set(rows.data.subarray(start, start + count * width), (band * strip.height + filled) * width);
      }
      from += count;
      filled += count;
      seen += count;
      if (filled === strip.height) await flush();
    }
  }

  return { width, height, spool, tileBytes, rowsSeen: () => seen, append };
}
