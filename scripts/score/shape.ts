import { areaPaths, EndType, FillRule, inflatePaths, intersect, JoinType, union, type Paths64 } from 'clipper2-ts';
import type { Polygon } from '../../pipeline/geo/polygon.ts';
import type { Bbox } from '../../pipeline/types.ts';

/** Ground as clipper sees it: mm about an origin, in the coordinates of the scenes. */
export interface Shape {
  readonly paths: Paths64;
  /** mm */
  readonly box: Bbox;
}

export interface ShapeFrame {
  /** position of a longitude and latitude in the scene's coordinates (m) */
  readonly project: (lonDeg: number, latDeg: number) => readonly [number, number];
  /** m */
  readonly origin: readonly [number, number];
}

const mm = 1000;

/** GeoJSON polygons (`[lon, lat]`, closed rings) as a shape; overlaps and turning senses do not matter. */
export function shapeOf(polygons: readonly Polygon[], { project, origin }: ShapeFrame): Shape {
  const paths = polygons.flatMap((polygon) =>
    polygon.map((ring) =>
      ring.slice(0, -1).map(([lon, lat]) => {
        const [x, y] = project(lon, lat);
        return { x: Math.round((x - origin[0]) * mm), y: Math.round((y - origin[1]) * mm) };
      }),
    ),
  );
  return ofPaths(union(paths, FillRule.EvenOdd));
}

export function ofPaths(paths: Paths64): Shape {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of paths)
    for (const { x, y } of path) {
      [minX, minY] = [Math.min(minX, x), Math.min(minY, y)];
      [maxX, maxY] = [Math.max(maxX, x), Math.max(maxY, y)];
    }
  return { paths, box: [minX, minY, maxX, maxY] };
}

/** Plane area (m²); a share of it is a share of the ground. */
export const shapeAreaM2 = ({ paths }: Shape): number => areaPaths(paths) / (mm * mm);

/** The shape and all within `byM` metres of it, corners kept. */
export const grown = ({ paths }: Shape, byM: number): Shape =>
  ofPaths(inflatePaths(paths, byM * mm, JoinType.Miter, EndType.Polygon));

/** Share of a shape that lies on the union of others, 0..1. */
export function coveredFraction(shape: Shape, others: readonly Shape[]): number {
  const near = others.filter(({ box }) => isTouching(box, shape.box));
  if (near.length === 0) return 0;
  const all = union(
    near.flatMap(({ paths }) => paths),
    FillRule.NonZero,
  );
  return areaPaths(intersect(shape.paths, all, FillRule.NonZero)) / areaPaths(shape.paths);
}

export const isTouching = (a: Bbox, b: Bbox): boolean => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

/** Rings in the scene's coordinates (m), not closed. */
export function ringsOf({ paths }: Shape, { origin }: Pick<ShapeFrame, 'origin'>): (readonly [number, number])[][] {
  return paths.map((path) => path.map(({ x, y }) => [x / mm + origin[0], y / mm + origin[1]] as const));
}
