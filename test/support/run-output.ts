import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { manifestSchema, summarySchema } from '../../pipeline/report/formats.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import { openFileSource } from '../../workers/images/file-source.ts';

/** A patch as `patches.geojson` has it. */
export interface Feature {
  readonly type: 'Feature';
  readonly properties: PatchProperties;
  readonly geometry: {
    readonly type: 'Polygon';
    readonly coordinates: readonly (readonly (readonly [number, number])[])[];
  };
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** What a run left in its folder, each document parsed by its contract. */
export const readSummary = (out: string) => summarySchema.parse(json(join(out, 'summary.json')));
export const readManifest = (out: string) => manifestSchema.parse(json(join(out, 'run.json')));
export const readFeatures = (out: string) => (json(join(out, 'patches.geojson')) as { features: Feature[] }).features;

/** Header and all pixels of a raster of one band. */
export async function readOutputRaster(path: string) {
  const file = await openGeotiff(await openFileSource(path));
  const { width, height, affine, crs, metadata, tiled } = file;
  const { data: samples } = await file.readWindow({ col: 0, row: 0, width, height }, [0]);
  await file.close();
  return { width, height, affine, epsg: crs?.epsg, metadata, tiled, dtype: file.bands[0]?.dtype, samples };
}
