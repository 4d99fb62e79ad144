import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { ByteSink, Spool } from '../../pipeline/ports.ts';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import type { CogOptions } from '../../pipeline/raster/cog.ts';
import { categories, categoryCodes } from '../../pipeline/rule/reason.ts';
import { unobserved } from '../../pipeline/types.ts';
import { fileSpools, openFileSink } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import { categoryStyles } from './category-style.ts';
import type { RunPlan } from './run-plan.ts';
import { planeOf, stitchedRows } from './stitch.ts';

export const categoryFile = 'category.tif';

const stripRows = 256;
const bytesPerRun = 13;
/** per strip; a grid of 30,000 rows has 118 strips */
const bufferBytes = 32 << 10;

/** Patches end long after their rows have streamed by: their runs wait in a spool per strip until the rows come again. */
export interface CategoryPainter {
  /** @param runs `[row, first col, col after the last]` of a patch @param code value of `category.tif` */
  add(runs: Int32Array, code: number): Promise<void>;
  /**
   * Write the raster: 255 where `change` is, the code of its patch else, 0 where there is none.
   *
   * @param changeRows the rows of `change.tif` once more, from the top
   */
  write(options: Omit<CogOptions, 'bands' | 'dtype' | 'overview'>, rows: ChangeRows, sink: ByteSink): Promise<void>;
  close(): Promise<void>;
}

export type ChangeRows = AsyncIterable<{ readonly data: Uint8Array; readonly height: number }>;

interface Strip {
  readonly spool: Spool;
  readonly buffer: DataView<ArrayBuffer>;
  used: number;
}

export function openCategoryPainter(spool: () => Promise<Spool>): CategoryPainter {
  const strips = new Map<number, Strip>();
  const stripAt = async (index: number): Promise<Strip> => {
    const known = strips.get(index);
    if (known) return known;
    const made = { spool: await spool(), buffer: new DataView(new ArrayBuffer(bufferBytes)), used: 0 };
    strips.set(index, made);
    return made;
  };
  const flush = async (strip: Strip): Promise<void> => {
    await strip.spool.write(new Uint8Array(strip.buffer.buffer, 0, strip.used).slice());
    strip.used = 0;
  };

  /** Runs of a strip painted over its plane, whose first row is `top`. */
  async function paint(index: number, plane: Uint8Array, width: number): Promise<void> {
    const strip = strips.get(index);
    if (!strip) return;
    await flush(strip);
    let rest = new Uint8Array(0);
    for await (const bytes of strip.spool.read()) {
      const all = new Uint8Array(rest.length + bytes.length);
      all.set(rest);
      all.set(bytes, rest.length);
      const view = new DataView(all.buffer);
      let at = 0;
      for (; at + bytesPerRun <= all.length; at += bytesPerRun) {
        const start = (view.getInt32(at) - index * stripRows) * width;
        plane.fill(view.getUint8(at + 12), start + view.getInt32(at + 4), start + view.getInt32(at + 8));
      }
      rest = all.slice(at);
    }
  }

  return {
    async add(runs, code) {
      for (let at = 0; at < runs.length; at += 3) {
        const strip = await stripAt(Math.floor(runs[at]! / stripRows));
        if (strip.used + bytesPerRun > bufferBytes) await flush(strip);
        const { buffer, used } = strip;
        buffer.setInt32(used, runs[at]!);
        buffer.setInt32(used + 4, runs[at + 1]!);
        buffer.setInt32(used + 8, runs[at + 2]!);
        buffer.setUint8(used + 12, code);
        strip.used += bytesPerRun;
      }
    },
    async write(options, rows, sink) {
      const { width, height } = options;
      const writer = await openCogWriter({ ...options, bands: 1, dtype: 'uint8', overview: 'mode' });
      try {
        let index = 0;
        let filled = 0;
        let plane = new Uint8Array(Math.min(stripRows, height) * width);
        for await (const { data, height: count } of rows)
          for (let row = 0; row < count; row++) {
            for (let col = 0; col < width; col++)
              plane[filled * width + col] = data[row * width + col] === unobserved ? unobserved : 0;
            filled++;
            const isLast = index * stripRows + filled === height;
            if (filled < stripRows && !isLast) continue;
            await paint(index, plane, width);
            await writer.writeRows({ data: plane.subarray(0, filled * width), width, height: filled, bands: 1 });
            index++;
            filled = 0;
            plane = new Uint8Array(Math.min(stripRows, Math.max(0, height - index * stripRows)) * width);
          }
        await writer.finish(sink);
      } finally {
        await writer.close();
      }
    },
    async close() {
      for (const { spool: held } of strips.values()) await held.close();
    },
  };
}

export interface WriteCategoriesOptions {
  readonly painter: CategoryPainter;
  readonly path: string;
  readonly folder: string;
  readonly images: ImageStore;
  readonly failed: ReadonlySet<number>;
  throwIfCancelled(): void;
}

/** `category.tif`: what every pixel of a patch means, on the grid of the run. */
export async function writeCategories(plan: RunPlan, options: WriteCategoriesOptions): Promise<void> {
  const { grid } = plan;
  const { painter, path, folder, images, failed, throwIfCancelled } = options;
  async function* changeRows() {
    for await (const { raster } of stitchedRows(plan, images, failed)) {
      throwIfCancelled();
      yield planeOf(raster, chunkBands.indexOf('change'));
    }
  }
  const sink = await openFileSink(path);
  try {
    const cog = {
      width: grid.width,
      height: grid.height,
      crs: grid.crs,
      affine: grid.affine,
      nodata: unobserved,
      metadata: { CLASSES: JSON.stringify(Object.fromEntries(categories.map((name) => [categoryCodes[name], name]))) },
      palette: categoryStyles.map(({ name, colour }) => ({ value: categoryCodes[name], colour })),
      spool: fileSpools(`${folder}/scratch`),
    };
    await painter.write(cog, changeRows(), sink);
    await sink.publish();
  } finally {
    await sink.discard();
  }
}
