import { z } from 'zod';
import type { Polygon } from '../geo/polygon.ts';
import type { LabelProperties } from './label-format.ts';

const ring = z.array(z.array(z.number()).min(2)).min(4);

/** A verdict with what its track says of the change; as the registry hands it over. */
export const storedVerdictSchema = z.object({
  id: z.string(),
  track: z.string(),
  axis: z.string(),
  says: z.string(),
  /** ISO date of the look at the ground */
  date: z.string(),
  givenBy: z.string(),
  /** longitude and latitude, rings of each polygon; null: not known */
  ground: z.array(z.array(ring)).nullable(),
  /** English keys of the class map; null: the track does not say */
  classBefore: z.string().nullable(),
  classAfter: z.string().nullable(),
  /** ISO dates; null: not known */
  dateBefore: z.string().nullable(),
  dateAfter: z.string().nullable(),
  /** what its track is called; null: not known */
  category: z.string().nullable(),
});
export type StoredVerdict = z.infer<typeof storedVerdictSchema>;

export interface LabelFeature {
  readonly type: 'Feature';
  readonly properties: LabelProperties;
  readonly geometry: { readonly type: 'MultiPolygon'; readonly coordinates: readonly Polygon[] };
}

export interface LabelExport {
  readonly type: 'FeatureCollection';
  readonly features: readonly LabelFeature[];
}

/** What a verdict means for the change itself: lawful ground changed too, and what is cropland again had changed. */
const meanings: Readonly<Record<string, 'confirmed' | 'refuted'>> = {
  confirmed: 'confirmed',
  lawful: 'confirmed',
  refuted: 'refuted',
};

export interface Exported {
  readonly labels: LabelExport;
  /** verdicts that say nothing of the change on a pair of dates, by why */
  readonly leftOut: Readonly<Record<'no outline' | 'planting' | 'restored' | 'superseded', number>>;
}

/**
 * Verdicts on the land class as `tianwatch-labels/1`, by date and id. Of several on one track the latest counts.
 * What was refuted keeps no class after: nothing came to be.
 */
export function labelsOf(verdicts: readonly StoredVerdict[]): Exported {
  const leftOut = { 'no outline': 0, planting: 0, restored: 0, superseded: 0 };
  const latest = new Map<string, StoredVerdict>();
  const order = (one: StoredVerdict): string => `${one.date}\n${one.id}`;
  for (const one of verdicts.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))) {
    if (one.axis !== 'land-class') leftOut.planting++;
    else if (meanings[one.says] === undefined) leftOut.restored++;
    else if (one.ground === null || one.ground.length === 0) leftOut['no outline']++;
    else {
      if (latest.has(one.track)) leftOut.superseded++;
      latest.delete(one.track);
      latest.set(one.track, one);
    }
  }
  const features = [...latest.values()].map((one): LabelFeature => {
    const verdict = meanings[one.says]!;
    return {
      type: 'Feature',
      properties: {
        verdict,
        classBefore: one.classBefore,
        classAfter: verdict === 'confirmed' ? one.classAfter : null,
        dateBefore: one.dateBefore,
        dateAfter: one.dateAfter,
        patch: one.track,
        verdictBy: one.givenBy,
        verdictDate: one.date,
      },
      geometry: {
        type: 'MultiPolygon',
        coordinates: one.ground!.map((rings) => rings.map((points) => points.map(([x, y]) => [x!, y!] as const))),
      },
    };
  });
  return { labels: { type: 'FeatureCollection', features }, leftOut };
}
