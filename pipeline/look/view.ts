import { crsFromEpsg } from '../geo/crs.ts';
import { equalAreaFrame, planeAreaM2, ringToFrame } from '../geo/frame.ts';
import type { Polygon } from '../geo/polygon.ts';
import { divide } from '../parcel/divide.ts';
import type { FramePolygon } from '../parcel/layer.ts';
import type { Camera } from './camera.ts';

/** How a camera stands to a piece of ground. */
export interface View {
  /** from the camera to the nearest point of the ground, 0 inside (m) */
  readonly distanceM: number;
  /** share of the ground within the picture, with the errors of position and bearing in its favour, 0..1 */
  readonly seenFraction: number;
  /** from the camera to the middle of the ground, clockwise from north (degrees) */
  readonly bearingToDeg: number;
}

const radians = Math.PI / 180;
const stepDeg = 5;

/** The sector that a camera sees, widened by what its position and bearing may be wrong by; the camera is the origin. */
function sectorOf(camera: Camera): FramePolygon {
  const { bearingDeg, bearingErrorDeg, viewDeg, nearM, farM, positionErrorM } = camera;
  const [near, far] = [Math.max(0, nearM - positionErrorM), farM + positionErrorM];
  const half = bearingDeg === null ? 180 : Math.min(180, viewDeg / 2 + bearingErrorDeg);
  const steps = Math.max(2, Math.ceil((2 * half) / stepDeg));
  // the arc is drawn outside the circle, so that nothing in reach is cut off
  const outer = far / Math.cos((half / steps) * radians);
  const at = (turnDeg: number, reachM: number, back: number): [number, number] => {
    const turn = ((bearingDeg ?? 0) + turnDeg) * radians;
    const heading = (bearingDeg ?? 0) * radians;
    return [reachM * Math.sin(turn) - back * Math.sin(heading), reachM * Math.cos(turn) - back * Math.cos(heading)];
  };
  const arc = Array.from({ length: steps + 1 }, (_, i) => half - (2 * half * i) / steps);
  if (half === 180) return [Float64Array.from(arc.slice(0, -1).flatMap((turn) => at(turn, outer, 0)))];
  const inner = near > 0 ? arc.toReversed().flatMap((turn) => at(turn, near, 0)) : at(0, 0, positionErrorM);
  return [Float64Array.from([...arc.flatMap((turn) => at(turn, outer, 0)), ...inner])];
}

function distanceTo(ring: Float64Array): number {
  let least = Infinity;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    const [ax, ay, bx, by] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
    const [dx, dy] = [bx - ax, by - ay];
    const length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2));
    least = Math.min(least, Math.hypot(ax + t * dx, ay + t * dy));
  }
  return least;
}

/** Whether the origin lies within rings, by the even-odd rule. */
function holdsOrigin(rings: readonly Float64Array[]): boolean {
  let isInside = false;
  for (const ring of rings)
    for (let i = 0; i < ring.length; i += 2) {
      const j = (i + 2) % ring.length;
      const [ax, ay, bx, by] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (ay > 0 !== by > 0 && ax + (-ay * (bx - ax)) / (by - ay) > 0) isInside = !isInside;
    }
  return isInside;
}

/**
 * What a camera sees of a piece of ground; flat ground, nothing in between.
 *
 * @param ground degrees
 */
export function viewOf(camera: Camera, ground: readonly Polygon[]): View {
  const frame = equalAreaFrame({ lonDeg: camera.lonDeg, latDeg: camera.latDeg });
  const crs = crsFromEpsg(4326);
  const polygons = ground.map((rings): FramePolygon => rings.map((ring) => ringToFrame(ring, crs, frame)));
  const areaM2 = polygons.reduce((sum, rings) => sum + planeAreaM2(rings), 0);
  const isInside = polygons.some(holdsOrigin);
  const seenM2 = divide([sectorOf(camera)], [polygons.flat().length === 0 ? [] : [...polygons]]).cellsM2[0] ?? 0;
  const points = polygons.flatMap(([exterior]) => [...(exterior ?? [])]);
  const middle = (axis: 0 | 1): number => {
    const values = points.filter((_, i) => i % 2 === axis);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  return {
    distanceM: isInside ? 0 : Math.min(...polygons.flat().map(distanceTo)),
    seenFraction: areaM2 === 0 ? 0 : Math.min(1, seenM2 / areaM2),
    bearingToDeg: (Math.atan2(middle(0), middle(1)) / radians + 360) % 360,
  };
}
