import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { openFileSink, writeFileAtomic } from '../../workers/images/file-sink.ts';
import { readNpz } from './npz.ts';
import type { Place } from './place.ts';

const bands = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'] as const;
const bandOf: Readonly<Record<(typeof bands)[number], string>> = {
  blue: 'B02',
  green: 'B03',
  red: 'B04',
  nir: 'B08',
  swir16: 'B11',
  swir22: 'B12',
};
/** Scene classes of Sentinel-2 L2A that show the ground: dark, vegetation, bare, water, unclassified. */
const clearClasses = [2, 4, 5, 6, 7];
/** A date counts as clear where its scene classes show the ground of this share of the pixels. */
const leastClear = 0.75;
const cellPx = 27;

/** Pairs of dates, and which pixels of them are real windows and not their mirrored surroundings. */
export interface RicePairs {
  readonly places: readonly Place[];
  readonly isCounted: (pixel: { readonly row: number; readonly col: number }) => boolean;
}

/**
 * Paddies of the Mekong delta, windows of 9 × 9 px: each mirrored at its edges to 27 × 27 and laid side by side, for a scene
 * needs a size. What is not clear by its scene class is not observed. Nothing was built there that we know of.
 *
 * @param folder where the scenes are written
 * @returns null where the imagery is absent
 */
export async function ricePairs(data: string, folder: string): Promise<RicePairs | null> {
  const path = join(data, 'angiang_rice/angiang_9x9.npz');
  if (!existsSync(path)) return null;
  const { X, dates, bands: names } = await readNpz(path, ['X', 'dates', 'bands']);
  const [count = 0, dateCount = 0, planes = 0, side = 0] = X!.shape;
  const values = X!.data as Uint16Array;
  const at = (window: number, date: number, plane: number, row: number, col: number): number =>
    values[(((window * dateCount + date) * planes + plane) * side + row) * side + col]!;
  const planeOf = (name: string): number => (names!.data as readonly string[]).indexOf(name);
  const scl = planeOf('SCL');
  const isClear = (window: number, date: number, row: number, col: number): boolean =>
    clearClasses.includes(at(window, date, scl, row, col));
  const across = Math.ceil(Math.sqrt(count));
  const sizePx = across * cellPx;
  const margin = (cellPx - side) / 2;
  const inside = (px: number): number => {
    const from = (px % cellPx) - margin;
    return from < 0 ? -from - 1 : from >= side ? 2 * side - 1 - from : from;
  };
  const files: string[] = [];
  for (let date = 0; date < dateCount; date++) {
    let clear = 0;
    for (let k = 0; k < count * side * side; k++)
      clear += isClear(Math.floor(k / side / side), date, Math.floor(k / side) % side, k % side) ? 1 : 0;
    if (clear < leastClear * count * side * side) continue;
    const pixels = new Uint16Array(bands.length * sizePx * sizePx);
    for (const [band, name] of bands.entries()) {
      const plane = planeOf(bandOf[name]);
      for (let row = 0; row < sizePx; row++)
        for (let col = 0; col < sizePx; col++) {
          const window = Math.floor(row / cellPx) * across + Math.floor(col / cellPx);
          if (window >= count || !isClear(window, date, inside(row), inside(col))) continue;
          pixels[(band * sizePx + row) * sizePx + col] = Math.max(1, at(window, date, plane, inside(row), inside(col)));
        }
    }
    files.push(await writeScene(folder, (dates!.data as readonly string[])[date]!, { data: pixels, sizePx }));
  }
  const places = files.flatMap((first, i) =>
    files.slice(i + 1).map((second): Place => ({
      name: `${first} ${second}`,
      before: [first],
      after: [second],
      mask: null,
      truthOf: () => 1,
    })),
  );
  const isReal = (px: number): boolean => px % cellPx >= margin && px % cellPx < margin + side;
  return { places, isCounted: ({ row, col }) => isReal(row) && isReal(col) };
}

async function writeScene(
  folder: string,
  date: string,
  { data, sizePx }: { readonly data: Uint16Array; readonly sizePx: number },
): Promise<string> {
  const path = join(folder, `rice-${date}.tif`);
  const size = { width: sizePx, height: sizePx, bands: bands.length };
  const sink = await openFileSink(path);
  const writer = await openCogWriter({
    ...size,
    dtype: 'uint16',
    nodata: 0,
    overview: 'average',
    crs: crsFromEpsg(32648),
    affine: [10, 0, 500_000, 0, -10, 1_150_000],
    bandDescriptions: bands,
    metadata: { ACQUISITION_DATE: date, SENSOR: 'Sentinel-2' },
  });
  await writer.writeRows({ data, ...size });
  await writer.finish(sink);
  await sink.publish();
  await writeFileAtomic(`${path}.scene.json`, Buffer.from(JSON.stringify({ scale: 0.0001, acquired: date })));
  return path;
}
