// Logistic regression on the log odds of the voices, weights never below 0; and the threshold of best F1. See pipeline/change/decide.ts.
import { logOdds, pooled } from '../../pipeline/change/decide.ts';
import type { Scored } from '../../scripts/evaluate/score.ts';

export interface PoolSample {
  readonly place: Scored;
  /** of each of its pixels */
  readonly weight: number;
}

export interface Pool {
  readonly bias: number;
  readonly network: number;
  readonly irmad: number;
  readonly vectors: number;
  probability(network: number, irmad: number, vectors: number): number;
}

const voices = ['network', 'irmad', 'vectors'] as const;

/** Weighted maximum likelihood by Newton's method; a voice whose weight would fall below 0 is left out and the others fitted again. */
export function fitPool(samples: readonly PoolSample[]): Pool {
  let active = [0, 1, 2];
  for (;;) {
    const found = newton(samples, active.map((voice) => (place: Scored) => place.scores[voices[voice]!]));
    const worst = active.reduce((least, voice, k) => (found[k + 1]! < (least?.value ?? 0) ? { voice, value: found[k + 1]! } : least), undefined as { voice: number; value: number } | undefined);
    if (worst !== undefined) {
      active = active.filter((voice) => voice !== worst.voice);
      continue;
    }
    const of = (voice: number): number => (active.includes(voice) ? round(found[active.indexOf(voice) + 1]!) : 0);
    const weights = { bias: round(found[0]!), network: of(0), irmad: of(1), vectors: of(2) };
    return { ...weights, probability: (n, i, v) => pooled(n, i, v, weights) };
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Logistic regression on log odds: bias, then a weight a voice. */
function newton(samples: readonly PoolSample[], of: readonly ((place: Scored) => Float32Array)[]): number[] {
  const size = of.length + 1;
  let beta = Array.from({ length: size }, (_, k) => (k === 0 ? -1 : 1 / of.length));
  const tables = samples.map(({ place }) => of.map((voice) => Float32Array.from(voice(place), logOdds)));
  for (let step = 0; step < 30; step++) {
    const gradient = new Float64Array(size);
    const hessian = Array.from({ length: size }, () => new Float64Array(size));
    const x = new Float64Array(size).fill(1);
    samples.forEach(({ place, weight }, s) => {
      for (let i = 0; i < place.truth.length; i++) {
        let sum = beta[0]!;
        for (let k = 1; k < size; k++) sum += beta[k]! * (x[k] = tables[s]![k - 1]![i]!);
        const p = 1 / (1 + Math.exp(-sum));
        const [error, spread] = [weight * (place.truth[i]! - p), weight * p * (1 - p)];
        for (let a = 0; a < size; a++) {
          gradient[a]! += error * x[a]!;
          for (let b = 0; b <= a; b++) hessian[a]![b]! += spread * x[a]! * x[b]!;
        }
      }
    });
    const delta = solve(hessian, gradient);
    beta = beta.map((value, k) => value + Math.max(-1, Math.min(1, delta[k]!)));
    if (Math.max(...delta.map(Math.abs)) < 1e-5) break;
  }
  return beta;
}

/** Symmetric positive system of which the lower half is given: Cholesky. */
function solve(lower: readonly Float64Array[], right: Float64Array): number[] {
  const n = right.length;
  const l = lower.map((row) => Float64Array.from(row));
  for (let a = 0; a < n; a++)
    for (let b = 0; b <= a; b++) {
      let sum = lower[a]![b]!;
      for (let k = 0; k < b; k++) sum -= l[a]![k]! * l[b]![k]!;
      l[a]![b] = a === b ? Math.sqrt(Math.max(sum, 1e-12)) : sum / l[b]![b]!;
    }
  const y = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    let sum = right[a]!;
    for (let k = 0; k < a; k++) sum -= l[a]![k]! * y[k]!;
    y[a] = sum / l[a]![a]!;
  }
  const out = new Array<number>(n).fill(0);
  for (let a = n - 1; a >= 0; a--) {
    let sum = y[a]!;
    for (let k = a + 1; k < n; k++) sum -= l[k]![a]! * out[k]!;
    out[a] = sum / l[a]![a]!;
  }
  return out;
}

/** Best F1 over thresholds in 250ths, pixels weighted as in the fit. */
export function bestF1(samples: readonly PoolSample[], score: (place: Scored, i: number) => number): { readonly f1: number; readonly at: number } {
  const [yes, no] = [new Float64Array(251), new Float64Array(251)];
  for (const { place, weight } of samples)
    for (let i = 0; i < place.truth.length; i++) (place.truth[i] === 1 ? yes : no)[Math.floor(250 * score(place, i) + 1e-6)]! += weight;
  const all = yes.reduce((a, b) => a + b, 0);
  let best = { f1: 0, at: 0.5 };
  for (let step = 250, hit = 0, wrong = 0; step > 0; step--) {
    hit += yes[step]!;
    wrong += no[step]!;
    const f1 = (2 * hit) / (hit + wrong + all);
    if (f1 > best.f1) best = { f1, at: step / 250 };
  }
  return best;
}
