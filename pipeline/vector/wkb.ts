import { checkVertices, unreadable, type VectorPolygon } from './feature.ts';
import { closeRing, collectShapes, isGroundless, type Shape } from './shape.ts';

const names = [
  '',
  'Point',
  'LineString',
  'Polygon',
  'MultiPoint',
  'MultiLineString',
  'MultiPolygon',
  'GeometryCollection',
  'CircularString',
  'CompoundCurve',
  'CurvePolygon',
  'MultiCurve',
  'MultiSurface',
  'Curve',
  'Surface',
  'PolyhedralSurface',
  'TIN',
  'Triangle',
] as const;

/** Bytes of the envelope of a GeoPackage geometry by its code. */
const envelopeBytes = [0, 32, 48, 48, 64] as const;

/**
 * Parse a GeoPackage geometry: its head, then WKB. Heights and measures are left out; of a collection the polygons are
 * taken: its points and lines have no ground.
 *
 * @throws AppError INPUT_INVALID where counts and length do not agree, or above `maxVertices`
 * @see OGC 12-128r18, 2.1.3; OGC 06-103r4, 8
 */
export function parseGpkgGeometry(file: string, row: number, bytes: Uint8Array): Shape {
  const broken = (what: string) =>
    unreadable(file, `row ${row} is damaged: ${what}.`, 'Export the file again.', { row });
  if (bytes.length < 8 || bytes[0] !== 0x47 || bytes[1] !== 0x50) throw broken('its geometry does not begin with GP');
  const envelope = envelopeBytes[(bytes[3]! >> 1) & 7];
  if (envelope === undefined) throw broken('its envelope is of no known kind');
  const view = new DataView(bytes.buffer, bytes.byteOffset + 8 + envelope, Math.max(0, bytes.length - 8 - envelope));
  let [at, vertices] = [0, 0];
  let isLittle = true;
  const need = (count: number, size: number): void => {
    if (count * size > view.byteLength - at)
      throw broken(`${count} parts do not fit into ${view.byteLength - at} bytes`);
  };
  const count = (size: number): number => {
    need(1, 4);
    const value = view.getUint32(at, isLittle);
    at += 4;
    need(value, size);
    return value;
  };
  const ring = (dimensions: number) => {
    const points = count(8 * dimensions);
    vertices += points;
    checkVertices(file, row, vertices);
    const out: (readonly [number, number])[] = [];
    for (let i = 0; i < points; i++, at += 8 * dimensions)
      out.push([view.getFloat64(at, isLittle), view.getFloat64(at + 8, isLittle)]);
    return closeRing(out);
  };
  const polygon = (dimensions: number): VectorPolygon =>
    Array.from({ length: count(4) }, () => ring(dimensions)).filter((points, i) => i === 0 || points.length > 0);
  const geometry = (depth: number): Shape => {
    need(1, 5);
    isLittle = view.getUint8(at) === 1;
    const code = view.getUint32(at + 1, isLittle);
    at += 5;
    // PostGIS sets high bits for Z, M and a system, ISO adds thousands
    if ((code & 0x20000000) !== 0) at += 4;
    const iso = Math.floor((code & 0xffff) / 1000);
    const dimensions =
      2 + (code & 0x80000000 || iso === 1 || iso === 3 ? 1 : 0) + (code & 0x40000000 || iso >= 2 ? 1 : 0);
    const geometryType = names[(code & 0xffff) % 1000] || `type ${code}`;
    if (geometryType === 'Polygon') {
      const rings = polygon(dimensions);
      return { geometryType, polygons: (rings[0]?.length ?? 0) === 0 ? [] : [rings] };
    }
    if (geometryType === 'Point' || geometryType === 'LineString') {
      const points = geometryType === 'Point' ? 1 : count(8 * dimensions);
      need(points, 8 * dimensions);
      at += points * 8 * dimensions;
      return { geometryType, polygons: null };
    }
    // types with parts of their own are not read: whatever follows them is not reached
    if (!/^(Multi(Point|LineString|Polygon)|GeometryCollection)$/.test(geometryType))
      return { geometryType, polygons: null };
    if (depth > 8) throw broken('collections are nested too deep');
    const parts: Shape[] = [];
    for (let left = count(5); left > 0; left--) {
      const part = geometry(depth + 1);
      parts.push(part);
      if (part.polygons === null && !isGroundless(part.geometryType)) break;
    }
    const { polygons } = collectShapes(parts);
    return { geometryType, polygons: isGroundless(geometryType) ? null : polygons };
  };
  return geometry(0);
}

/** A GeoPackage geometry (little-endian, with an envelope) of polygons; MULTIPOLYGON always. Rings closed. */
export function gpkgGeometry(polygons: readonly VectorPolygon[], srsId: number): Uint8Array {
  const points = polygons.reduce((sum, rings) => sum + rings.reduce((all, ring) => all + ring.length, 0), 0);
  const rings = polygons.reduce((sum, { length }) => sum + length, 0);
  const isEmpty = points === 0;
  const head = isEmpty ? 8 : 40;
  const view = new DataView(new ArrayBuffer(head + 9 + 9 * polygons.length + 4 * rings + 16 * points));
  view.setUint16(0, 0x4750);
  view.setUint8(3, isEmpty ? 0x11 : 0x03);
  view.setInt32(4, srsId, true);
  let at = head;
  const begin = (type: number, length: number): void => {
    view.setUint8(at, 1);
    view.setUint32(at + 1, type, true);
    view.setUint32(at + 5, length, true);
    at += 9;
  };
  const box = [Infinity, -Infinity, Infinity, -Infinity];
  begin(6, polygons.length);
  for (const polygon of polygons) {
    begin(3, polygon.length);
    for (const ring of polygon) {
      view.setUint32(at, ring.length, true);
      at += 4;
      for (const [x, y] of ring) {
        view.setFloat64(at, x, true);
        view.setFloat64(at + 8, y, true);
        at += 16;
        box[0] = Math.min(box[0]!, x);
        box[1] = Math.max(box[1]!, x);
        box[2] = Math.min(box[2]!, y);
        box[3] = Math.max(box[3]!, y);
      }
    }
  }
  if (!isEmpty) box.forEach((value, i) => view.setFloat64(8 + 8 * i, value, true));
  return new Uint8Array(view.buffer);
}
