import { openFlatgeobufWriter } from './flatgeobuf-writer.ts';
import { openGeojsonWriter } from './geojson-writer.ts';
import { openGeopackageWriter } from './geopackage-writer.ts';
import type { VectorFormat } from './raw-layer.ts';
import { openShapefileWriter } from './shapefile-writer.ts';
import type { VectorWriter, WriteOptions, WrittenFeature } from './vector-writer.ts';

const writers: Readonly<
  Record<Exclude<VectorFormat, 'filegdb'>, (path: string, options: WriteOptions) => Promise<VectorWriter>>
> = {
  geojson: openGeojsonWriter,
  shapefile: (path, options) => openShapefileWriter(path.replace(/\.shp$/i, ''), options),
  geopackage: openGeopackageWriter,
  flatgeobuf: openFlatgeobufWriter,
};

/**
 * Write a whole layer; a shapefile in UTF-8 with a .cpg.
 *
 * @param path with extension
 * @returns how many rows there were
 * @throws AppError INPUT_INVALID where a value does not fit its column; EXHAUSTED, FORBIDDEN, NOT_FOUND
 */
export async function writeVector(
  format: keyof typeof writers,
  path: string,
  {
    features,
    ...options
  }: WriteOptions & { readonly features: Iterable<WrittenFeature> | AsyncIterable<WrittenFeature> },
): Promise<number> {
  const writer = await writers[format](path, options);
  let count = 0;
  try {
    for await (const feature of features) {
      count++;
      const pending = writer.add(feature);
      if (pending !== null) await pending;
    }
    await writer.finish();
  } finally {
    await writer.discard();
  }
  return count;
}
