import { divideOriented } from './divide.ts';
import { boxOf, orientPolygon, type FramePolygon } from './layer.ts';
import { leastShareM2 } from './overlay.ts';
import type { ParcelIndex } from './parcel-index.ts';

/** Features of a layer that cover ground together, dissolved: permits, permanent farmland, a zone. */
export interface Cover {
  readonly index: ParcelIndex;
  /** which of its features count; all where it is left out */
  readonly isMeant?: (feature: number) => boolean;
}

/** Ground of a window that lies in one parcel and under the same covers. */
export interface Piece {
  /** feature of the parcel layer; null: no parcel there */
  readonly parcel: number | null;
  /** bit k is set where the ground lies under cover k */
  readonly mask: number;
  readonly areaM2: number;
}

export interface Pieces {
  /** in the order of parcels, the ground of none last, then of masks */
  readonly pieces: readonly Piece[];
  readonly windowM2: number;
  /** ground that several parcels claim, once for each claim too many: pieces add up to the window and this (m²) */
  readonly overlapM2: number;
}

/**
 * Cut a window by parcels and covers; every piece is computed by itself.
 *
 * @param window polygons in metres of the layers' frame
 * @param parcels null: no baseline, all ground is of no parcel
 */
export function piecesOf(
  window: readonly FramePolygon[],
  parcels: ParcelIndex | null,
  covers: readonly Cover[] = [],
): Pieces {
  const box = boxOf(window);
  const candidates = parcels === null ? [] : parcels.featuresIn(box);
  const { windowM2, cellsM2, overlapM2 } = divideOriented(
    window.map(orientPolygon),
    candidates.map((feature) => (parcels === null ? [] : parcels.polygonsWithin(feature, box))),
    covers.map(({ index, isMeant = () => true }) =>
      index
        .featuresIn(box)
        .filter(isMeant)
        .flatMap((feature) => index.polygonsWithin(feature, box)),
    ),
  );
  const masks = 2 ** covers.length;
  const pieces: Piece[] = [];
  cellsM2.forEach((areaM2, cell) => {
    if (areaM2 <= leastShareM2) return;
    pieces.push({ parcel: candidates[Math.floor(cell / masks)] ?? null, mask: cell % masks, areaM2 });
  });
  return { pieces, windowM2, overlapM2 };
}
