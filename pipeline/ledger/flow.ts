import type { FramePolygon, ParcelLayer } from '../parcel/layer.ts';
import { boxOf, polygonsOf } from '../parcel/layer.ts';
import { overlay } from '../parcel/overlay.ts';
import type { ParcelIndex } from '../parcel/parcel-index.ts';
import type { Cover } from '../parcel/pieces.ts';
import { piecesOf } from '../parcel/pieces.ts';
import { intersectShapes, subtractShapes } from '../parcel/shape.ts';
import type { SightingFact } from './facts.ts';
import { inOrder, isFromBefore } from './replay.ts';
import { shareScale } from './survey-seen.ts';

/** What one reading saw change, and which parcels it saw. */
export interface FlowReading {
  readonly look: string;
  readonly date: string;
  readonly reference: string;
  readonly referenceDate: string | null;
  readonly sightings: readonly SightingFact[];
  /** share × 250 that it saw of each parcel of the survey below, null = not known */
  readonly seenShares: Uint8Array | null;
}

/** Ground that changed: in one parcel, one project, under the same covers. */
export interface FlowPiece {
  readonly areaM2: number;
  /** of the survey, null = no parcel there */
  readonly parcel: number | null;
  /** id, null = in none */
  readonly project: string | null;
  readonly category: SightingFact['category'];
  readonly classAfter: string;
  readonly isPermitted: boolean;
  readonly isPermanentFarmland: boolean;
}

/** Layers in one frame. */
export interface FlowLand {
  readonly survey: ParcelIndex;
  readonly permits: Cover | null;
  readonly permanentFarmland: Cover | null;
  /** with the column `id` */
  readonly projects: ParcelIndex | null;
}

/** A sighting and what is left of it once later readings have had their say. */
export interface StandingSighting {
  readonly sighting: SightingFact;
  readonly polygons: readonly FramePolygon[];
  /** in the order of readings */
  readonly position: number;
}

/** Each spot that any reading shows changed once, as the latest that shows it has it; in the order of `inOrder`. */
export function standingSightings(ordered: readonly Pick<FlowReading, 'sightings'>[]): readonly StandingSighting[] {
  const boxes = ordered.map(({ sightings }) => sightings.map(({ polygons }) => boxOf(polygons)));

  function remaining(position: number, sighting: SightingFact): readonly FramePolygon[] {
    const [minX, minY, maxX, maxY] = boxOf(sighting.polygons);
    let left = sighting.polygons;
    for (let later = position + 1; later < ordered.length && left.length > 0; later++) {
      const over = ordered[later]!.sightings.filter((_, i) => {
        const [x0, y0, x1, y1] = boxes[later]![i]!;
        return x0 < maxX && x1 > minX && y0 < maxY && y1 > minY;
      });
      if (over.length > 0)
        left = subtractShapes(
          left,
          over.flatMap(({ polygons }) => polygons),
        );
    }
    return left;
  }

  return ordered.flatMap(({ sightings }, position) =>
    sightings.map((sighting) => ({ sighting, polygons: remaining(position, sighting), position })),
  );
}

/**
 * Ground that readings show changed, each spot once: where several say something the latest counts. A change is gone
 * where a later look saw the whole parcel, was compared with ground as early, and shows none.
 *
 * @param seenFraction share of a parcel that is all of it
 */
export function flowPieces(
  readings: Iterable<FlowReading>,
  land: FlowLand,
  seenFraction: number,
): readonly FlowPiece[] {
  const ordered = inOrder(readings);
  const leastShare = Math.floor(shareScale * seenFraction);

  function isGone(position: number, parcel: number | null): boolean {
    if (parcel === null) return false;
    const told = ordered[position]!.referenceDate;
    return ordered
      .slice(position + 1)
      .some(
        ({ referenceDate, seenShares }) =>
          isFromBefore(referenceDate, told) && (seenShares?.[parcel] ?? 0) >= leastShare,
      );
  }

  return standingSightings(ordered).flatMap(({ sighting, polygons: ground, position }) => {
    const { category, classAfter } = sighting;
    return byProject(ground, land.projects).flatMap(({ project, polygons }) =>
      piecesIn(polygons, land)
        .filter(({ parcel }) => !isGone(position, parcel))
        .map(({ parcel, mask, areaM2 }) => ({
          areaM2,
          parcel,
          project,
          category,
          classAfter,
          isPermitted: (mask & 1) !== 0,
          isPermanentFarmland: (mask & 2) !== 0,
        })),
    );
  });
}

function piecesIn(polygons: readonly FramePolygon[], { survey, permits, permanentFarmland }: FlowLand) {
  if (polygons.length === 0) return [];
  const none: Cover = { index: survey, isMeant: () => false };
  return piecesOf(polygons, survey, [permits ?? none, permanentFarmland ?? none]).pieces;
}

/** Ground by project; of several that claim it the first in the layer has it. */
function byProject(
  ground: readonly FramePolygon[],
  projects: ParcelIndex | null,
): readonly { readonly project: string | null; readonly polygons: readonly FramePolygon[] }[] {
  if (projects === null || ground.length === 0) return [{ project: null, polygons: ground }];
  const touched = new Set(ground.flatMap((polygon) => overlay(projects, polygon).map(({ feature }) => feature)));
  const parts: { project: string | null; polygons: readonly FramePolygon[] }[] = [];
  let rest = ground;
  for (const feature of [...touched].toSorted((a, b) => a - b)) {
    const boundary = polygonsOf(projects.layer, feature);
    parts.push({ project: cell(projects.layer, 'id', feature), polygons: intersectShapes(rest, boundary) });
    rest = subtractShapes(rest, boundary);
  }
  return [...parts, { project: null, polygons: rest }];
}

const cell = (layer: ParcelLayer, name: string, feature: number): string => layer.columns[name]?.[feature] ?? '';
