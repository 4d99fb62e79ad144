import { boxOf, type FramePolygon } from '../parcel/layer.ts';
import { maskOfPolygons } from '../tile/aoi.ts';

/** Places at equal distances within an outline; each stands for the same share of its area. */
export interface Places {
  /** frame metres of the middle of the first cell, that of the lowest x and y */
  readonly x: number;
  readonly y: number;
  readonly stepM: number;
  readonly cols: number;
  /** col + row · cols of each place, ascending */
  readonly positions: Uint32Array;
}

/** How densely places are laid. */
export interface PlaceDensity {
  /** about so many places, more where the step would be longer than `mostStepM` */
  readonly count: number;
  /** longest step (m) */
  readonly mostStepM: number;
}

/** Cells small enough to tell works of a hectare apart; 10 m is the pixel of the coarser scenes. */
export const partDensity: PlaceDensity = { count: 2000, mostStepM: 10 };

/** A share to a few per cent: parcels are many. */
export const parcelDensity: PlaceDensity = { count: 24, mostStepM: 20 };

/**
 * Lay places in an outline; they depend on the outline alone.
 *
 * @param polygons in frame metres, without ground in common
 * @returns at least one place for an outline that has ground
 */
export function layPlaces(polygons: readonly FramePolygon[], areaM2: number, density: PlaceDensity): Places {
  const [minX, minY, maxX, maxY] = boxOf(polygons);
  if (!(areaM2 > 0) || !(maxX > minX)) return { x: 0, y: 0, stepM: 1, cols: 1, positions: new Uint32Array() };
  const stepM = Math.min(density.mostStepM, Math.sqrt(areaM2 / density.count));
  const [cols, rows] = [Math.max(1, Math.ceil((maxX - minX) / stepM)), Math.max(1, Math.ceil((maxY - minY) / stepM))];
  const inCells = polygons.map((polygon) =>
    polygon.map((ring) =>
      Array.from({ length: ring.length / 2 + 1 }, (_, i) => {
        const at = (2 * i) % ring.length;
        return [(ring[at]! - minX) / stepM, (ring[at + 1]! - minY) / stepM] as const;
      }),
    ),
  );
  const mask = maskOfPolygons({ col: 0, row: 0, width: cols, height: rows }, inCells);
  const found: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) found.push(i);
  const [x, y] = [minX + stepM / 2, minY + stepM / 2];
  if (found.length > 0) return { x, y, stepM, cols, positions: Uint32Array.from(found) };
  // an outline so thin that it passes between the places is known by a corner
  const [cornerX = 0, cornerY = 0] = polygons[0]?.[0] ?? [];
  return { x: cornerX, y: cornerY, stepM, cols: 1, positions: Uint32Array.of(0) };
}
