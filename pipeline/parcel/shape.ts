import {
  Clipper64,
  ClipType,
  EndType,
  FillRule,
  inflatePaths,
  JoinType,
  PolyTree64,
  type Path64,
  type PolyPath64,
} from 'clipper2-ts';
import { AppError } from '../errors.ts';
import { grainsPerMetre, type FramePolygon } from './layer.ts';

/** Ground that lies in both. Polygons in frame metres, of one side they may overlap. */
export function intersectShapes(a: readonly FramePolygon[], b: readonly FramePolygon[]): readonly FramePolygon[] {
  return clip({ type: ClipType.Intersection, fill: FillRule.NonZero, subject: a, other: b });
}

/** Ground of the first that is not in the second. */
export function subtractShapes(a: readonly FramePolygon[], b: readonly FramePolygon[]): readonly FramePolygon[] {
  return clip({ type: ClipType.Difference, fill: FillRule.NonZero, subject: a, other: b });
}

/** Ground of any, as polygons that do not overlap (dissolved). */
export function uniteShapes(polygons: readonly FramePolygon[]): readonly FramePolygon[] {
  return clip({ type: ClipType.Union, fill: FillRule.NonZero, subject: polygons, other: [] });
}

/** The ground that an odd number of the rings encloses, however they cross: what a broken polygon can mean. */
export function evenOddShape(rings: FramePolygon): readonly FramePolygon[] {
  return clip({ type: ClipType.Union, fill: FillRule.EvenOdd, subject: [rings], other: [] });
}

/** Ground within `metres` of the polygons (which do not overlap), corners rounded to 1 cm. */
export function growShapes(polygons: readonly FramePolygon[], metres: number): readonly FramePolygon[] {
  const origin = originOf(polygons);
  const paths = polygons.flatMap((polygon) => toPaths(polygon, origin, FillRule.NonZero));
  const grown = inflatePaths(paths, metres * grainsPerMetre, JoinType.Round, EndType.Polygon, 2, 0.01 * grainsPerMetre);
  // holes come back as rings that turn the other way: the union nests them again
  const clipper = new Clipper64();
  clipper.addSubject(grown);
  return nested(clipper, ClipType.Union, FillRule.NonZero, origin);
}

/**
 * Clipper2 on whole µm about a local origin.
 *
 * @see http://www.angusj.com/clipper2/
 */
function clip(work: {
  readonly type: ClipType;
  readonly fill: FillRule;
  readonly subject: readonly FramePolygon[];
  readonly other: readonly FramePolygon[];
}): readonly FramePolygon[] {
  const { subject, other } = work;
  const origin = originOf(subject);
  const clipper = new Clipper64();
  clipper.addSubject(subject.flatMap((polygon) => toPaths(polygon, origin, work.fill)));
  if (other.length > 0) clipper.addClip(other.flatMap((polygon) => toPaths(polygon, origin, work.fill)));
  return nested(clipper, work.type, work.fill, origin);
}

function originOf(polygons: readonly FramePolygon[]): Origin {
  const [x0 = 0, y0 = 0] = polygons[0]?.[0] ?? [];
  return { x: Math.round(x0 * grainsPerMetre), y: Math.round(y0 * grainsPerMetre) };
}

function nested(clipper: Clipper64, type: ClipType, fill: FillRule, origin: Origin): readonly FramePolygon[] {
  const tree = new PolyTree64();
  if (!clipper.execute(type, fill, tree)) {
    const [x, y] = [origin.x / grainsPerMetre, origin.y / grainsPerMetre];
    throw new AppError('BUG', `an overlay near ${x}, ${y} failed.`, 'Report this with the file that led to it.');
  }
  const polygons: FramePolygon[] = [];
  collectPolygons(tree, origin, polygons);
  return polygons;
}

interface Origin {
  readonly x: number;
  readonly y: number;
}

/** Rings as paths; under the non-zero rule exteriors must turn one way and holes the other. */
function toPaths(polygon: FramePolygon, origin: Origin, fill: FillRule): Path64[] {
  return polygon.map((ring, i) => {
    const path: Path64 = [];
    let doubled = 0;
    for (let k = 0; k < ring.length; k += 2) {
      const x = Math.round((ring[k] as number) * grainsPerMetre) - origin.x;
      const y = Math.round((ring[k + 1] as number) * grainsPerMetre) - origin.y;
      const last = path.at(-1);
      if (last !== undefined) doubled += last.x * y - x * last.y;
      path.push({ x, y });
    }
    const [first, last] = [path[0], path.at(-1)];
    if (first !== undefined && last !== undefined) doubled += last.x * first.y - first.x * last.y;
    return fill === FillRule.EvenOdd || doubled > 0 === (i === 0) ? path : path.toReversed();
  });
}

/** Outer rings of a tree with their holes; what lies in a hole is a polygon of its own. */
function collectPolygons(parent: PolyPath64, origin: Origin, polygons: FramePolygon[]): void {
  for (let i = 0; i < parent.count; i++) {
    const outer = parent.child(i);
    const rings = [toRing(outer.poly ?? [], origin)];
    for (let k = 0; k < outer.count; k++) {
      const hole = outer.child(k);
      rings.push(toRing(hole.poly ?? [], origin));
      collectPolygons(hole, origin, polygons);
    }
    polygons.push(rings);
  }
}

function toRing(path: Path64, origin: Origin): Float64Array {
  const ring = new Float64Array(2 * path.length);
  path.forEach(({ x, y }, i) => {
    ring[2 * i] = (x + origin.x) / grainsPerMetre;
    ring[2 * i + 1] = (y + origin.y) / grainsPerMetre;
  });
  return ring;
}
