import Flatbush from 'flatbush';
import { boxOf, type FramePolygon } from '../parcel/layer.ts';
import { ringsAreaM2 } from '../parcel/overlay.ts';
import { preparePolygons } from '../parcel/prepare.ts';
import { orientPolygon } from '../parcel/layer.ts';
import type { TrackRules } from './confirmation.ts';
import type { Look } from './look.ts';
import type { LookReport } from './sighting.ts';

/** A look that is over: what it says of ground that is only now found to have changed. */
export interface PastLook {
  readonly look: Look;
  /** `unseen` also where it showed a change that no track goes on with */
  readonly readingOf: (ground: {
    readonly polygons: readonly FramePolygon[];
    readonly areaM2: number;
  }) => 'unchanged' | 'unseen';
}

/** Its tree is made when it is first asked. */
export function openPastLook(report: LookReport, rules: TrackRules): PastLook {
  const { look, sightings } = report;
  const minObserved = rules.confirmation.kinds.find(({ kind }) => kind === look.kind)!.minObservedFraction;
  let tree: Flatbush | null = null;
  const openTree = (): Flatbush => {
    const made = new Flatbush(sightings.length);
    for (const { polygons } of sightings) made.add(...boxOf(polygons));
    made.finish();
    return made;
  };
  return {
    look,
    readingOf({ polygons, areaM2 }) {
      if (report.observedFraction(polygons) < minObserved) return 'unseen';
      const prepared = preparePolygons(polygons);
      if (sightings.length === 0 || prepared === null) return 'unchanged';
      tree ??= openTree();
      const isOn = tree.search(...boxOf(polygons)).some((i) => {
        const other = sightings[i]!;
        const sharedM2 = ringsAreaM2(prepared, other.polygons.flatMap(orientPolygon));
        return sharedM2 >= rules.confirmation.matching.minSharedFraction * Math.min(areaM2, other.areaM2);
      });
      return isOn ? 'unseen' : 'unchanged';
    },
  };
}
