import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import type { Crs } from '../../pipeline/types.ts';
import { openShapefileWriter } from '../../workers/vector/shapefile-writer.ts';
import type { FeatureWriter, GeoFeature } from './geojson-file.ts';

export interface DbfField {
  /** ≤ 10 bytes */
  readonly name: string;
  /** C text, N number */
  readonly type: 'C' | 'N';
  /** bytes */
  readonly width: number;
  readonly decimals?: number;
}

/** CGCS2000, 3° zone of 120° E without zone number in the easting, as land surveys of Jiaxing come. */
const surveyEpsg = 4549;

/**
 * A shapefile of polygons in EPSG:4549 with a GBK table and, as is common, without a .cpg.
 *
 * @param path without extension
 * @param from system of the features' coordinates
 */
export async function openShapefile(
  path: string,
  { fields, from }: { readonly fields: readonly DbfField[]; readonly from: Crs },
): Promise<FeatureWriter> {
  const crs = crsFromEpsg(surveyEpsg);
  const project = projector(from, crs);
  const columns = fields.map(({ name, type, width, decimals = 0 }) => ({
    name,
    width,
    decimals,
    type: type === 'C' ? ('text' as const) : ('real' as const),
  }));
  const writer = await openShapefileWriter(path, { crs, columns, encoding: 'gbk', hasCpg: false });
  // surveys write 0, not nothing, where a number does not apply
  const zeros = Object.fromEntries(fields.flatMap(({ name, type }) => (type === 'N' ? [[name, 0]] : [])));
  const close = (ring: GeoFeature['polygons'][number]) => {
    const points = ring.map(([x, y]) => project(x, y));
    return [...points, points[0]!];
  };
  return {
    add: ({ polygons, properties }) =>
      writer.add({ polygons: polygons.map((ring) => [close(ring)]), properties: { ...zeros, ...properties } }),
    finish: () => writer.finish(),
    discard: () => writer.discard(),
  };
}
