import { orientPolygon, type FramePolygon } from '../parcel/layer.ts';
import { ringsAreaM2 } from '../parcel/overlay.ts';
import { preparePolygons } from '../parcel/prepare.ts';
import { planeAreaM2 } from '../geo/frame.ts';
import type { Category } from '../rule/reason.ts';
import type { LookReport } from './sighting.ts';

/** What a person found on a piece of changed ground. */
export interface GroundVerdict {
  readonly id: string;
  /** ISO date of the visit */
  readonly date: string;
  /** the ground is another than before: confirmed, or found lawful; false: it is as before, or is so again */
  readonly isChanged: boolean;
  /** frame metres */
  readonly polygons: readonly FramePolygon[];
  readonly classBefore: string;
  readonly classAfter: string;
  readonly category: Category;
}

/** Ids of looks that are verdicts begin so. */
export const verdictLook = 'verdict ';

/** A person sees what a tape measure sees. */
const groundGsdM = 0.1;

/**
 * A verdict as a look of the highest weight: it saw the ground that it was on, after every scene of its day, and shows
 * there a change or none.
 */
export function verdictReport(verdict: GroundVerdict): LookReport {
  const { id, date, isChanged, classBefore, classAfter, category } = verdict;
  const polygons = verdict.polygons.map(orientPolygon);
  const prepared = preparePolygons(polygons);
  const areaM2 = polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
  const look = {
    id: `${verdictLook}${id}`,
    date: `${date.slice(0, 10)}T23:59:59Z`,
    sensor: null,
    gsdM: groundGsdM,
    kind: 'ground' as const,
  };
  return {
    look,
    sightings: isChanged ? [{ id: look.id, polygons, areaM2, classBefore, classAfter, category, probability: 1 }] : [],
    observedFraction(ground) {
      const wholeM2 = ground.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
      if (prepared === null || wholeM2 <= 0) return 0;
      return Math.min(1, ringsAreaM2(prepared, ground.flatMap(orientPolygon)) / wholeM2);
    },
  };
}
