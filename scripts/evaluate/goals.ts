import type { Fold } from './fold-record.ts';
import { f1Of, type FineTable } from './fine.ts';
import type { Goal } from './goal-table.ts';
import type { StableScore } from './place-score.ts';
import {
  atRecall,
  baselines,
  bestThreshold,
  coverScore,
  reliability,
  scoreAt,
  type Counts,
  type Filter,
} from './score.ts';
import type { Speed } from './speed.ts';

/** What one evaluation found; parts that were not asked for or lack their imagery are absent. */
export interface Found {
  readonly folds: readonly Fold[];
  readonly cities?: readonly Counts[];
  readonly int8?: readonly Counts[];
  readonly taizhou?: readonly Counts[];
  readonly simulated?: readonly Counts[];
  readonly series: Readonly<Record<string, StableScore>>;
  readonly rice?: StableScore;
  readonly shifted: Readonly<Record<number, StableScore>>;
  /** of the network of a few metres, the product's decision first, with four bands */
  readonly fine?: readonly FineTable[];
  readonly speed?: Speed | null;
  readonly int8Speed?: Speed | null;
}

const fused: Filter = { method: 'fused', isFiltered: true };
const network: Filter = { method: 'network', isFiltered: true };
const f1 = (places: readonly Counts[], filter: Filter, at: number | 'own' = 'own'): number =>
  scoreAt(places, filter, at).f1;

const high = (bar: number, aim: number) => ({ bar, aim, better: 'high' as const });
const low = (bar: number, aim: number) => ({ bar, aim, better: 'low' as const });

/** The table of what must and should be reached, as far as it was evaluated. */
export function goalsOf(found: Found): Goal[] {
  return [
    ...unseenGoals(found.folds),
    ...stableGoals(found),
    ...(found.taizhou ? taizhouGoals(found.taizhou) : []),
    ...(found.cities && found.int8 ? int8Goals(found.cities, found.int8) : []),
    ...speedGoals(found),
    ...fineGoals(found.fine ?? []),
    ...(found.simulated
      ? [
          {
            what: 'calibration: ECE of the fused probability, simulated landscapes of test seeds',
            value: reliability(found.simulated, 'fused').ece,
            ...low(0.05, 0.03),
            from: 'this run',
          },
        ]
      : []),
  ];
}

function fineGoals([shipped]: readonly FineTable[]): Goal[] {
  return Object.entries(shipped?.figures.category ?? {})
    .filter(([, { truth }]) => truth > 0)
    .map(([name, tally]) => ({
      what: `gf-change, simulated landscapes at 2 m of unseen seeds: F1 of change called ${name}`,
      value: f1Of(tally),
      ...high(0.85, 0.92),
      from: 'this run',
    }));
}

function unseenGoals(folds: readonly Fold[]): Goal[] {
  if (folds.length === 0) return [];
  const places = folds.flatMap((fold) => fold.places);
  const narrow = folds.flatMap((fold) => fold.fourBands);
  const from = `committed logs of ${folds.length} folds, ${places.length} places never seen`;
  const best = Math.max(
    ...(['irmad', 'vectors'] as const).map((method) => bestThreshold(places, { method, isFiltered: true }).f1),
    ...baselines.map((method) => bestThreshold(places, { method, isFiltered: false }).f1),
  );
  const ofNetwork = networkScore(folds);
  const alarms = atRecall(places, fused, 0.4)?.cropAlarms ?? Number.NaN;
  const cover = coverScore(places);
  return [
    {
      what: 'F1 of change into built or bare, fused as shipped, pooled pixels',
      value: f1(places, fused),
      ...high(0.45, 0.5),
      from,
    },
    { what: 'the same, network alone at its own threshold', value: ofNetwork, ...high(0.41, 0.45), from },
    {
      what: 'fused against the best baseline at its best threshold, %',
      value: 100 * (f1(places, fused) / best - 1),
      ...high(15, 30),
      from,
      digits: 1,
    },
    {
      what: 'unchanged crop land flagged at recall .40, km² in 1000 km²',
      value: alarms,
      ...low(4, 2),
      from,
      digits: 1,
    },
    ...(cover === null
      ? []
      : [
          {
            what: 'cover: mean IoU of six classes against the teacher',
            value: cover.meanIou,
            ...high(0.52, 0.58),
            from,
          },
          { what: 'cover: F1 of crops against the teacher', value: cover.f1[3]!, ...high(0.6, 0.7), from },
        ]),
    ...(narrow.length === 0
      ? []
      : [
          {
            what: 'F1 lost with four bands, fused',
            value: f1(places, fused) - f1(narrow, fused),
            ...low(0.03, 0.02),
            from,
          },
        ]),
  ];
}

/** Pooled F1 of the network alone, each fold at the threshold of its own card. */
function networkScore(folds: readonly Fold[]): number {
  const places = folds.flatMap((fold) => fold.places.map((place) => ({ ...place, threshold: fold.networkThreshold })));
  return f1(places, network);
}

function stableGoals({ series, rice, shifted, folds }: Found): Goal[] {
  const unseen = folds.find(({ stable }) => stable['belgium_s2_12month'] !== undefined);
  const belgium = (score: StableScore, from: string): Goal[] => [
    {
      what: 'Belgian fields, 45 pairs of months: flagged, median, %',
      value: 100 * score.median,
      ...low(0.5, 0.1),
      from,
      digits: 2,
    },
    {
      what: 'Belgian fields, 45 pairs of months: flagged, worst, %',
      value: 100 * score.worst,
      ...low(3, 1),
      from,
      digits: 2,
    },
  ];
  const artificial = (what: string, score: StableScore, from: string): Goal => ({
    what: `${what}, ${score.pairs} pairs of clear dates: flagged as built or bare, mean, %`,
    value: 100 * score.artificialMean,
    ...low(2, 0.5),
    from,
    digits: 2,
  });
  const reservoir = folds.find(({ stable }) => stable['boadella_series'] !== undefined);
  const limits: Readonly<Record<number, readonly [number, number]>> = { 1: [1, 0.2], 2: [15, 5] };
  return [
    ...(unseen
      ? belgium(
          unseen.stable['belgium_s2_12month']!,
          `committed log of fold ${unseen.fold}, left out there, learnt by its base`,
        )
      : []),
    ...(series['belgium_s2_12month'] ? belgium(series['belgium_s2_12month'], 'this run, seen in training') : []),
    ...(reservoir
      ? [
          artificial(
            'Boadella',
            reservoir.stable['boadella_series']!,
            `committed log of fold ${reservoir.fold}, left out there, learnt by its base`,
          ),
        ]
      : []),
    ...(series['boadella_series']
      ? [artificial('Boadella', series['boadella_series'], 'this run, seen in training')]
      : []),
    ...(rice ? [artificial('An Giang paddies', rice, 'this run, never seen')] : []),
    ...Object.entries(shifted).map(([px, score]): Goal => {
      const [bar, aim] = limits[Number(px)]!;
      // IR-MAD and change vectors ask how unusual a difference is: of one image and itself that has no answer
      return {
        what: `one image twice, ${px} px left over after registration: flagged by the network alone, km² in 1000 km²`,
        value: 1000 * score.networkShare,
        ...low(bar, aim),
        from: 'this run',
        digits: 2,
      };
    }),
  ];
}

function taizhouGoals(places: readonly Counts[]): Goal[] {
  const from = 'this run, never seen';
  return [
    {
      what: 'Taizhou, labelled pixels, as shipped: F1 of change of any kind',
      value: f1(places, { method: 'fused', isFiltered: false }),
      ...high(0.92, 0.94),
      from,
    },
    {
      what: 'Taizhou, labelled pixels, as shipped: F1 of change into built or bare',
      value: f1(places, fused),
      ...high(0.92, 0.94),
      from,
    },
  ];
}

function int8Goals(cities: readonly Counts[], int8: readonly Counts[]): Goal[] {
  return [
    {
      what: 'F1 lost in 8 bits, fused, ten cities (images seen)',
      value: f1(cities, fused) - f1(int8, fused),
      ...low(0.005, 0.002),
      from: 'this run',
      digits: 4,
    },
  ];
}

function speedGoals({ speed, int8Speed }: Found): Goal[] {
  const from = 'this run, one core';
  return [
    ...(speed
      ? [
          { what: 'cover, float32, Mpx a second', value: speed.cover, ...high(2, 3.5), from, digits: 2 },
          { what: 'pair, float32, Mpx a second', value: speed.pair, ...high(0.7, 1), from, digits: 2 },
        ]
      : []),
    ...(int8Speed
      ? [
          { what: 'cover, 8 bits, Mpx a second', value: int8Speed.cover, ...high(4, 4), from, digits: 2 },
          { what: 'pair, 8 bits, Mpx a second', value: int8Speed.pair, ...high(1.4, 1.4), from, digits: 2 },
        ]
      : []),
  ];
}
