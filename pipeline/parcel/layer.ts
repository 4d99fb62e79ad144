import { AppError } from '../errors.ts';
import { signedAreaM2, type FrameCentre } from '../geo/frame.ts';
import type { Bbox } from '../types.ts';

/** Rings x0, y0, x1, y1 … in frame metres, not closed; the exterior first, holes after it. */
export type FramePolygon = readonly Float64Array[];

/** Immutable polygons of one imported layer, struct of arrays, in an equal-area frame. */
export interface ParcelLayer {
  readonly centre: FrameCentre;
  readonly featureCount: number;
  /** x, y pairs (m, whole µm), rings not closed; exterior counter-clockwise first, then holes, clockwise */
  readonly coordinates: Float64Array;
  /** point index of each ring's start, rings + 1 */
  readonly ringStarts: Uint32Array;
  /** ring index of each polygon's start, polygons + 1 */
  readonly polygonStarts: Uint32Array;
  /** polygon index of each feature's start, features + 1 */
  readonly featureStarts: Uint32Array;
  /** plane area in the frame = area on the ellipsoid (m²) by feature */
  readonly areaM2: Float64Array;
  /** text columns by canonical name, each featureCount long */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

export interface LayerFeature {
  /** valid polygons (see `repairPolygon`); none: a feature without ground */
  readonly polygons: readonly FramePolygon[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** Micrometres in a metre: the grain of stored coordinates. */
export const grainsPerMetre = 1e6;

/** A coordinate (m) on the grain. */
export const onGrain = (metres: number): number => Math.round(metres * grainsPerMetre) / grainsPerMetre;

/**
 * A layer of features in their order; coordinates go to whole µm, rings are oriented, attributes become columns.
 *
 * A feature without an attribute that others have gets the empty text.
 *
 * @throws AppError INPUT_INVALID with the feature's position (0-based) for a ring of fewer than three different
 * points or a coordinate that is no number: repair before
 */
export function buildLayer(input: {
  readonly centre: FrameCentre;
  readonly features: Iterable<LayerFeature>;
}): ParcelLayer {
  const coordinates: number[] = [];
  const ringStarts = [0];
  const polygonStarts = [0];
  const featureStarts = [0];
  const areaM2: number[] = [];
  const columns: Record<string, string[]> = {};
  for (const { polygons, attributes } of input.features) {
    const feature = areaM2.length;
    let area = 0;
    for (const polygon of polygons) {
      polygon.forEach((ring, i) => {
        const cleaned = cleanRing(ring, i === 0, feature);
        area += signedAreaM2(cleaned);
        for (const value of cleaned) coordinates.push(value);
        ringStarts.push(coordinates.length / 2);
      });
      polygonStarts.push(ringStarts.length - 1);
    }
    featureStarts.push(polygonStarts.length - 1);
    areaM2.push(area);
    for (const [name, value] of Object.entries(attributes)) {
      const column = (columns[name] ??= []);
      while (column.length < feature) column.push('');
      column.push(value);
    }
  }
  const featureCount = areaM2.length;
  for (const column of Object.values(columns)) while (column.length < featureCount) column.push('');
  return {
    centre: input.centre,
    featureCount,
    coordinates: Float64Array.from(coordinates),
    ringStarts: Uint32Array.from(ringStarts),
    polygonStarts: Uint32Array.from(polygonStarts),
    featureStarts: Uint32Array.from(featureStarts),
    areaM2: Float64Array.from(areaM2),
    columns,
  };
}

/** The ring on the grain, without repeated points, counter-clockwise for an exterior, else clockwise. */
function cleanRing(ring: Float64Array, isExterior: boolean, feature: number): Float64Array {
  const points: number[] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) {
    const [x, y] = [onGrain(ring[i] as number), onGrain(ring[i + 1] as number)];
    if (x !== points.at(-2) || y !== points.at(-1)) points.push(x, y);
  }
  if (points.length > 2 && points[0] === points.at(-2) && points[1] === points.at(-1)) points.length -= 2;
  if (points.length < 6 || points.some((value) => !Number.isFinite(value))) throw badRing(points, feature);
  const cleaned = Float64Array.from(points);
  return signedAreaM2(cleaned) > 0 === isExterior ? cleaned : reversed(cleaned);
}

function badRing(points: readonly number[], feature: number): AppError {
  const what = points.length < 6 ? `has ${points.length / 2} different points` : 'has a coordinate that is no number';
  return new AppError(
    'INPUT_INVALID',
    `a ring of feature ${feature} ${what}.`,
    'Repair the geometry before the layer is built.',
    { feature },
  );
}

/** The polygon with its exterior counter-clockwise and its holes clockwise. */
export const orientPolygon = (polygon: FramePolygon): FramePolygon =>
  polygon.map((ring, i) => (signedAreaM2(ring) > 0 === (i === 0) ? ring : reversed(ring)));

function reversed(ring: Float64Array): Float64Array {
  const out = new Float64Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    out[i] = ring[ring.length - 2 - i] as number;
    out[i + 1] = ring[ring.length - 1 - i] as number;
  }
  return out;
}

/** Polygons of one feature; the rings are views into the layer. */
export function polygonsOf(layer: ParcelLayer, feature: number): readonly FramePolygon[] {
  const polygons: Float64Array[][] = [];
  const end = layer.featureStarts[feature + 1] as number;
  for (let polygon = layer.featureStarts[feature] as number; polygon < end; polygon++) {
    const rings: Float64Array[] = [];
    const lastRing = layer.polygonStarts[polygon + 1] as number;
    for (let ring = layer.polygonStarts[polygon] as number; ring < lastRing; ring++) {
      const [from, to] = [layer.ringStarts[ring] as number, layer.ringStarts[ring + 1] as number];
      rings.push(layer.coordinates.subarray(2 * from, 2 * to));
    }
    polygons.push(rings);
  }
  return polygons;
}

/** Box of all rings; `[Infinity, Infinity, -Infinity, -Infinity]` of none. */
export function boxOf(polygons: readonly FramePolygon[]): Bbox {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of polygons.flat()) {
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
  }
  return [minX, minY, maxX, maxY];
}
