export const methods = ['irmad', 'vectors', 'network', 'fused'] as const;
export type Method = (typeof methods)[number];
/** What needs no training, for comparison. */
export const baselines = ['difference', 'soft', 'indices'] as const;
export type Baseline = (typeof baselines)[number];
const columns = [...methods, ...baselines] as const;
/** Codes of cover that are compared, 0..5 of `cover-6`. */
export const coverCodes = 6;

/** One place, flattened over the pixels that were observed and have a truth. */
export interface Scored {
  readonly name: string;
  /** 1 = changed */
  readonly truth: Uint8Array;
  /** 0..1 */
  readonly scores: Readonly<Record<Method, Float32Array>>;
  /** 1 = changed into built or bare, by the decision's own class */
  readonly isArtificial: Uint8Array;
  /** codes of the class map, by the decision's own class */
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  /** 1 = a field by the network's own word */
  readonly field: Uint8Array;
  /** 1 = crop land before, by a judge that has no part in the decision; null = nobody was asked */
  readonly isCrop: Uint8Array | null;
  readonly threshold: number;
  /** null: nobody was asked */
  readonly baselines: Readonly<Record<Baseline, Float32Array>> | null;
  /** px of both dates, `[said][judged]`; null: nobody was asked */
  readonly cover: Float64Array | null;
}

/** Steps of `change.tif`: what all scores are counted in. */
const steps = 250;
const bins = steps + 1;

/** The same as counts: small enough to be kept, and every figure follows from it. */
export interface Counts {
  readonly name: string;
  /** as shipped, in steps of 1/250 */
  readonly threshold: number;
  /** whether somebody said what is crop land */
  readonly hasCrops: boolean;
  /** see `Scored.cover` */
  readonly cover: Float64Array | null;
  /** px: `[column][into built or bare 0/1][changed 0/1][crop land before 0/1][score 0..250]` */
  readonly counts: Float64Array;
}

const rowOf = (method: number, isArtificial: number, isChanged: number, isCrop: number): number =>
  (((method * 2 + isArtificial) * 2 + isChanged) * 2 + isCrop) * bins;
export const countsLength = columns.length * 8 * bins;

export function countPlace(place: Scored): Counts {
  const { name, truth, scores, isArtificial, isCrop, threshold } = place;
  const counts = new Float64Array(countsLength);
  const planes: readonly (Float32Array | undefined)[] = [
    ...methods.map((method) => scores[method]),
    ...baselines.map((one) => place.baselines?.[one]),
  ];
  for (const [m, plane] of planes.entries())
    plane?.forEach((score, i) => {
      // a score of at least k/250 falls into a bin of at least k
      const bin = Math.min(steps, Math.floor(Math.max(0, score) * steps + 1e-4));
      counts[rowOf(m, isArtificial[i]!, truth[i]!, isCrop?.[i] ?? 0) + bin]!++;
    });
  const { cover } = place;
  return { name, threshold: Math.ceil(threshold * steps - 1e-6), hasCrops: isCrop !== null, cover, counts };
}

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Filter {
  readonly method: Method | Baseline;
  /** only what changed into built or bare counts as flagged */
  readonly isFiltered: boolean;
}

interface Wanted extends Filter {
  readonly isChanged: 0 | 1;
  readonly crops: readonly number[];
}

/** Pixels whose score reaches `from` steps. */
function above({ counts }: Counts, { method, isFiltered, isChanged, crops }: Wanted, from: number): number {
  const m = columns.indexOf(method);
  let sum = 0;
  for (const isArtificial of isFiltered ? [1] : [0, 1])
    for (const isCrop of crops) {
      const row = rowOf(m, isArtificial, isChanged, isCrop);
      for (let bin = from; bin < bins; bin++) sum += counts[row + bin]!;
    }
  return sum;
}

/** Pooled pixels of all places at one threshold (0..1), or at each run's own. */
export function scoreAt(places: readonly Counts[], filter: Filter, threshold: number | 'own'): Score {
  let [hit, flagged, changed] = [0, 0, 0];
  for (const place of places) {
    const from = threshold === 'own' ? place.threshold : Math.ceil(threshold * steps - 1e-6);
    const found = above(place, { ...filter, isChanged: 1, crops: [0, 1] }, from);
    hit += found;
    flagged += found + above(place, { ...filter, isChanged: 0, crops: [0, 1] }, from);
    changed += above(place, { method: filter.method, isFiltered: false, isChanged: 1, crops: [0, 1] }, 0);
  }
  const precision = flagged === 0 ? 0 : hit / flagged;
  const recall = changed === 0 ? 0 : hit / changed;
  return { precision, recall, f1: hit === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** The threshold, of 49, that suits the truth best: what a baseline could reach if somebody told it. */
export function bestThreshold(places: readonly Counts[], filter: Filter): Score & { readonly threshold: number } {
  return Array.from({ length: 49 }, (_, k) => (k + 1) / 50)
    .map((threshold) => ({ threshold, ...scoreAt(places, filter, threshold) }))
    .reduce((best, next) => (next.f1 > best.f1 ? next : best));
}

/** 95 % interval of pooled F1 by resampling places, not pixels; seeded. */
export function interval(
  places: readonly Counts[],
  filter: Filter,
  threshold: number | 'own',
): readonly [number, number] {
  let state = 12345;
  const draw = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 4294967296;
  const once = (): number =>
    scoreAt(
      places.map(() => places[Math.floor(draw() * places.length)]!),
      filter,
      threshold,
    ).f1;
  const values = Array.from({ length: 200 }, once).toSorted((a, b) => a - b);
  return [values[5]!, values[194]!];
}

export interface AtRecall {
  /** 0..1 */
  readonly threshold: number;
  readonly precision: number;
  /** unchanged crop land flagged, km² in 1000 km²; null: nobody said what is crop land */
  readonly cropAlarms: number | null;
}

/**
 * What a method is worth at the highest threshold where a share of the true change is found.
 *
 * @returns null where the share cannot be reached
 */
export function atRecall(places: readonly Counts[], filter: Filter, recall: number): AtRecall | null {
  const { method } = filter;
  const sum = (wanted: Wanted, from: number): number =>
    places.reduce((total, place) => total + above(place, wanted, from), 0);
  const all = { method, isFiltered: false, crops: [0, 1] };
  const changed = sum({ ...all, isChanged: 1 }, 0);
  for (let from = steps; from > 0; from--) {
    const hit = sum({ ...filter, isChanged: 1, crops: [0, 1] }, from);
    if (changed === 0 || hit < recall * changed) continue;
    const crops = sum({ ...all, isChanged: 0, crops: [1] }, 0);
    return {
      threshold: from / steps,
      precision: hit / (hit + sum({ ...filter, isChanged: 0, crops: [0, 1] }, from)),
      cropAlarms: crops === 0 ? null : (1000 * sum({ ...filter, isChanged: 0, crops: [1] }, from)) / crops,
    };
  }
  return null;
}

export interface CoverScore {
  readonly meanIou: number;
  /** by code */
  readonly f1: readonly number[];
}

/** Agreement of cover with the judge: pixels of all places and both dates. */
export function coverScore(places: readonly Counts[]): CoverScore | null {
  const sum = new Float64Array(coverCodes * coverCodes);
  for (const { cover } of places) cover?.forEach((count, k) => (sum[k]! += count));
  if (sum.every((count) => count === 0)) return null;
  const codes = Array.from({ length: coverCodes }, (_, code) => code);
  const iou = codes.map((code) => {
    const both = sum[code * coverCodes + code]!;
    const said = codes.reduce((total, other) => total + sum[code * coverCodes + other]!, 0);
    const wanted = codes.reduce((total, other) => total + sum[other * coverCodes + code]!, 0);
    return both / Math.max(1, said + wanted - both);
  });
  const meanIou = iou.reduce((total, value) => total + value, 0) / coverCodes;
  return { meanIou, f1: iou.map((value) => (2 * value) / (1 + value)) };
}

export interface Reliability {
  /** expected calibration error */
  readonly ece: number;
  readonly rows: readonly { readonly said: number; readonly found: number; readonly share: number }[];
}

/** Ten bins of probability against what was found. */
export function reliability(places: readonly Counts[], method: Method): Reliability {
  const m = methods.indexOf(method);
  const sums = Array.from({ length: 10 }, () => ({ said: 0, found: 0, count: 0 }));
  for (const { counts } of places)
    for (let bin = 0; bin < bins; bin++) {
      const sum = sums[Math.min(9, Math.floor((bin * 10) / steps))]!;
      for (const isChanged of [0, 1])
        for (const isArtificial of [0, 1])
          for (const isCrop of [0, 1]) {
            const count = counts[rowOf(m, isArtificial, isChanged, isCrop) + bin]!;
            sum.said += (bin / steps) * count;
            sum.found += isChanged * count;
            sum.count += count;
          }
    }
  const total = sums.reduce((sum, { count }) => sum + count, 0);
  const rows = sums
    .filter(({ count }) => count > 0)
    .map(({ said, found, count }) => ({ said: said / count, found: found / count, share: count / total }));
  return { ece: rows.reduce((sum, { said, found, share }) => sum + Math.abs(said - found) * share, 0), rows };
}
