export const methods = ['irmad', 'vectors', 'network', 'fused'] as const;
export type Method = (typeof methods)[number];

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
  /** 1 = crop land before, by a judge that has no part in the decision; null = nobody was asked */
  readonly isCrop: Uint8Array | null;
  readonly threshold: number;
}

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Filter {
  readonly method: Method;
  /** only what changed into built or bare counts as flagged */
  readonly isFiltered: boolean;
}

/** Pooled pixels of all places at one threshold, or at each run's own. */
export function scoreAt(places: readonly Scored[], { method, isFiltered }: Filter, threshold: number | 'own'): Score {
  let [hit, flagged, changed] = [0, 0, 0];
  for (const { truth, scores, isArtificial, threshold: own } of places) {
    const limit = (threshold === 'own' ? own : threshold) - 1e-6;
    const values = scores[method];
    for (let i = 0; i < truth.length; i++) {
      changed += truth[i]!;
      if (values[i]! < limit || (isFiltered && isArtificial[i] !== 1)) continue;
      flagged++;
      hit += truth[i]!;
    }
  }
  const precision = flagged === 0 ? 0 : hit / flagged;
  const recall = changed === 0 ? 0 : hit / changed;
  return { precision, recall, f1: hit === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** The threshold, of 49, that suits the truth best: what a baseline could reach if somebody told it. */
export function bestThreshold(places: readonly Scored[], filter: Filter): Score & { readonly threshold: number } {
  return Array.from({ length: 49 }, (_, k) => (k + 1) / 50)
    .map((threshold) => ({ threshold, ...scoreAt(places, filter, threshold) }))
    .reduce((best, next) => (next.f1 > best.f1 ? next : best));
}

/** 95 % interval of pooled F1 by resampling places, not pixels; seeded. */
export function interval(
  places: readonly Scored[],
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

/**
 * Unchanged crop land flagged (km² in 1000 km²) at the threshold where a share of the true change is found.
 *
 * @returns null where no crop land is known, or the share cannot be reached
 */
export function cropAlarmsAt(places: readonly Scored[], { method, isFiltered }: Filter, recall: number): number | null {
  const found: number[] = [];
  let changed = 0;
  for (const { truth, scores, isArtificial } of places)
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] !== 1) continue;
      changed++;
      if (!isFiltered || isArtificial[i] === 1) found.push(scores[method][i]!);
    }
  const at = found.toSorted((a, b) => b - a)[Math.ceil(recall * changed) - 1];
  if (at === undefined || at <= 0) return null;
  let [flagged, crops] = [0, 0];
  for (const { truth, scores, isArtificial, isCrop } of places)
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] === 1 || isCrop?.[i] !== 1) continue;
      crops++;
      if (scores[method][i]! >= at && (!isFiltered || isArtificial[i] === 1)) flagged++;
    }
  return crops === 0 ? null : (1000 * flagged) / crops;
}

export interface Reliability {
  /** expected calibration error */
  readonly ece: number;
  readonly rows: readonly { readonly said: number; readonly found: number; readonly share: number }[];
}

/** Ten bins of probability against what was found. */
export function reliability(places: readonly Scored[], method: Method): Reliability {
  const sums = Array.from({ length: 10 }, () => ({ said: 0, found: 0, count: 0 }));
  for (const { truth, scores } of places)
    for (let i = 0; i < truth.length; i++) {
      const bin = sums[Math.min(9, Math.floor(scores[method][i]! * 10))]!;
      bin.said += scores[method][i]!;
      bin.found += truth[i]!;
      bin.count++;
    }
  const total = sums.reduce((sum, { count }) => sum + count, 0);
  const rows = sums
    .filter(({ count }) => count > 0)
    .map(({ said, found, count }) => ({ said: said / count, found: found / count, share: count / total }));
  return { ece: rows.reduce((sum, { said, found, share }) => sum + Math.abs(said - found) * share, 0), rows };
}
