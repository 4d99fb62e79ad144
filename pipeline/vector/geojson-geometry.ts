import { checkVertices, unreadable, type VectorPolygon, type VectorValue } from './feature.ts';
import { closeRing, collectShapes, type Shape } from './shape.ts';

type Position = readonly [number, number];

/**
 * A GeoJSON geometry as polygons; heights are left out, rings closed. Of a GeometryCollection the polygons are taken:
 * its points and lines have no ground.
 *
 * @throws AppError INPUT_INVALID where its coordinates are not what its type says
 */
export function geojsonShape(file: string, row: number, geometry: unknown): Shape {
  if (geometry === null || geometry === undefined) return { geometryType: 'Null', polygons: null };
  const { type, coordinates, geometries } = geometry as Readonly<Record<string, unknown>>;
  const broken = (what: string) => unreadable(file, `row ${row}: ${what}.`, 'Correct or remove this feature.', { row });
  const list = (value: unknown, what: string): readonly unknown[] => {
    if (!Array.isArray(value)) throw broken(`${what} of its ${String(type)} is no list`);
    return value;
  };
  let vertices = 0;
  const ringOf = (value: unknown): readonly Position[] => {
    const points = list(value, 'a ring');
    vertices += points.length;
    checkVertices(file, row, vertices);
    return closeRing(
      points.map((point): Position => {
        if (!Array.isArray(point) || typeof point[0] !== 'number' || typeof point[1] !== 'number')
          throw broken(`${JSON.stringify(point)?.slice(0, 60)} is no coordinate`);
        return [point[0], point[1]];
      }),
    );
  };
  const polygonOf = (value: unknown): VectorPolygon => list(value, 'a polygon').map(ringOf);
  const filled = (polygons: readonly VectorPolygon[]) => polygons.filter((rings) => (rings[0]?.length ?? 0) > 0);
  if (type === 'Polygon') return { geometryType: type, polygons: filled([polygonOf(coordinates)]) };
  if (type === 'MultiPolygon')
    return { geometryType: type, polygons: filled(list(coordinates, 'the outline').map(polygonOf)) };
  if (type === 'GeometryCollection') {
    return collectShapes(list(geometries, 'the content').map((one) => geojsonShape(file, row, one)));
  }
  if (typeof type !== 'string' || !/^(Multi)?(Point|LineString)$/.test(type))
    throw broken(`"${String(type)}" is no geometry type`);
  return { geometryType: type, polygons: null };
}

/** GeoJSON properties as values; what is nested stays as JSON text. */
export function geojsonProperties(properties: unknown): Readonly<Record<string, VectorValue>> {
  if (properties === null || typeof properties !== 'object') return {};
  const out: Record<string, VectorValue> = {};
  for (const [name, value] of Object.entries(properties))
    out[name] =
      value === null || ['string', 'number', 'boolean'].includes(typeof value)
        ? (value as VectorValue)
        : JSON.stringify(value);
  return out;
}
