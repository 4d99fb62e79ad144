import { type EqualAreaFrame, signedAreaM2 } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import { type DraftOptions, type ReadRows, frameFinder, readRows } from './draft.ts';
import type { SourceFeature, VectorSource } from './vector-source.ts';

/** A file as a quick look sees it. */
export interface QuickLook extends ReadRows {
  /** by row (m²) */
  readonly areaM2: readonly number[];
  /** land code by row */
  readonly codes: readonly string[];
  /** west, south, east, north (degrees); null of no ground */
  readonly boundsDeg: readonly [number, number, number, number] | null;
}

/** What a quick look leaves out. */
export const quickLimits = ['repairs', 'overlaps', 'gaps', 'areas beyond four digits'];

/**
 * Read a file without making a layer of it: every attribute is checked, but an area is that in the plane of the file
 * times the scale at the feature's first point, and no outline is looked at.
 *
 * @throws AppError INPUT_INVALID from the reader of the file
 */
export async function lookQuickly(source: VectorSource, options: DraftOptions): Promise<QuickLook> {
  const frameOf = frameFinder(source, options.basis.home);
  const areaM2: number[] = [];
  const codes: string[] = [];
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const toLonLat = lonLatProjector(source.crs);
  const scaleStep = source.crs.isGeographic ? 1e-5 : 1;
  const read = await readRows(source, options, (feature, attributes) => {
    const frame = frameOf(feature);
    const area = frame === null ? 0 : planeArea(feature, box) * scaleAt(feature, { frame, toLonLat, scaleStep });
    areaM2.push(area);
    codes.push(attributes['code'] ?? '');
    return area > 0;
  });
  return { ...read, areaM2, codes, boundsDeg: boundsOf(box, toLonLat) };
}

/** Area in the plane of the file, in its units; its points widen the box. */
function planeArea({ polygons }: SourceFeature, box: [number, number, number, number]): number {
  let sum = 0;
  for (const polygon of polygons ?? [])
    for (const [i, ring] of polygon.entries()) {
      const flat = new Float64Array(2 * ring.length);
      for (const [k, point] of ring.entries()) {
        const [x, y] = point;
        flat[2 * k] = x;
        flat[2 * k + 1] = y;
        if (x < box[0]) box[0] = x;
        if (y < box[1]) box[1] = y;
        if (x > box[2]) box[2] = x;
        if (y > box[3]) box[3] = y;
      }
      sum += (i === 0 ? 1 : -1) * Math.abs(signedAreaM2(flat));
    }
  return sum;
}

/** Square metres on the ellipsoid for a square unit of the file, at the first point of a feature. */
function scaleAt(
  { polygons }: SourceFeature,
  how: {
    readonly frame: EqualAreaFrame;
    readonly toLonLat: (x: number, y: number) => readonly [number, number];
    readonly scaleStep: number;
  },
): number {
  const { frame, toLonLat, scaleStep } = how;
  const point = polygons?.[0]?.[0]?.[0];
  if (point === undefined) return 0;
  const at = (dx: number, dy: number) => frame.toFrame(...toLonLat(point[0] + dx, point[1] + dy));
  const [[x0, y0], [x1, y1], [x2, y2]] = [at(0, 0), at(scaleStep, 0), at(0, scaleStep)];
  return Math.abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / (scaleStep * scaleStep);
}

function boundsOf(
  [minX, minY, maxX, maxY]: readonly [number, number, number, number],
  toLonLat: (x: number, y: number) => readonly [number, number],
): QuickLook['boundsDeg'] {
  if (!(minX <= maxX)) return null;
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const outline = steps.flatMap((t) => {
    const [x, y] = [minX + t * (maxX - minX), minY + t * (maxY - minY)];
    return [toLonLat(x, minY), toLonLat(x, maxY), toLonLat(minX, y), toLonLat(maxX, y)];
  });
  const [lons, lats] = [outline.map(([lon]) => lon), outline.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
