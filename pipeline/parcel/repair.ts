import { planeAreaM2 } from '../geo/frame.ts';
import { onGrain, type FramePolygon } from './layer.ts';
import { evenOddShape, uniteShapes } from './shape.ts';
import { isPlainlyValid } from './valid.ts';

export interface Repair {
  /** valid polygons on whole µm; none where there is no area */
  readonly polygons: readonly FramePolygon[];
  /** exteriors less holes as given (m²): what a naive sum would say */
  readonly areaBeforeM2: number;
  readonly areaAfterM2: number;
  /** whether the ground or its rings are others than those given; coordinates may still have moved by half a µm */
  readonly isChanged: boolean;
}

/**
 * Valid polygons of the ground of a feature: rings that cross themselves or each other are taken by the even-odd rule
 * polygon by polygon, polygons that overlap are united.
 *
 * A sound feature comes back point by point. Repeated points are dropped and are no change; a ring with a coordinate that
 * is no number is left out, and `areaBeforeM2` is then no number either.
 *
 * @param polygons exterior and holes in frame metres, any orientation
 */
export function repairPolygon(polygons: readonly FramePolygon[]): Repair {
  const given = polygons.map((polygon) => polygon.map(withoutRepeats));
  const areaBeforeM2 = polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
  if (isPlainlyValid(given)) {
    return { polygons: given, areaBeforeM2, areaAfterM2: areaOf(given), isChanged: false };
  }
  const finite = given.map((polygon) => polygon.filter((ring) => ring.length >= 6 && ring.every(Number.isFinite)));
  const shapes = finite.flatMap(evenOddShape);
  const repaired = finite.length > 1 ? uniteShapes(shapes) : shapes;
  return {
    polygons: repaired,
    areaBeforeM2,
    areaAfterM2: areaOf(repaired),
    isChanged: structureOf(given) !== structureOf(repaired) || Math.abs(areaOf(given) - areaOf(repaired)) > 1e-4,
  };
}

const areaOf = (polygons: readonly FramePolygon[]): number =>
  polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);

/** Number of points of each ring of each polygon, whatever their order. */
const structureOf = (polygons: readonly FramePolygon[]): string =>
  JSON.stringify(polygons.map((polygon) => polygon.map(({ length }) => length).sort()).sort());

/** The ring on whole µm without points that repeat the one before. */
function withoutRepeats(ring: Float64Array): Float64Array {
  const points = new Float64Array(ring.length);
  let end = 0;
  for (let i = 0; i + 1 < ring.length; i += 2) {
    const [x, y] = [onGrain(ring[i] as number), onGrain(ring[i + 1] as number)];
    if (end > 0 && x === points[end - 2] && y === points[end - 1]) continue;
    points[end++] = x;
    points[end++] = y;
  }
  while (end > 2 && points[0] === points[end - 2] && points[1] === points[end - 1]) end -= 2;
  return points.subarray(0, end);
}
