import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import type { Crs } from '../../pipeline/types.ts';
import { chooseCrs, crsFromOption, type CoordinateSample } from '../../pipeline/vector/crs-choice.ts';
import { unreadable, type VectorFeature, type VectorNote } from '../../pipeline/vector/feature.ts';
import { watchFeatures } from '../../pipeline/vector/watch.ts';
import { openGeojsonLayer } from './geojson-reader.ts';
import { openFlatgeobufLayer } from './flatgeobuf-reader.ts';
import { openGeopackageLayer } from './geopackage-reader.ts';
import type { RawLayer, VectorFormat, VectorOptions } from './raw-layer.ts';
import { openShapefileLayer } from './shapefile-reader.ts';
import { unpackZip } from './zip-folder.ts';
import { openFilegdbLayer } from './filegdb-reader.ts';

export type { VectorFeature, VectorNote, VectorPolygon, VectorValue } from '../../pipeline/vector/feature.ts';
export type { VectorFormat, VectorOptions } from './raw-layer.ts';

/** A vector file that was opened. */
export interface VectorFile {
  readonly path: string;
  readonly format: VectorFormat;
  readonly layer: string;
  readonly crs: Crs;
  /** how the system was found out, for people */
  readonly crsHow: string;
  /** of the attributes; null where the format leaves no choice */
  readonly encoding: string | null;
  readonly encodingHow: string | null;
  readonly fields: readonly string[];
  readonly featureCount: number | null;
  /** whole only when all features were read */
  readonly notes: readonly VectorNote[];
  /**
   * Every row in file order, x before y, empty and null geometries included; may be asked for again.
   *
   * @throws AppError INPUT_INVALID, naming the row; at the end, where rows are of more than one coordinate system
   */
  features(): AsyncIterable<VectorFeature>;
  close(): Promise<void>;
}

/** Rows whose first vertex tells the system. */
const sampleRows = 1000;

/**
 * Open polygons with attributes: GeoJSON, shapefile, GeoPackage, FlatGeobuf, FileGDB (where gdal3.js is installed), or one of
 * them in a .zip.
 *
 * @throws AppError INPUT_INVALID where the file cannot be used; CONFIG_INVALID for an option
 */
export async function openVector(path: string, options: VectorOptions = {}): Promise<VectorFile> {
  const wanted = options.crs === undefined ? null : crsFromOption(options.crs);
  const file = basename(path);
  const raw = await openRaw(path, options);
  try {
    const { format, layer, declared, encoding, encodingHow, fields, featureCount } = raw;
    const choice = chooseCrs(file, { option: wanted, declared, samples: await sampleOf(raw) });
    raw.notes.push(...choice.notes);
    return {
      path,
      format,
      layer,
      crs: choice.crs,
      crsHow: choice.how,
      encoding,
      encodingHow,
      fields,
      featureCount,
      notes: raw.notes,
      async *features() {
        const watch = watchFeatures(file, choice);
        for await (const feature of raw.rows()) yield watch.pass(feature);
        for (const note of watch.end())
          if (!raw.notes.some(({ code, message }) => code === note.code && message === note.message))
            raw.notes.push(note);
      },
      close: () => raw.close(),
    };
  } catch (error) {
    await raw.close();
    throw error;
  }
}

async function sampleOf(raw: RawLayer): Promise<CoordinateSample[]> {
  const samples: CoordinateSample[] = [];
  for await (const { row, polygons } of raw.rows()) {
    const point = polygons?.[0]?.[0]?.[0];
    if (point !== undefined) samples.push({ row, x: point[0], y: point[1] });
    if (samples.length >= sampleRows) break;
  }
  return samples;
}

async function openRaw(path: string, options: VectorOptions): Promise<RawLayer> {
  if ((await stat(path).catch(() => null)) === null)
    throw new AppError('INPUT_INVALID', `${path} does not exist.`, 'Check the path.', { path });
  const name = path.toLowerCase();
  if (/\.(geojson|json)$/.test(name)) return openGeojsonLayer(path, options);
  if (/\.(dbf|shx|prj|cpg)$/.test(name))
    throw unreadable(basename(path), 'it is a part of a shapefile.', 'Give its .shp.');
  if (name.endsWith('.shp')) return openShapefileLayer(path, options);
  if (name.endsWith('.gpkg')) return openGeopackageLayer(path, options);
  if (name.endsWith('.fgb')) return openFlatgeobufLayer(path, options);
  if (/\.gdb\/?$/.test(name)) return openFilegdbLayer(path, options);
  if (name.endsWith('.zip')) return openZipped(path, options);
  throw unreadable(
    basename(path),
    'its name ends in none of .geojson .json .shp .gpkg .fgb .gdb .zip.',
    'Convert it: ogr2ogr out.gpkg …',
  );
}

async function openZipped(path: string, options: VectorOptions): Promise<RawLayer> {
  const unpacked = await unpackZip(path, options.layer);
  try {
    const { layer: _, ...rest } = options;
    const raw = await openRaw(unpacked.path, unpacked.isNamed ? rest : options);
    return {
      ...raw,
      async close() {
        await raw.close();
        await unpacked.close();
      },
    };
  } catch (error) {
    await unpacked.close();
    throw error;
  }
}
