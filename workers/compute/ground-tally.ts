import { pixelAreaModel } from '../../pipeline/geo/area.ts';
import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import type { Polygon } from '../../pipeline/geo/polygon.ts';
import { polygonsOf } from '../../pipeline/parcel/layer.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { maskOfPolygons, polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import type { Grid, Window } from '../../pipeline/types.ts';
import { categoryCodes } from '../../pipeline/rule/reason.ts';
import { unobserved } from '../../pipeline/types.ts';

/** What the rasters say of one feature; areas of pixels whose centre lies inside (m²). */
export interface FeatureTally {
  /** seen on both dates */
  readonly observedM2: number;
  /** of the pixels seen, by class code of the later date; changed pixels by what they changed into */
  readonly classAfterM2: ReadonlyMap<number, number>;
  /** of them, pixels of patches that mean a change, by class code changed into */
  readonly changedIntoM2: ReadonlyMap<number, number>;
}

export interface TallyRows {
  /** row of the grid that the planes begin with */
  readonly row: number;
  readonly rowCount: number;
  /** values of `category.tif` */
  readonly category: Uint8Array;
  readonly classBefore: Uint8Array;
  readonly classAfter: Uint8Array;
  readonly changeInto: Uint8Array;
  /** why a pixel was not seen on both dates, see `joinReasons`; 255 in chunks that failed */
  readonly reason: Uint8Array;
}

/** What a tally looks at. */
type TalliedRows = Omit<TallyRows, 'classBefore' | 'reason'>;

/** Values of `category.tif` that mean a change: what is for review, by season or by code, says nothing of works. */
export const meansChange = new Set(
  (['non-farm', 'non-grain', 'recovered', 'other'] as const).map((category) => categoryCodes[category]),
);

interface Held {
  readonly polygons: readonly Polygon[];
  /** px */
  readonly box: Window;
  observedM2: number;
  readonly classAfterM2: Map<number, number>;
  readonly changedIntoM2: Map<number, number>;
}

/** Count pixels of rasters that stream by under each feature of a layer. */
export function openGroundTally(
  layer: ParcelLayer,
  { grid, frame }: { readonly grid: Grid; readonly frame: EqualAreaFrame },
): { addRows(rows: TalliedRows): void; tallies(): readonly FeatureTally[] } {
  const areaOf = pixelAreaModel(grid);
  const held = Array.from({ length: layer.featureCount }, (_, feature): Held => {
    const polygons = polygonsOnGrid(grid, lonLatPolygons(layer, feature, frame));
    return {
      polygons,
      box: boxOf(polygons, grid),
      observedM2: 0,
      classAfterM2: new Map(),
      changedIntoM2: new Map(),
    };
  });
  const count = (feature: Held, rows: TalliedRows): void => {
    const { box } = feature;
    const top = Math.max(box.row, rows.row);
    const bottom = Math.min(box.row + box.height, rows.row + rows.rowCount);
    if (top >= bottom || box.width <= 0) return;
    const window = { col: box.col, row: top, width: box.width, height: bottom - top };
    const mask = maskOfPolygons(window, feature.polygons);
    for (let row = top; row < bottom; row++)
      for (let col = box.col; col < box.col + box.width; col++) {
        if (mask[(row - top) * box.width + col - box.col] === 0) continue;
        const at = (row - rows.row) * grid.width + col;
        const category = rows.category[at]!;
        if (category === unobserved) continue;
        const areaM2 = areaOf(col, row);
        feature.observedM2 += areaM2;
        const isChanged = meansChange.has(category);
        add(feature.classAfterM2, (isChanged ? rows.changeInto : rows.classAfter)[at]!, areaM2);
        if (isChanged) add(feature.changedIntoM2, rows.changeInto[at]!, areaM2);
      }
  };
  return {
    addRows(rows) {
      for (const feature of held) count(feature, rows);
    },
    tallies: () =>
      held.map(({ observedM2, classAfterM2, changedIntoM2 }) => ({ observedM2, classAfterM2, changedIntoM2 })),
  };
}

const add = (sums: Map<number, number>, code: number, areaM2: number): void => {
  sums.set(code, (sums.get(code) ?? 0) + areaM2);
};

function lonLatPolygons(layer: ParcelLayer, feature: number, frame: EqualAreaFrame): readonly Polygon[] {
  return polygonsOf(layer, feature).map((rings) =>
    rings.map((ring) =>
      Array.from({ length: ring.length / 2 + 1 }, (_, i) => {
        const at = (2 * i) % ring.length;
        return frame.toLonLat(ring[at]!, ring[at + 1]!);
      }),
    ),
  );
}

/** Pixels that the polygons may touch, cut to the grid; empty where they lie outside. */
function boxOf(polygons: readonly Polygon[], { width, height }: Grid): Window {
  const points = polygons.flat(2);
  const range = (k: 0 | 1, limit: number): readonly [number, number] => {
    const low = points.reduce((least, point) => Math.min(least, point[k]), Number.POSITIVE_INFINITY);
    const high = points.reduce((most, point) => Math.max(most, point[k]), Number.NEGATIVE_INFINITY);
    return [Math.max(0, Math.floor(low)), Math.min(limit, Math.ceil(high))];
  };
  const [left, right] = range(0, width);
  const [top, bottom] = range(1, height);
  return { col: left, row: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}
