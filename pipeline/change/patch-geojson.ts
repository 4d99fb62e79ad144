import { orientPolygon, roundPolygon, type Polygon } from '../geo/polygon.ts';
import { simplifyPolygon } from '../geo/simplify.ts';
import type { PixelRing } from './trace.ts';

/** RFC 7946 geometry: `[lon, lat]` in degrees, rings closed, exterior counter-clockwise; one outline, also across 180°. */
export interface PolygonGeometry {
  readonly type: 'Polygon';
  readonly coordinates: Polygon;
}

/** Longest piece of a pixel edge (px): at 10 m a line straight on the grid leaves the drawn one by 5 mm at most. */
const maxPiecePx = 64;
/** 7 decimals of a degree are 1.1 cm. */
const decimals = 7;

/** A ring of pixel corners as closed `[col, row]` pairs, long edges cut into equal pieces. */
export function closedRing(ring: PixelRing, longestPx: number): (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [];
  for (let at = 0; at < ring.length; at += 2) {
    const next = (at + 2) % ring.length;
    const [col, row] = [ring[at]!, ring[at + 1]!];
    const [dCol, dRow] = [ring[next]! - col, ring[next + 1]! - row];
    const pieces = Math.max(1, Math.ceil((Math.abs(dCol) + Math.abs(dRow)) / longestPx));
    for (let piece = 0; piece < pieces; piece++)
      points.push([col + (dCol * piece) / pieces, row + (dRow * piece) / pieces]);
  }
  points.push(points[0]!);
  return points;
}

function toGeometry(polygon: Polygon, toLonLat: ToLonLat): PolygonGeometry {
  const origin = toLonLat(...(polygon[0]?.[0] ?? [0, 0]))[0];
  // across the antimeridian longitudes run on past ±180: a jump would fold the outline over itself
  const onEarth = polygon.map((ring) =>
    ring.map(([col, row]) => {
      const [lon, lat] = toLonLat(col, row);
      return [lon - 360 * Math.round((lon - origin) / 360), lat] as const;
    }),
  );
  return { type: 'Polygon', coordinates: orientPolygon(roundPolygon(onEarth, decimals)) };
}

/** Position in pixel corners → `[lon, lat]` in degrees. */
export type ToLonLat = (col: number, row: number) => readonly [number, number];

/** The exact outline of a patch on the earth. */
export function patchGeometry(rings: readonly PixelRing[], toLonLat: ToLonLat): PolygonGeometry {
  return toGeometry(
    rings.map((ring) => closedRing(ring, maxPiecePx)),
    toLonLat,
  );
}

/**
 * An outline for the eye: pixel stairs smoothed away, still valid; never for areas.
 *
 * @param tolerancePx how far apart what is left out may be (px)
 */
export function displayGeometry(rings: readonly PixelRing[], toLonLat: ToLonLat, tolerancePx = 1.5): PolygonGeometry {
  const polygon = rings.map((ring) => closedRing(ring, Number.POSITIVE_INFINITY));
  return toGeometry(simplifyPolygon(polygon, tolerancePx), toLonLat);
}
