import {
  atRecall,
  baselines,
  bestThreshold,
  interval,
  methods,
  scoreAt,
  type AtRecall,
  type Counts,
  type Filter,
  type Score,
} from './score.ts';

export interface Row extends Score {
  readonly method: string;
  readonly filter: 'built/bare' | 'none' | 'its own';
  readonly threshold: string;
  readonly interval: readonly [number, number] | null;
}

export const digits = (value: number, count = 3): string => value.toFixed(count);

/** Every method at the threshold that suits it best, the decision as shipped too; pooled pixels. */
export function methodRows(places: readonly Counts[]): Row[] {
  const rowsOf = (filter: Filter, name: Row['filter']): Row[] => {
    const best = bestThreshold(places, filter);
    const all: (readonly [string, Score, number | 'own'])[] = [
      [`best ${best.threshold.toFixed(2)}`, best, best.threshold],
    ];
    if (filter.method === 'fused') all.unshift(['as shipped', scoreAt(places, filter, 'own'), 'own']);
    return all.map(([threshold, { precision, recall, f1 }, at]) => ({
      method: filter.method,
      filter: name,
      threshold,
      precision,
      recall,
      f1,
      interval: places.length > 1 ? interval(places, filter, at) : null,
    }));
  };
  const own = places.every(({ cover }) => cover !== null) ? baselines : [];
  return [
    ...methods.flatMap((method) => [
      ...rowsOf({ method, isFiltered: false }, 'none'),
      ...rowsOf({ method, isFiltered: true }, 'built/bare'),
    ]),
    ...own.flatMap((method) => rowsOf({ method, isFiltered: false }, 'its own')),
  ];
}

export function methodText(rows: readonly Row[]): string {
  const head = 'method      class filter  threshold        P      R      F1     95 % interval over places';
  const lines = rows.map(
    ({ method, filter, threshold, precision, recall, f1, interval: range }) =>
      `${method.padEnd(11)} ${filter.padEnd(13)} ${threshold.padEnd(15)}  ${digits(precision)}  ${digits(recall)}  ${digits(f1)}  ${range === null ? '' : range.map((value) => digits(value)).join('-')}`,
  );
  return [head, ...lines].join('\n');
}

const recalls = [0.2, 0.3, 0.4, 0.5, 0.6] as const;

export type RecallRow = { readonly method: string; readonly recall: number } & AtRecall;

/** Precision and alarms on crop land of each method where it finds as much as the others, into built or bare. */
export function recallRows(places: readonly Counts[]): RecallRow[] {
  return methods.flatMap((method) =>
    recalls.flatMap((recall) => {
      const found = atRecall(places, { method, isFiltered: true }, recall);
      return found === null ? [] : [{ method, recall, ...found }];
    }),
  );
}

export function recallText(rows: readonly RecallRow[]): string {
  const head = 'method    recall  threshold  precision  crop land flagged, km² in 1000 km²';
  const lines = rows.map(
    ({ method, recall, threshold, precision, cropAlarms }) =>
      `${method.padEnd(9)} ${recall.toFixed(2)}    ${digits(threshold)}      ${digits(precision)}      ${cropAlarms === null ? '-' : cropAlarms.toFixed(1)}`,
  );
  return [head, ...lines].join('\n');
}

/** Each place by itself, at the thresholds of the pooled table; changed into built or bare. */
export function placeScores(places: readonly Counts[]): Record<string, Record<string, number>> {
  const thresholds = methods.map((method) => {
    const filter = { method, isFiltered: true };
    return { filter, at: method === 'fused' ? ('own' as const) : bestThreshold(places, filter).threshold };
  });
  return Object.fromEntries(
    places.map((place) => [
      place.name,
      Object.fromEntries(thresholds.map(({ filter, at }) => [filter.method, scoreAt([place], filter, at).f1])),
    ]),
  );
}
