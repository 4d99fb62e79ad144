/** One cropland parcel in one crop year: what stood there, what was said, and what somebody was asked. */
export interface ParcelYearTruth {
  /** share of it with a grain season, 0..1 */
  readonly grainFraction: number;
  readonly winter: string;
  readonly summer: string;
  /** status of `planting.csv` */
  readonly status: string;
  /** finding of `planting.csv`; empty: none */
  readonly finding: string;
  /** state of the alert of its planting; null: there is none */
  readonly alert: string | null;
  /** it would have had one, but an alert of changed ground tells it */
  readonly isTold: boolean;
}

export interface PlantingScore {
  readonly parcelYears: number;
  readonly unknown: number;
  /** without a grain season, among all */
  readonly wanted: number;
  readonly alerts: number;
  readonly right: number;
  readonly precision: number | null;
  /** alerts of planting, and changed ground that tells it, of all parcel years without grain */
  readonly recall: number | null;
  /** the same of those that were not unknown */
  readonly recallOfJudged: number | null;
  readonly told: number;
  readonly grainF1: number | null;
  readonly nonGrainF1: number | null;
  /** alerts on parcels with grain, by what stood there */
  readonly wrongBy: Readonly<Record<string, number>>;
  /** parcel years without grain and without an alert, by what was said of them */
  readonly missedBy: Readonly<Record<string, number>>;
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function f1(rows: readonly ParcelYearTruth[], isTrue: (row: ParcelYearTruth) => boolean, isSaid: typeof isTrue) {
  const count = (of: typeof isTrue): number => rows.filter(of).length;
  const both = count((row) => isTrue(row) && isSaid(row));
  return ratio(2 * both, count(isTrue) + count(isSaid));
}

function tally(rows: readonly ParcelYearTruth[], keyOf: (row: ParcelYearTruth) => string): Record<string, number> {
  const out: Record<string, number> = {};
  for (const row of rows) out[keyOf(row)] = (out[keyOf(row)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(out).toSorted(([, a], [, b]) => b - a));
}

const isGrain = ({ grainFraction }: ParcelYearTruth): boolean => grainFraction >= 0.5;
const saysGrain = ({ status }: ParcelYearTruth): boolean => status === 'grain' || status === 'rotation';

/** Alerts of planting against what stood on the parcels, one parcel and crop year each. */
export function scorePlanting(rows: readonly ParcelYearTruth[]): PlantingScore {
  const wanted = rows.filter((row) => !isGrain(row));
  const alerts = rows.filter(({ alert }) => alert !== null && alert !== 'withdrawn');
  const right = alerts.filter((row) => !isGrain(row));
  const isAsked = ({ alert, isTold }: ParcelYearTruth): boolean => isTold || (alert !== null && alert !== 'withdrawn');
  const asked = wanted.filter(isAsked);
  const judged = rows.filter(({ status }) => status !== 'unknown');
  return {
    parcelYears: rows.length,
    unknown: rows.length - judged.length,
    wanted: wanted.length,
    alerts: alerts.length,
    right: right.length,
    precision: ratio(right.length, alerts.length),
    recall: ratio(asked.length, wanted.length),
    recallOfJudged: ratio(
      asked.filter(({ status }) => status !== 'unknown').length,
      wanted.filter(({ status }) => status !== 'unknown').length,
    ),
    told: rows.filter(({ isTold }) => isTold).length,
    grainF1: f1(judged, isGrain, saysGrain),
    nonGrainF1: f1(
      judged,
      (row) => !isGrain(row),
      (row) => !saysGrain(row),
    ),
    wrongBy: tally(alerts.filter(isGrain), ({ winter, summer }) => `${winter}, ${summer}`),
    missedBy: tally(
      wanted.filter((row) => !isAsked(row)),
      ({ status }) => status,
    ),
  };
}
