import { AppError } from '../errors.ts';
import type { Crs } from '../types.ts';
import { lonLatProjector } from './polygon.ts';

/** Where a frame touches the ellipsoid (degrees, WGS 84); plain data, stored with what is in the frame. */
export interface FrameCentre {
  readonly lonDeg: number;
  readonly latDeg: number;
}

/** A plane in which areas are those of the ellipsoid; x east, y north of the centre (m). */
export interface EqualAreaFrame {
  readonly centre: FrameCentre;
  readonly toFrame: (lonDeg: number, latDeg: number) => [number, number];
  readonly toLonLat: (x: number, y: number) => [number, number];
}

// the ellipsoid of pipeline/geo/area.ts
const radiusM = 6378137;
const flattening = 1 / 298.257223563;
const e2 = flattening * (2 - flattening);
const e = Math.sqrt(e2);
const radians = Math.PI / 180;

/** Snyder's q of a latitude's sine (eq. 3-12). */
const authalic = (s: number): number => (1 - e2) * (s / (1 - e2 * s * s) + Math.atanh(e * s) / e);
const qPole = authalic(1);

/** Geodetic latitude (radians) of q, by Newton from the authalic latitude; nearer than 1e-15 within two or three steps. */
function latitudeOf(q: number): number {
  const sinAuthalic = Math.min(1, Math.max(-1, q / qPole));
  const authalicLat = Math.asin(sinAuthalic);
  let lat = authalicLat + (e2 / 3) * Math.sin(2 * authalicLat);
  for (let i = 0; i < 4; i++) {
    const s = Math.sin(lat);
    const w = 1 - e2 * s * s;
    const slope = (2 * (1 - e2) * Math.cos(lat)) / (w * w);
    if (slope < 1e-9) break;
    const step = (q - authalic(s)) / slope;
    lat += step;
    if (Math.abs(step) < 1e-15) break;
  }
  return lat;
}

/**
 * Lambert's azimuthal equal-area projection of the ellipsoid about a point.
 *
 * Round trip below 10 nm within 1,000 km. The point opposite the centre has no image: `[NaN, NaN]`.
 *
 * @throws AppError INPUT_INVALID for a centre that is not on the earth or nearer to a pole than 0.1°
 * @see Snyder 1987, USGS Professional Paper 1395, eqs 24-2, 24-13 to 24-21
 */
export function equalAreaFrame(centre: FrameCentre): EqualAreaFrame {
  const { lonDeg, latDeg } = centre;
  if (!(Math.abs(lonDeg) <= 360) || !(Math.abs(latDeg) <= 89.9)) {
    throw new AppError(
      'INPUT_INVALID',
      `an equal-area frame cannot be centred on longitude ${lonDeg}, latitude ${latDeg}.`,
      'Give the centre in degrees, longitude -360..360, latitude -89.9..89.9.',
      { lonDeg, latDeg },
    );
  }
  const radiusAuthalic = radiusM * Math.sqrt(qPole / 2);
  const s1 = Math.sin(latDeg * radians);
  const sin1 = authalic(s1) / qPole;
  const cos1 = Math.sqrt((1 - sin1) * (1 + sin1));
  const stretch = (radiusM * Math.cos(latDeg * radians)) / (Math.sqrt(1 - e2 * s1 * s1) * radiusAuthalic * cos1);
  return {
    centre,
    toFrame(lon, lat) {
      const sinB = authalic(Math.sin(lat * radians)) / qPole;
      const cosB = Math.sqrt(Math.max(0, (1 - sinB) * (1 + sinB)));
      const turn = (lon - lonDeg) * radians;
      const cosTurn = Math.cos(turn);
      const b = radiusAuthalic * Math.sqrt(2 / (1 + sin1 * sinB + cos1 * cosB * cosTurn));
      if (!Number.isFinite(b)) return [Number.NaN, Number.NaN];
      return [b * stretch * cosB * Math.sin(turn), (b / stretch) * (cos1 * sinB - sin1 * cosB * cosTurn)];
    },
    toLonLat(x, y) {
      const [u, v] = [x / stretch, y * stretch];
      const rho = Math.hypot(u, v);
      if (rho === 0) return [lonDeg, latDeg];
      const half = rho / (2 * radiusAuthalic);
      if (!(half <= 1)) return [Number.NaN, Number.NaN];
      // sine and cosine of twice asin(half), and the way there
      const sinC = 2 * half * Math.sqrt((1 - half) * (1 + half));
      const cosC = 1 - 2 * half * half;
      const q = qPole * (cosC * sin1 + (v * sinC * cos1) / rho);
      const turn = Math.atan2(u * sinC, rho * cos1 * cosC - v * sin1 * sinC);
      const lon = lonDeg + turn / radians;
      return [lon - 360 * Math.round(lon / 360), latitudeOf(q) / radians];
    },
  };
}

/** Longest edge (m) of a projected ring before it is mapped: straight there and straight in the frame are then µm apart. */
const maxEdgeMetres = 100;
/** The same of a ring in degrees, whose parallels bend away from straight lines: 100 m would leave 0.05 m² at 1 km. */
const maxEdgeOfDegreesMetres = 25;

/**
 * A ring of any CRS in the frame: every edge is first cut into equal pieces of at most `maxEdgeM` (100 m, of degrees
 * 25 m) along the straight line of the source CRS, then every point is mapped once.
 *
 * An edge gives the same points in either direction, so neighbours that share it still share it.
 *
 * @param ring `[x, y]` in the CRS, open or closed
 * @returns x0, y0, x1, y1 … (m), not closed; NaN where the CRS has no image of a point
 */
export function ringToFrame(
  ring: readonly (readonly [number, number])[],
  crs: Crs,
  frame: EqualAreaFrame,
  maxEdgeM: number = crs.isGeographic ? maxEdgeOfDegreesMetres : maxEdgeMetres,
): Float64Array {
  const { length } = ring;
  const [first, last] = [ring[0], ring[length - 1]];
  const isClosed = length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1];
  const count = isClosed ? length - 1 : length;
  const toLonLat = lonLatProjector(crs);
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const from = ring[i] as readonly [number, number];
    const to = ring[i + 1 === count ? 0 : i + 1] as readonly [number, number];
    const pieces = Math.max(1, Math.ceil(edgeLengthM(from, to, crs) / maxEdgeM));
    // interpolated from the end that sorts first
    const isTurned = to[0] < from[0] || (to[0] === from[0] && to[1] < from[1]);
    const [a, b] = isTurned ? [to, from] : [from, to];
    for (let piece = 0; piece < pieces; piece++) {
      const t = (isTurned ? pieces - piece : piece) / pieces;
      const x = piece === 0 ? from[0] : a[0] + t * (b[0] - a[0]);
      const y = piece === 0 ? from[1] : a[1] + t * (b[1] - a[1]);
      out.push(...frame.toFrame(...toLonLat(x, y)));
    }
  }
  return Float64Array.from(out);
}

/** Length of an edge (m) to choose the number of pieces by, the same from both ends; degrees at the wider parallel. */
function edgeLengthM(a: readonly [number, number], b: readonly [number, number], crs: Crs): number {
  const [dx, dy] = [Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1])];
  if (!crs.isGeographic) return Math.hypot(dx, dy);
  const cosLat = Math.cos(Math.min(Math.abs(a[1]), Math.abs(b[1])) * radians);
  return Math.hypot(dx * cosLat, dy) * radiusM * radians;
}

/** Plane area (m²) of rings x0, y0, x1, y1 …, not closed: the first is the exterior, the others are holes; any orientation. */
export function planeAreaM2(rings: readonly Float64Array[]): number {
  return rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * Math.abs(signedAreaM2(ring)), 0);
}

/** Signed plane area (m²) of one ring, positive counter-clockwise. */
export function signedAreaM2(ring: Float64Array): number {
  const [x0 = 0, y0 = 0] = ring;
  let doubled = 0;
  let [px, py] = [0, 0];
  for (let i = 2; i < ring.length; i += 2) {
    const [x, y] = [(ring[i] as number) - x0, (ring[i + 1] as number) - y0];
    doubled += px * y - x * py;
    [px, py] = [x, y];
  }
  return doubled / 2;
}
