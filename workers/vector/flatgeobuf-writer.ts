import { ColumnType } from 'flatgeobuf/lib/mjs/flat-geobuf/column-type.js';
import { GeometryType } from 'flatgeobuf/lib/mjs/flat-geobuf/geometry-type.js';
import { buildFeature } from 'flatgeobuf/lib/mjs/generic/feature.js';
import { buildHeader, mapColumn } from 'flatgeobuf/lib/mjs/generic/featurecollection.js';
import { parseGeometry } from 'flatgeobuf/lib/mjs/geojson/geometry.js';
import { openFileSink } from '../images/file-sink.ts';
import type { VectorColumn, VectorWriter, WriteOptions } from './vector-writer.ts';

const magic = Uint8Array.of(0x66, 0x67, 0x62, 3, 0x66, 0x67, 0x62, 1);
const types = {
  text: ColumnType.String,
  integer: ColumnType.Long,
  real: ColumnType.Double,
  boolean: ColumnType.Bool,
} as const;

const columnOf = ({ name, type }: VectorColumn) => ({ ...mapColumn({ [name]: '' }, name), type: types[type] });

/**
 * A writer of FlatGeobuf, MultiPolygons without a spatial index. A row without polygons becomes an empty one.
 *
 * @see https://flatgeobuf.org
 */
export async function openFlatgeobufWriter(path: string, { crs, columns }: WriteOptions): Promise<VectorWriter> {
  const meta = {
    geometryType: GeometryType.MultiPolygon,
    columns: columns.map(columnOf),
    envelope: null,
    indexNodeSize: 0,
    crs: null,
    title: null,
    description: null,
    metadata: null,
  };
  // a count of 0 takes no room in the head, any other the same
  const head = (featuresCount: number) => buildHeader({ ...meta, featuresCount }, crs.epsg ?? 0);
  const sink = await openFileSink(path);
  await sink.write(magic);
  let count = 0;
  return {
    async add({ polygons, properties }) {
      if (count++ === 0) await sink.write(head(1));
      const coordinates = (polygons ?? []).map((rings) => rings.map((ring) => ring.map(([x, y]) => [x, y])));
      const geometry = parseGeometry({ type: 'MultiPolygon', coordinates });
      const own = Object.fromEntries(columns.map(({ name }) => [name, properties[name] ?? null]));
      await sink.write(buildFeature(geometry, own, { ...meta, featuresCount: 0 }));
    },
    async finish() {
      if (count === 0) await sink.write(head(0));
      else await sink.patch(magic.length, head(count));
      await sink.publish();
    },
    discard: () => sink.discard(),
  };
}
