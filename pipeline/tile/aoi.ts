import { z } from 'zod';

import { AppError } from '../errors.ts';
import { applyAffine, invertAffine } from '../geo/affine.ts';
import { crsFromEpsg, projector } from '../geo/crs.ts';
import type { Polygon, Ring } from '../geo/polygon.ts';
import type { Grid, Window } from '../types.ts';

const position = z.array(z.number()).min(2);
const ring = z.array(position).min(4);
const polygonSchema = z.object({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) });
const multiPolygonSchema = z.object({
  type: z.literal('MultiPolygon'),
  coordinates: z.array(z.array(ring).min(1)).min(1),
});
const collectionSchema = z.object({
  type: z.literal('GeometryCollection'),
  geometries: z.array(z.union([polygonSchema, multiPolygonSchema])),
});
const geometrySchema = z.union([polygonSchema, multiPolygonSchema, collectionSchema]);
/** RFC 7946 lets a feature be without a place */
const featureSchema = z.object({ type: z.literal('Feature'), geometry: geometrySchema.nullable() });
const aoiSchema = z.union([
  geometrySchema,
  featureSchema,
  z.object({ type: z.literal('FeatureCollection'), features: z.array(featureSchema).min(1) }),
]);
type Geometry = z.infer<typeof geometrySchema>;

/**
 * The polygons of a GeoJSON document (RFC 7946: `[lon, lat]`, WGS 84); their union is the area of interest.
 *
 * @param uri what the message calls the document
 * @throws AppError INPUT_INVALID for anything else, also for coordinates that are no degrees
 */
export function parseAoi(document: unknown, uri: string): readonly Polygon[] {
  const parsed = aoiSchema.safeParse(document);
  const todo =
    'Give a GeoJSON file of Polygon or MultiPolygon in longitude and latitude (ogr2ogr -t_srs EPSG:4326 -f GeoJSON).';
  if (!parsed.success) throw new AppError('INPUT_INVALID', `${uri}: it holds no GeoJSON polygons.`, todo, { uri });
  const { data } = parsed;
  const geometries =
    data.type === 'FeatureCollection'
      ? data.features.map(({ geometry }) => geometry)
      : [data.type === 'Feature' ? data.geometry : data];
  const polygons = geometries.flatMap((geometry) => (geometry === null ? [] : polygonsOf(geometry)));
  const odd = polygons.flat(2).find(([lon, lat]) => Math.abs(lon) > 180 || Math.abs(lat) > 90);
  if (odd !== undefined)
    throw new AppError('INPUT_INVALID', `${uri}: ${odd.join(', ')} is not a longitude and latitude.`, todo, { uri });
  if (polygons.length === 0)
    throw new AppError('INPUT_INVALID', `${uri}: it holds no GeoJSON polygons.`, todo, { uri });
  return polygons;
}

const plain = (rings: readonly (readonly number[][])[]): Polygon =>
  rings.map((ring) => ring.map(([x = 0, y = 0]) => [x, y] as const));

function polygonsOf(geometry: Geometry): readonly Polygon[] {
  if (geometry.type === 'Polygon') return [plain(geometry.coordinates)];
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.map(plain);
  return geometry.geometries.flatMap(polygonsOf);
}

/** Longest piece of an edge (degrees, about 1 km) that is taken as straight on the grid. */
const pieceDeg = 0.01;
/** No edge is cut into more pieces than this: a country's border needs no more. */
const maxPieces = 4096;

/** Polygons in lon/lat → closed rings in grid pixels; edges stay straight in lon/lat. */
export function polygonsOnGrid(grid: Grid, polygons: readonly Polygon[]): readonly Polygon[] {
  const project = projector(crsFromEpsg(4326), grid.crs);
  const toPixels = invertAffine(grid.affine);
  return polygons.map((polygon) =>
    polygon.map((ring) => densify(ring).map(([lon, lat]) => applyAffine(toPixels, ...project(lon, lat)))),
  );
}

function densify(ring: Ring): Ring {
  const closed = [...ring, ring[0] as Ring[number]];
  return closed.flatMap((to, i) => {
    const from = closed[i - 1];
    if (from === undefined) return [to];
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const pieces = Math.min(maxPieces, Math.max(1, Math.ceil(Math.hypot(dx, dy) / pieceDeg)));
    return Array.from(
      { length: pieces },
      (_, k) => [from[0] + (dx * (k + 1)) / pieces, from[1] + (dy * (k + 1)) / pieces] as const,
    );
  });
}

/**
 * Which pixels of a window have their centre inside a polygon.
 *
 * @param window window of the grid (px); may reach outside it
 * @param polygons rings in grid pixels as `polygonsOnGrid` gives them
 * @returns 1 inside, 0 outside, row-major
 */
export function maskOfPolygons(window: Window, polygons: readonly Polygon[]): Uint8Array {
  const mask = new Uint8Array(window.width * window.height);
  for (const polygon of polygons) {
    crossingsByRow(window, polygon).forEach((crossings, r) => {
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        // centre at col + 0.5: inside where left <= centre < right
        const from = Math.max(0, Math.ceil((crossings[i] as number) - 0.5) - window.col);
        const to = Math.min(window.width, Math.ceil((crossings[i + 1] as number) - 0.5) - window.col);
        if (to > from) mask.fill(1, r * window.width + from, r * window.width + to);
      }
    });
  }
  return mask;
}

/** Columns where edges cross the centre line of each row of the window. */
function crossingsByRow(window: Window, polygon: Polygon): readonly number[][] {
  const rows = Array.from({ length: window.height }, (): number[] => []);
  for (const ring of polygon) {
    for (let i = 1; i < ring.length; i++) {
      const [[px, py], [qx, qy]] = [ring[i - 1] as Ring[number], ring[i] as Ring[number]];
      const first = Math.max(0, Math.ceil(Math.min(py, qy) - 0.5) - window.row);
      const end = Math.min(window.height, Math.ceil(Math.max(py, qy) - 0.5) - window.row);
      for (let r = first; r < end; r++) rows[r]?.push(px + ((window.row + r + 0.5 - py) * (qx - px)) / (qy - py));
    }
  }
  return rows;
}

/** `maskOfPolygons` for polygons in lon/lat; for many windows project them once with `polygonsOnGrid`. */
export function aoiMask(grid: Grid, window: Window, polygons: readonly Polygon[]): Uint8Array {
  return maskOfPolygons(window, polygonsOnGrid(grid, polygons));
}
