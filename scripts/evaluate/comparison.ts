import { changeScale } from '../../pipeline/types.ts';
import type { LandClass } from '../../pipeline/types.ts';
import type { Evaluation, MethodRow } from './evaluation-format.ts';
import { alarmsOf, bootstrap, per1000Km2, scoreOf, thresholdOfRecall } from './figure.ts';
import type { JudgedPlace } from './labelled-place.ts';
import { hitsAt, pool, type Filter } from './tally.ts';

const recalls = [0.2, 0.4, 0.6, 0.8];

/** A method at one threshold (1..250): what a row of the tables is about. */
export interface Subject extends Filter {
  readonly from: MethodRow['thresholdFrom'];
  readonly threshold: number;
}

export const interval = (range: readonly [number, number] | null): [number, number] | null =>
  range && [range[0], range[1]];

export interface Cover {
  readonly name: string;
  readonly zh: string;
  readonly covers: readonly number[];
}

/** All ground, then each class before; ground whose class before is unknown is in the whole alone. */
export function coversOf(classes: readonly LandClass[]): Cover[] {
  const all = { name: 'all', zh: '全部', covers: Array.from({ length: classes.length + 1 }, (_, at) => at) };
  return [all, ...classes.map(({ name, zh }, at) => ({ name, zh, covers: [at] }))];
}

export function alarmRows(
  shipped: Subject,
  places: readonly JudgedPlace[],
  covers: readonly Cover[],
): Evaluation['alarms'] {
  return covers.flatMap(({ name, zh, covers: at }) => {
    const alarms = places.map(({ tally, pixelM2 }) =>
      alarmsOf(tally, shipped, { threshold: shipped.threshold, covers: at, pixelM2 }),
    );
    const km2 = (key: 'unchangedM2' | 'flaggedM2') => alarms.reduce((sum, alarm) => sum + alarm[key], 0) / 1e6;
    const unchangedKm2 = km2('unchangedM2');
    if (unchangedKm2 === 0) return [];
    const spread = interval(bootstrap(alarms, per1000Km2));
    return [
      { cover: name, zh, unchangedKm2, flaggedKm2: km2('flaggedM2'), per1000Km2: per1000Km2(alarms), interval: spread },
    ];
  });
}

export function equalRecall(
  subjects: readonly Subject[],
  places: readonly JudgedPlace[],
  covers: readonly Cover[],
): Evaluation['equalRecall'] {
  const pooled = pool(places.map(({ tally }) => tally));
  const crops = covers.find(({ name }) => name === 'crops');
  return recalls.map((recall) => ({
    recall,
    methods: subjects.map((subject) => {
      const threshold = thresholdOfRecall(pooled, subject, recall);
      const at = (cover: Cover | undefined): number | null =>
        threshold === null || cover === undefined
          ? null
          : per1000Km2(
              places.map(({ tally, pixelM2 }) =>
                alarmsOf(tally, subject, { threshold, covers: cover.covers, pixelM2 }),
              ),
            );
      return {
        method: subject.method,
        threshold: threshold === null ? null : threshold / changeScale,
        precision: threshold === null ? null : scoreOf(hitsAt(pooled, subject, threshold)).precision,
        per1000Km2: at(covers[0]),
        cropsPer1000Km2: at(crops),
      };
    }),
  }));
}
