import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import type { Polygon } from '../../pipeline/geo/polygon.ts';
import { polygonsOf, type ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { closeTally, markPixels, openTally, type ParcelTally } from '../../pipeline/season/parcel-pixels.ts';
import type { ParcelSeries } from '../../pipeline/season/parcel-series.ts';
import { maskOfPolygons, polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import type { BandName, Grid, Raster, Window } from '../../pipeline/types.ts';

/** One look on the grid of all. */
export interface MeanLook {
  /** ISO-8601 */
  readonly date: string;
  /**
   * @param window rows of the grid, all its columns (px)
   * @returns reflectance of the bands in the order asked for, and 1 where the ground was seen
   */
  read(window: Window): Promise<{ readonly raster: Raster; readonly seen: Uint8Array }>;
}

export interface ParcelMeans {
  /** position in the layer */
  readonly feature: number;
  /** pixels that the means are of */
  readonly pixels: number;
  /** true: of pixels that touch no other ground; false: the parcel is too small for that */
  readonly isCore: boolean;
  /** NaN where less than half of the pixels were seen */
  readonly series: ParcelSeries;
}

interface Held {
  readonly polygons: readonly Polygon[];
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Mean reflectance of every parcel in every look, strip by strip from the north: a parcel comes as soon as the strips have
 * passed it, and those that no pixel centre lies in come with NaN alone. Those outside the grid do not come.
 *
 * Each look is read once; memory goes with a strip of one look and with the parcels of a strip.
 *
 * @param isWanted which features; all where it is left out
 */
export async function* parcelMeans(
  layer: ParcelLayer,
  input: {
    readonly grid: Grid;
    readonly frame: EqualAreaFrame;
    readonly bands: readonly BandName[];
    readonly looks: readonly MeanLook[];
    readonly isWanted?: (feature: number) => boolean;
    readonly stripRows?: number;
  },
): AsyncGenerator<ParcelMeans> {
  const { grid, frame, bands, looks, isWanted: isMeant = () => true, stripRows = 256 } = input;
  // what is not wanted still bounds what is
  const held = Array.from({ length: layer.featureCount }, (_, feature) => holdFeature(layer, feature, { grid, frame }));
  const isWanted = (feature: number): boolean => {
    const { left, right, top, bottom } = held[feature]!;
    return right > 0 && left < grid.width && bottom > 0 && top < grid.height && isMeant(feature);
  };
  const order = held.map((_, feature) => feature).sort((a, b) => held[a]!.top - held[b]!.top || a - b);
  const open = new Map<number, ParcelTally>();
  const dates = looks.map(({ date }) => date);
  const meansOf = (feature: number, tally: ParcelTally): ParcelMeans => {
    const { values, pixels, isCore } = closeTally(tally);
    const named = bands.map((band, k) => [
      band,
      Float32Array.from(dates, (_, look) => values[look * bands.length + k]!),
    ]);
    return { feature, pixels, isCore, series: { dates, bands: Object.fromEntries(named) as ParcelSeries['bands'] } };
  };
  let next = 0;
  let active: number[] = [];
  for (let row = 0; row < grid.height; row += stripRows) {
    const rows = Math.min(stripRows, grid.height - row);
    while (next < order.length && held[order[next]!]!.top <= row + rows) active.push(order[next++]!);
    const labels = labelStrip(active, held, { row: row - 1, rows: rows + 2, width: grid.width });
    const marks = markPixels(labels, grid.width);
    for (const feature of active)
      if (isWanted(feature) && !open.has(feature)) open.set(feature, openTally(looks.length, bands.length));
    marks.count(open);
    for (const [at, look] of looks.entries()) {
      const { raster, seen } = await look.read({ col: 0, row, width: grid.width, height: rows });
      marks.add(open, at, raster, seen);
    }
    const done = active.filter((feature) => held[feature]!.bottom <= row + rows);
    active = active.filter((feature) => held[feature]!.bottom > row + rows);
    for (const feature of done) {
      const tally = open.get(feature);
      open.delete(feature);
      if (tally) yield meansOf(feature, tally);
    }
  }
  const rest = [...open.keys(), ...order.slice(next).filter(isWanted)];
  for (const feature of rest) yield meansOf(feature, open.get(feature) ?? openTally(looks.length, bands.length));
}

/** Feature + 1 of each pixel whose centre lies in it, 0 = none; of features that overlap the later one. */
function labelStrip(
  features: readonly number[],
  held: readonly Held[],
  { row, rows, width }: { readonly row: number; readonly rows: number; readonly width: number },
): Int32Array {
  const labels = new Int32Array(rows * width);
  for (const feature of features.toSorted((a, b) => a - b)) {
    const { polygons, top, bottom, left, right } = held[feature]!;
    const [first, last] = [Math.max(top, row), Math.min(bottom, row + rows)];
    const [from, to] = [Math.max(0, left), Math.min(width, right)];
    if (first >= last || from >= to) continue;
    const window = { col: from, row: first, width: to - from, height: last - first };
    const mask = maskOfPolygons(window, polygons);
    for (let i = 0; i < mask.length; i++)
      if (mask[i] === 1)
        labels[(first - row + Math.floor(i / window.width)) * width + from + (i % window.width)] = feature + 1;
  }
  return labels;
}

function holdFeature(
  layer: ParcelLayer,
  feature: number,
  { grid, frame }: { readonly grid: Grid; readonly frame: EqualAreaFrame },
): Held {
  const lonLat = polygonsOf(layer, feature).map((rings) =>
    rings.map((ring) =>
      Array.from({ length: ring.length / 2 + 1 }, (_, i) => {
        const at = (2 * i) % ring.length;
        return frame.toLonLat(ring[at]!, ring[at + 1]!);
      }),
    ),
  );
  const polygons = polygonsOnGrid(grid, lonLat);
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [col, row] of polygons.flat(2)) {
    left = Math.min(left, Math.floor(col));
    right = Math.max(right, Math.ceil(col));
    top = Math.min(top, Math.floor(row));
    bottom = Math.max(bottom, Math.ceil(row));
  }
  return { polygons, left, right, top, bottom };
}
