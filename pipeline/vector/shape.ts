import type { Ring } from '../geo/polygon.ts';
import { checkVertices, unreadable, type VectorPolygon } from './feature.ts';
import { groupRings } from './ring-group.ts';

export const shapeHeaderBytes = 100;

const names: Readonly<Record<number, string>> = {
  0: 'Null',
  1: 'Point',
  3: 'LineString',
  5: 'Polygon',
  8: 'MultiPoint',
  11: 'Point',
  13: 'LineString',
  15: 'Polygon',
  18: 'MultiPoint',
  21: 'Point',
  23: 'LineString',
  25: 'Polygon',
  28: 'MultiPoint',
  31: 'MultiPatch',
};

const damaged = 'Export or copy the file again; ogr2ogr -skipfailures saves what can be read.';

/**
 * What the head of a .shp or .shx says of the file's length (bytes).
 *
 * @throws AppError INPUT_INVALID where it is none
 */
export function parseShapeHeader(file: string, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < shapeHeaderBytes || view.getInt32(0) !== 9994)
    throw unreadable(file, 'it is no shapefile (its first four bytes are not 9994).', 'Give the .shp of a shapefile.');
  return view.getInt32(24) * 2;
}

/** A record's geometry. */
export interface Shape {
  readonly geometryType: string;
  readonly polygons: readonly VectorPolygon[] | null;
}

/** Whether geometries of a type have no ground that could be lost. */
export const isGroundless = (geometryType: string): boolean => /^(Null|(Multi)?(Point|LineString))$/.test(geometryType);

/** The polygons of a collection; null where a part of it has ground that is not read. */
export function collectShapes(parts: readonly Shape[]): Shape {
  const isRead = parts.every(({ geometryType, polygons }) => polygons !== null || isGroundless(geometryType));
  return {
    geometryType: 'GeometryCollection',
    polygons: isRead ? parts.flatMap(({ polygons }) => polygons ?? []) : null,
  };
}

/**
 * Parse the content of a .shp record (without its 8 bytes of header).
 *
 * @throws AppError INPUT_INVALID where counts and length do not agree, or above `maxVertices`
 */
export function parseShape(file: string, row: number, view: DataView): Shape {
  const type = view.byteLength < 4 ? -1 : view.getInt32(0, true);
  const geometryType = names[type];
  const broken = (what: string) => unreadable(file, `row ${row} is damaged: ${what}.`, damaged, { row });
  if (geometryType === undefined) throw broken(`shape type ${type} does not exist`);
  if (geometryType !== 'Polygon') return { geometryType, polygons: null };
  if (view.byteLength < 44) throw broken(`a polygon of ${view.byteLength} bytes`);
  const [parts, points] = [view.getInt32(36, true), view.getInt32(40, true)];
  if (points > 0) checkVertices(file, row, points);
  if (parts < 0 || points < 0 || 44 + 4 * parts + 16 * points > view.byteLength)
    throw broken(`${parts} rings and ${points} vertices do not fit into ${view.byteLength} bytes`);
  const at = 44 + 4 * parts;
  const rings: Ring[] = [];
  for (let part = 0; part < parts; part++) {
    const from = view.getInt32(44 + 4 * part, true);
    const to = part + 1 < parts ? view.getInt32(48 + 4 * part, true) : points;
    if (from < 0 || from > to || to > points) throw broken(`ring ${part + 1} runs from vertex ${from} to ${to}`);
    if (to > from) rings.push(readRing(view, at + 16 * from, to - from));
  }
  return {
    geometryType: rings.length > 1 ? 'MultiPolygon' : 'Polygon',
    polygons: rings.length === 0 ? [] : groupRings(rings),
  };
}

function readRing(view: DataView, start: number, count: number): Ring {
  const ring: (readonly [number, number])[] = [];
  for (let i = 0, at = start; i < count; i++, at += 16)
    ring.push([view.getFloat64(at, true), view.getFloat64(at + 8, true)]);
  return closeRing(ring);
}

/** The ring with its first point repeated at its end. */
export function closeRing(ring: (readonly [number, number])[]): Ring {
  const [first, last] = [ring[0], ring.at(-1)];
  if (first !== undefined && last !== undefined && (first[0] !== last[0] || first[1] !== last[1])) ring.push(first);
  return ring;
}
