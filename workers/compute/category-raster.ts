import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { Spool } from '../../pipeline/ports.ts';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import { categories, categoryCodes } from '../../pipeline/rule/reason.ts';
import { unobserved } from '../../pipeline/types.ts';
import { fileSpools, openFileSink } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import { categoryStyles } from './category-style.ts';
import type { TallyRows } from './ground-tally.ts';
import type { RunPlan } from './run-plan.ts';
import { planeOf, stitchedRows } from './stitch.ts';

export const categoryFile = 'category.tif';

const stripRows = 256;
/** row, first column, column after the last, code */
const bytesPerRun = 13;
/** per strip; a grid of 30,000 rows has 118 strips */
const bufferBytes = 8192 * bytesPerRun;

/** Patches end long after their rows have streamed by: their runs wait in a spool per strip until the rows come again. */
export interface CategoryPainter {
  /** @param runs `[row, first col, col after the last]` of a patch @param code value of `category.tif` */
  add(runs: Int32Array, code: number): Promise<void>;
  /** Paint what was added over rows of the grid, `plane` row-major; from the top down, once all is added. */
  paint(
    plane: Uint8Array,
    rows: { readonly row: number; readonly rowCount: number; readonly width: number },
  ): Promise<void>;
  close(): Promise<void>;
}

interface Strip {
  readonly spool: Spool;
  readonly buffer: DataView<ArrayBuffer>;
  used: number;
}

export function openCategoryPainter(spool: () => Promise<Spool>): CategoryPainter {
  const strips = new Map<number, Strip>();
  /** the strip that was painted last; the next rows may begin in its middle */
  let read: { readonly index: number; readonly runs: readonly DataView[] } | null = null;
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

  async function runsOf(index: number): Promise<readonly DataView[]> {
    if (read?.index === index) return read.runs;
    const strip = strips.get(index);
    const runs: DataView[] = [];
    if (strip) {
      await flush(strip);
      let rest = new Uint8Array(0);
      for await (const bytes of strip.spool.read()) {
        const all = new Uint8Array(rest.length + bytes.length);
        all.set(rest);
        all.set(bytes, rest.length);
        const whole = all.length - (all.length % bytesPerRun);
        runs.push(new DataView(all.buffer, 0, whole));
        rest = all.slice(whole);
      }
      await strip.spool.close();
    }
    read = { index, runs };
    return runs;
  }

  return {
    async add(runs, code) {
      for (let at = 0; at < runs.length; at += 3) {
        const strip = await stripAt(Math.floor(runs[at]! / stripRows));
        if (strip.used === bufferBytes) await flush(strip);
        const { buffer, used } = strip;
        buffer.setInt32(used, runs[at]!);
        buffer.setInt32(used + 4, runs[at + 1]!);
        buffer.setInt32(used + 8, runs[at + 2]!);
        buffer.setUint8(used + 12, code);
        strip.used += bytesPerRun;
      }
    },
    async paint(plane, { row, rowCount, width }) {
      for (let index = Math.floor(row / stripRows); index * stripRows < row + rowCount; index++)
        for (const view of await runsOf(index))
          for (let at = 0; at < view.byteLength; at += bytesPerRun) {
            const own = view.getInt32(at) - row;
            if (own < 0 || own >= rowCount) continue;
            plane.fill(
              view.getUint8(at + 12),
              own * width + view.getInt32(at + 4),
              own * width + view.getInt32(at + 8),
            );
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
  /** is shown every strip of rows as it is written */
  onRows(rows: TallyRows): void;
  throwIfCancelled(): void;
}

/** `category.tif`: what every pixel of a patch means, on the grid of the run; 255 where `change.tif` is. */
export async function writeCategories(plan: RunPlan, options: WriteCategoriesOptions): Promise<void> {
  const { crs, affine, width, height } = plan.grid;
  const { painter, path, folder, images, failed, onRows, throwIfCancelled } = options;
  const sink = await openFileSink(path);
  const writer = await openCogWriter({
    width,
    height,
    crs,
    affine,
    bands: 1,
    dtype: 'uint8',
    overview: 'mode',
    nodata: unobserved,
    metadata: { CLASSES: JSON.stringify(Object.fromEntries(categories.map((name) => [categoryCodes[name], name]))) },
    palette: categoryStyles.map(({ name, colour }) => ({ value: categoryCodes[name], colour })),
    spool: fileSpools(`${folder}/scratch`),
  });
  try {
    let row = 0;
    for await (const { raster } of stitchedRows(plan, images, failed)) {
      throwIfCancelled();
      const rowCount = raster.height;
      const of = (name: (typeof chunkBands)[number]): Uint8Array => planeOf(raster, chunkBands.indexOf(name)).data;
      const category = of('change').map((value) => (value === unobserved ? unobserved : 0));
      await painter.paint(category, { row, rowCount, width });
      onRows({
        row,
        rowCount,
        category,
        classBefore: of('classesBefore'),
        classAfter: of('classesAfter'),
        changeInto: of('changeInto'),
        reason: of('reason'),
      });
      await writer.writeRows({ data: category, width, height: rowCount, bands: 1 });
      row += rowCount;
    }
    await writer.finish(sink);
    await sink.publish();
  } finally {
    await writer.close();
    await sink.discard();
  }
}
