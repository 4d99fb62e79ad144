import { performance } from 'node:perf_hooks';
import { coverByRule } from '../pipeline/pair/cover-rule.ts';
import { irmadProbability } from '../pipeline/pair/irmad.ts';
import { vectorProbability } from '../pipeline/pair/vectors.ts';
import type { BandName } from '../pipeline/types.ts';
import { evidencePairs, loadPair, type EvidencePair } from './evidence-pairs.ts';

const methods = ['irmad', 'vectors', 'mean', 'mean into built/bare'] as const;
type Method = (typeof methods)[number];
const threshold = 0.5;
const bins = 1000;

/** Counts of labelled pixels by score, `[no change, change][bin]`. */
type Histogram = readonly [Float64Array, Float64Array];
const emptyHistogram = (): Histogram => [new Float64Array(bins + 1), new Float64Array(bins + 1)];

function f1At([unchanged, changed]: Histogram, at: number): number {
  let [hits, alarms, truth] = [0, 0, 0];
  for (let bin = 0; bin <= bins; bin++) {
    truth += changed[bin]!;
    if (bin < at * bins) continue;
    hits += changed[bin]!;
    alarms += unchanged[bin]!;
  }
  return truth === 0 ? Number.NaN : (2 * hits) / (hits + alarms + truth);
}

function best(histogram: Histogram): { readonly f1: number; readonly at: number } {
  const candidates = Array.from({ length: bins }, (_, i) => ({ at: i / bins, f1: f1At(histogram, i / bins) }));
  return candidates.reduce((a, b) => (b.f1 > a.f1 ? b : a));
}

/** Scores of one pair under every method, and the share of observed pixels that the fixed threshold flags. */
async function measure(pair: EvidencePair, bands: readonly BandName[]) {
  const { before, after, statistics, labels } = await loadPair(pair, bands);
  const start = performance.now();
  const irmad = irmadProbability(before, after, statistics);
  const vectors = vectorProbability(before, after, statistics);
  const seconds = (performance.now() - start) / 1000;
  const into = coverByRule(after, statistics, 'after');
  const histograms = new Map<Method, Histogram>(methods.map((method) => [method, emptyHistogram()]));
  const flagged = new Map<Method, number>();
  let observed = 0;
  for (let i = 0; i < irmad.length; i++) {
    if (Number.isNaN(irmad[i]!) || Number.isNaN(vectors[i]!)) continue;
    observed++;
    const mean = Math.sqrt(irmad[i]! * vectors[i]!);
    const isArtificial = into[i] === 4 || into[i] === 5;
    const scores = { irmad: irmad[i]!, vectors: vectors[i]!, mean, 'mean into built/bare': isArtificial ? mean : 0 };
    for (const method of methods) {
      const score = scores[method];
      if (score >= threshold) flagged.set(method, (flagged.get(method) ?? 0) + 1);
      const label = labels?.[i] ?? 0;
      if (label > 0) histograms.get(method)![label === 2 ? 1 : 0]![Math.floor(score * bins)]!++;
    }
  }
  return { statistics, histograms, flagged, observed, megapixelsPerSecond: irmad.length / 1e6 / seconds };
}

const share = (value: number): string => (100 * value).toFixed(1).padStart(5);
const score = (value: number): string => value.toFixed(3);

async function table(title: string, bands: readonly BandName[]): Promise<void> {
  console.log(`\n${title}: F1 at ${threshold} (at the pair's best threshold), flagged % of observed pixels`);
  console.log(['pair'.padEnd(30), 'shift px', ...methods, 'flagged %: irmad vectors mean', 'iterations'].join(' | '));
  const pooled = new Map<Method, Histogram>(methods.map((method) => [method, emptyHistogram()]));
  const alarms = new Map<string, number[]>();
  for (const pair of chosen) {
    const { statistics, histograms, flagged, observed, megapixelsPerSecond } = await measure(pair, bands);
    const shares = methods.map((method) => (flagged.get(method) ?? 0) / observed);
    const { shift } = statistics;
    alarms.set(pair.set, [...(alarms.get(pair.set) ?? []), shares[2]!]);
    const scores = methods.map((method) => {
      const own = histograms.get(method)!;
      if (pair.labels === null) return '-';
      if (pair.set === 'city')
        own.forEach((counts, k) => counts.forEach((count, bin) => (pooled.get(method)![k]![bin]! += count)));
      return `${score(f1At(own, threshold))} (${score(best(own).f1)})`;
    });
    const moved = `${shift.colPx} ${shift.rowPx}${shift.isApplied ? '' : ' recorded'} (${shift.blocks}, ${shift.quality.toFixed(2)})`;
    const iterations = `${statistics.irmad.iterations}${statistics.irmad.isConverged ? '' : '!'} ${megapixelsPerSecond.toFixed(1)} Mpx/s`;
    console.log(
      [`${pair.set} ${pair.name}`.padEnd(30), moved, ...scores, shares.map(share).join(' '), iterations].join(' | '),
    );
  }
  for (const method of methods) {
    const top = best(pooled.get(method)!);
    console.log(
      `pooled cities, ${method}: F1 ${score(f1At(pooled.get(method)!, threshold))} at ${threshold}; best ${score(top.f1)} at ${top.at}`,
    );
  }
  for (const [set, values] of alarms) {
    const sorted = values.toSorted((a, b) => a - b);
    console.log(
      `flagged by the mean, ${set}: median ${share(sorted[sorted.length >> 1]!)} %, most ${share(sorted.at(-1)!)} %`,
    );
  }
}

const four: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const sets = process.argv.slice(2);
/** All sets, or those named on the command line. */
const chosen = evidencePairs().filter(({ set }) => sets.length === 0 || sets.includes(set));

if (chosen.length === 0) console.log('skipped: ../shared is absent');
else {
  await table('4 bands', four);
  await table('6 bands', [...four, 'swir16', 'swir22']);
}
