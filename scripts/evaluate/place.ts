import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { openFileSource } from '../../workers/images/file-source.ts';

/** Two dates of a place, and where somebody knows what changed, the truth. */
export interface Place {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** one band; null = nothing was built there that we know of */
  readonly mask: string | null;
  /** value of the mask → truth */
  readonly truthOf: (value: number) => Truth;
}

/** 0 = not scored, 1 = no change, 2 = change into built or bare, 3 = change into something else. */
export type Truth = 0 | 1 | 2 | 3;

export interface TruthRaster {
  /** row-major; size of the finest before file, or a pixel off */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export const sharedData = (): string => resolve(process.env['TIANWATCH_SHARED'] ?? '../shared', 'data');

const known = (value: number): Truth => (value === 1 || value === 2 || value === 3 ? value : 0);

/** Pairs with a mask, in the folders of `<data>/s2_pairs`. */
export function maskedPairs(data = sharedData()): Place[] {
  const folder = join(data, 's2_pairs');
  return readdirSync(folder)
    .toSorted()
    .flatMap((name): Place[] => {
      const files = readdirSync(join(folder, name)).toSorted();
      const mask = files.find((file) => file.endsWith('_mask.tif'));
      const dates = [...new Set(files.flatMap((file) => /_(\d{8})_/.exec(file)?.[1] ?? []))].toSorted();
      const of = (date: string | undefined): string[] =>
        files.filter((file) => date !== undefined && file.includes(date)).map((file) => join(folder, name, file));
      if (mask === undefined) return [];
      return [{ name, before: of(dates[0]), after: of(dates[1]), mask: join(folder, name, mask), truthOf: known }];
    });
}

/** Landsat 7 at 30 m; its labels name hardly any change but that of crop land into roads and buildings. */
export function taizhou(data = sharedData()): Place[] {
  const folder = join(data, 'taizhou_landsat');
  if (!existsSync(folder)) return [];
  const [before, after] = readdirSync(folder)
    .filter((file) => file.endsWith('.tif') && !file.includes('label'))
    .toSorted()
    .map((file) => join(folder, file));
  const mask = join(folder, 'taizhou_labels.tif');
  return [{ name: 'taizhou', before: [before!], after: [after!], mask, truthOf: known }];
}

/** All pairs of dates of a series of ground on which nothing was built. */
export function stablePairs(folder: string, isClear: (file: string) => boolean, data = sharedData()): Place[] {
  const files = readdirSync(join(data, folder))
    .filter((file) => file.endsWith('.tif') && isClear(file))
    .toSorted();
  const date = (file: string): string => /\d{4}-\d{2}(-\d{2})?/.exec(file)?.[0] ?? file;
  return files.flatMap((first, i) =>
    files.slice(i + 1).map((second): Place => ({
      name: `${date(first)} ${date(second)}`,
      before: [join(data, folder, first)],
      after: [join(data, folder, second)],
      mask: null,
      truthOf: () => 1,
    })),
  );
}

export async function readTruth(mask: string, truthOf: Place['truthOf']): Promise<TruthRaster> {
  const file = await openGeotiff(await openFileSource(mask));
  const raster = await file.readWindow({ col: 0, row: 0, width: file.width, height: file.height }, [0]);
  await file.close();
  return { data: Uint8Array.from(raster.data, truthOf), width: raster.width, height: raster.height };
}
