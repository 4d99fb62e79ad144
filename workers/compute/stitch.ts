import { join } from 'node:path';
import { chunkBands, resultBands } from '../../pipeline/change/chunk.ts';
import { AppError } from '../../pipeline/errors.ts';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import type { CogWriter } from '../../pipeline/raster/cog.ts';
import { stitchRows } from '../../pipeline/tile/stitch.ts';
import type { StitchedRows } from '../../pipeline/tile/stitch.ts';
import type { Chunk, Raster } from '../../pipeline/types.ts';
import { changeScale, unobserved } from '../../pipeline/types.ts';
import { fileSpools, openFileSink } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import { decodeSlice, sliceRows } from './chunk-file.ts';
import type { RunPlan } from './run-plan.ts';

/** Names of the rasters of a run, by chunk band. */
export const rasterFiles: Readonly<Record<(typeof resultBands)[number], string>> = {
  classesBefore: 'classes_before.tif',
  classesAfter: 'classes_after.tif',
  change: 'change.tif',
  changeInto: 'change_into.tif',
};

interface Slice extends Pick<Chunk, 'index' | 'keep'> {
  readonly chunk: number;
  /** position in the chunk, from the top */
  readonly slice: number;
}

/** The slices of all chunks in row-major order: those of one row of chunks interleave. */
function slicesOf(chunks: readonly Chunk[]): Slice[] {
  const slices: Slice[] = [];
  for (let first = 0; first < chunks.length;) {
    const top = chunks[first]!.keep;
    const next = chunks.findIndex(({ keep }, i) => i > first && keep.row !== top.row);
    const row = chunks.slice(first, next < 0 ? chunks.length : next);
    for (let slice = 0; slice * sliceRows < top.height; slice++)
      for (const { index, keep } of row) {
        const height = Math.min(sliceRows, keep.height - slice * sliceRows);
        const part = { ...keep, row: keep.row + slice * sliceRows, height };
        slices.push({ index: slices.length, keep: part, chunk: index, slice });
      }
    first += row.length;
  }
  return slices;
}

/** Rows of all chunk rasters, top down; failed chunks are 255. Keeps the deflated chunks of one row of them. */
export function stitchedRows(
  plan: Pick<RunPlan, 'grid' | 'chunks' | 'chunkKeys'>,
  images: Pick<ImageStore, 'get'>,
  failed: ReadonlySet<number>,
): AsyncGenerator<StitchedRows, void, void> {
  const slices = slicesOf(plan.chunks);
  const stored = new Map<number, Uint8Array>();
  return stitchRows({
    size: plan.grid,
    bands: chunkBands.length,
    chunks: slices,
    async get({ index }) {
      const { chunk, slice } = slices[index]!;
      if (failed.has(chunk)) return null;
      const bytes = stored.get(chunk) ?? (await images.get(plan.chunkKeys[chunk]!));
      if (bytes === null)
        throw new AppError(
          'UNAVAILABLE',
          `Chunk ${chunk} is missing from the image store or damaged.`,
          'Give the same command again; it is computed anew.',
          { chunk },
        );
      stored.set(chunk, bytes);
      if ((slice + 1) * sliceRows >= plan.chunks[chunk]!.keep.height) stored.delete(chunk);
      return decodeSlice(bytes, slice);
    },
  });
}

/** The threshold as it stands in `change.tif`: 1..250. */
export function thresholdValue(plan: Pick<RunPlan, 'threshold'>): number {
  return Math.max(1, Math.ceil(plan.threshold * changeScale - 1e-9));
}

function openWriter(
  plan: RunPlan,
  band: (typeof resultBands)[number],
  spool: ReturnType<typeof fileSpools>,
): Promise<CogWriter> {
  const { grid, classMap } = plan;
  const isClass = band !== 'change';
  const classes = Object.fromEntries(classMap.classes.map(({ code, name }) => [code, name]));
  return openCogWriter({
    width: grid.width,
    height: grid.height,
    bands: 1,
    dtype: 'uint8',
    crs: grid.crs,
    affine: grid.affine,
    nodata: unobserved,
    overview: isClass ? 'mode' : 'average',
    metadata: isClass ? { CLASSES: JSON.stringify(classes) } : { THRESHOLD: String(thresholdValue(plan)) },
    ...(isClass && { palette: classMap.classes.map(({ code, colour }) => ({ value: code, colour })) }),
    spool,
  });
}

/**
 * Stream the chunks into the four rasters of the result.
 *
 * @param staging folder that will become the result
 */
export async function stitch(
  plan: RunPlan,
  options: {
    readonly staging: string;
    readonly scratch: string;
    readonly images: ImageStore;
    readonly failed: ReadonlySet<number>;
    throwIfCancelled(): void;
  },
): Promise<void> {
  const spool = fileSpools(options.scratch);
  const writers: CogWriter[] = [];
  try {
    for (const band of resultBands) writers.push(await openWriter(plan, band, spool));
    for await (const { raster } of stitchedRows(plan, options.images, options.failed)) {
      options.throwIfCancelled();
      for (const [band, writer] of writers.entries()) await writer.writeRows(planeOf(raster, band));
    }
    for (const [band, writer] of writers.entries()) {
      const sink = await openFileSink(join(options.staging, rasterFiles[resultBands[band]!]));
      try {
        await writer.finish(sink);
        await sink.publish();
      } catch (error) {
        await sink.discard();
        throw error;
      }
    }
  } finally {
    for (const writer of writers) await writer.close();
  }
}

export function planeOf(raster: Raster<Uint8Array>, band: number): Raster<Uint8Array> {
  const count = raster.width * raster.height;
  return {
    data: raster.data.subarray(band * count, (band + 1) * count),
    width: raster.width,
    height: raster.height,
    bands: 1,
  };
}
