import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { unreadable } from '../../pipeline/vector/feature.ts';
import { openGeopackageLayer } from './geopackage-reader.ts';
import { pickLayer } from './pick-layer.ts';
import type { RawLayer, VectorOptions } from './raw-layer.ts';

interface GdalDataset {
  readonly info: {
    readonly layers?: readonly { readonly name: string; readonly geometryFields?: readonly unknown[] }[];
  };
}

/** What is used of gdal3.js. */
interface Gdal {
  open(path: string): Promise<{ readonly datasets: readonly GdalDataset[]; readonly errors: readonly unknown[] }>;
  ogr2ogr(dataset: GdalDataset, options: readonly string[], name: string): Promise<{ readonly local: string }>;
  getFileBytes(path: string): Promise<Uint8Array>;
  close(dataset: GdalDataset): Promise<unknown>;
}

const packageName = 'gdal3.js';

function locate(): string | null {
  try {
    return createRequire(import.meta.url).resolve(`${packageName}/node.js`);
  } catch {
    return null;
  }
}

/** Whether FileGDB can be read here. */
export const hasFilegdb = (): boolean => locate() !== null;

async function loadGdal(file: string): Promise<Gdal> {
  const path = locate();
  if (path === null)
    throw new AppError(
      'INPUT_INVALID',
      `${file}: FileGDB is read by the optional package ${packageName}, which is not installed.`,
      `npm install --no-save ${packageName}@2.8, or convert it: ogr2ogr -f GPKG out.gpkg ${file}.`,
      { file },
    );
  const loaded = (await import(path)) as { readonly default: (options: object) => Promise<Gdal> };
  // it puts ./ before the folder of its own files
  const own = relative('.', join(dirname(path), 'dist', 'package'));
  return loaded.default({ path: own, useWorker: false, logHandler: () => {}, errorHandler: () => {} });
}

/** Open a layer of a .gdb folder: gdal3.js turns it into GeoPackage, which is read as such. */
export async function openFilegdbLayer(path: string, options: VectorOptions): Promise<RawLayer> {
  const file = basename(path);
  if (!(await stat(path).catch(() => null))?.isDirectory())
    throw unreadable(file, 'it is no folder.', 'Give the .gdb folder, or a .zip of it.');
  const gdal = await loadGdal(file);
  const { datasets } = await gdal.open(resolve(path)).catch((error: unknown) => {
    throw unreadable(file, `GDAL cannot open it: ${String(error)}.`, `Convert it: ogr2ogr -f GPKG out.gpkg ${file}.`);
  });
  const [dataset] = datasets;
  if (dataset === undefined)
    throw unreadable(file, 'GDAL finds nothing in it.', 'Copy the .gdb folder again, as a whole.');
  const layers = (dataset.info.layers ?? []).filter(({ geometryFields = [] }) => geometryFields.length > 0);
  const { name } = pickLayer(file, layers, (layer) => layer.name, options.layer);
  const folder = await mkdtemp(join(tmpdir(), 'tianwatch-gdb-'));
  try {
    // of the formats GDAL writes this one keeps rows without a shape and 64-bit integers
    const made = await gdal.ogr2ogr(dataset, ['-f', 'GPKG', '-lco', 'SPATIAL_INDEX=NO', name], 'layer');
    const copy = join(folder, `${basename(file, extname(file))}.gpkg`);
    await writeFile(copy, await gdal.getFileBytes(made.local));
    await gdal.close(dataset);
    const raw = await openGeopackageLayer(copy, { ...options, layer: name });
    return {
      ...raw,
      format: 'filegdb',
      layer: name,
      async close() {
        await raw.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
