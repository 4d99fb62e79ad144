import { writeFileSync } from 'node:fs';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { VectorValue } from '../../pipeline/vector/feature.ts';
import type { VectorSource } from '../../workers/registry/vector-source.ts';

export type Ring = readonly (readonly [number, number])[];

/** Rows of a file that a test writes down. */
export interface TestRow {
  readonly properties: Readonly<Record<string, VectorValue>>;
  /** exteriors; null: no geometry */
  readonly rings: readonly Ring[] | null;
}

/** A square of EPSG:4549 near Xincheng; x and y are metres from there. */
export const squareAt = (x: number, y: number, sideM: number): Ring =>
  [
    [0, 0],
    [sideM, 0],
    [sideM, sideM],
    [0, sideM],
    [0, 0],
  ].map(([dx = 0, dy = 0]) => [560_000 + x + dx, 3_395_000 + y + dy] as const);

/** Parcel `number`, 100 m wide, in a row of parcels from west to east. */
export const parcelRow = (number: number, given: Readonly<Record<string, VectorValue>> = {}): TestRow => ({
  rings: [squareAt(100 * number, 0, 100)],
  properties: {
    BSM: `33041100000000${String(number).padStart(4, '0')}`,
    DLBM: '0101',
    DLMC: '水田',
    ZLDWDM: '3304111042010000000',
    ZLDWMC: '潘家浜村',
    ZZSXDM: 'LS',
    SJNF: 2024,
    ...given,
  },
});

/** The rows as an opened file, without one. */
export function sourceOf(rows: readonly TestRow[], epsg = 4549): VectorSource {
  return {
    path: '/made/DLTB.shp',
    format: 'shapefile',
    layer: 'DLTB',
    crs: crsFromEpsg(epsg),
    crsHow: 'made',
    encoding: null,
    encodingHow: null,
    fields: [...new Set(rows.flatMap(({ properties }) => Object.keys(properties)))],
    notes: [],
    async *features() {
      for (const [position, { properties, rings }] of rows.entries())
        yield {
          row: position + 1,
          properties,
          polygons: rings === null ? null : rings.map((ring) => [ring]),
          geometryType: rings === null ? 'Null' : 'Polygon',
        };
    },
  };
}

/** The rows as GeoJSON that declares EPSG:4549, as desktop programs write it. */
export function writeRows(path: string, rows: readonly TestRow[]): string {
  const features = rows.map(({ properties, rings }) => ({
    type: 'Feature',
    properties,
    geometry: rings === null ? null : { type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) },
  }));
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::4549' } };
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', crs, features }));
  return path;
}
