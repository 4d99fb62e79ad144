import { planeAreaM2 } from '../geo/frame.ts';
import { boxOf, type FramePolygon } from './layer.ts';
import { growShapes, intersectShapes, subtractShapes } from './shape.ts';

/** A boundary with the ground beside it. */
export interface Boundary {
  readonly polygons: readonly FramePolygon[];
  /** box of what adjoins (frame metres) */
  readonly box: readonly [number, number, number, number];
  /** what is within the tolerance of outlines made of pixels */
  readonly tolerated: readonly FramePolygon[];
  readonly adjoining: readonly FramePolygon[];
}

export interface BoundaryOptions {
  /** how far an outline of pixels may run over a line it follows (m) */
  readonly toleranceM: number;
  /** how near a change must be to adjoin (m) */
  readonly adjoiningM: number;
}

export function openBoundary(polygons: readonly FramePolygon[], options: BoundaryOptions): Boundary {
  const adjoining = growShapes(polygons, Math.max(options.adjoiningM, 1e-3));
  return { polygons, box: boxOf(adjoining), tolerated: growShapes(polygons, options.toleranceM), adjoining };
}

/**
 * Area of a change outside a boundary, where the change reaches over it or adjoins it (m²).
 *
 * @param leastM2 as much must lie beyond the tolerance, so that a stair of pixels along the line is nothing
 * @returns 0 for a change that lies inside, or elsewhere
 */
export function outsideM2(boundary: Boundary, change: FramePolygon, leastM2: number): number {
  const [minX, minY, maxX, maxY] = boxOf([change]);
  const [left, bottom, right, top] = boundary.box;
  if (minX > right || maxX < left || minY > top || maxY < bottom) return 0;
  if (areaOf(intersectShapes([change], boundary.adjoining)) === 0) return 0;
  if (areaOf(subtractShapes([change], boundary.tolerated)) < leastM2) return 0;
  return areaOf(subtractShapes([change], boundary.polygons));
}

export const areaOf = (polygons: readonly FramePolygon[]): number =>
  polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
