import type { FrameCentre } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { Crs } from '../../pipeline/types.ts';

/** Where a region works: layers of it share one frame. */
export interface HomeRegion {
  readonly frame: FrameCentre;
  /** west, south, east, north (degrees) */
  readonly boundsDeg: readonly [number, number, number, number];
}

/** How far outside its region a layer may begin and still be of it (degrees): rivers, roads and towns reach over. */
const reachDeg = 0.5;

/**
 * The centre of the frame that a layer is stored in: the region's, or for a layer elsewhere whole degrees near it.
 *
 * @param point any point of the layer in its CRS
 */
export function frameCentreOf(point: readonly [number, number], crs: Crs, home: HomeRegion): FrameCentre {
  const [lonDeg, latDeg] = lonLatProjector(crs)(point[0], point[1]);
  const [west, south, east, north] = home.boundsDeg;
  const isHere =
    lonDeg > west - reachDeg && lonDeg < east + reachDeg && latDeg > south - reachDeg && latDeg < north + reachDeg;
  if (isHere) return { lonDeg: home.frame.lonDeg, latDeg: home.frame.latDeg };
  return { lonDeg: Math.round(lonDeg), latDeg: Math.round(latDeg) };
}
