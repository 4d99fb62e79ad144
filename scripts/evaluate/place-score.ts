import { readTruth, type Place, type Truth } from './place.ts';
import type { CoverJudge } from './cover-judge.ts';
import { indexRule } from './index-rule.ts';
import { artificial, probabilities, runProduct, type ProductPlanes } from './product.ts';
import { coverCodes, type Baseline, type Method, type Scored } from './score.ts';

/** Crops, in the class map of both. */
const cropsCode = 3;

export interface ScoreOptions {
  readonly model: string;
  /** whether this truth counts as change; null = not scored */
  readonly isChange: (truth: Truth) => boolean | null;
  /** says what is crop land and what cover agrees with; with it the baselines of others are scored too */
  readonly judge?: CoverJudge | null;
}

/** Built or bare is change; what changed into something else is not scored. */
export const intoArtificial = (truth: Truth): boolean | null => (truth === 0 || truth === 3 ? null : truth === 2);
export const intoAnything = (truth: Truth): boolean | null => (truth === 0 ? null : truth > 1);

/** The product's decision on a place with a mask, and each voice alone, where the product observed. */
export async function scorePlace(place: Place, { model, isChange, judge = null }: ScoreOptions): Promise<Scored> {
  const planes = await runProduct(place, model);
  const truth = await readTruth(place.mask!, place.truthOf);
  const judged = judge && (await judge.judge(place));
  const [fused, built] = [probabilities(planes), artificial(planes)];
  const kept: number[] = [];
  const truths: number[] = [];
  for (let r = 0; r < Math.min(truth.height, planes.height); r++)
    for (let c = 0; c < Math.min(truth.width, planes.width); c++) {
      const i = r * planes.width + c;
      const isChanged = isChange(truth.data[r * truth.width + c] as Truth);
      if (isChanged === null || Number.isNaN(fused[i]!)) continue;
      kept.push(i);
      truths.push(isChanged ? 1 : 0);
    }
  const pick = (plane: Float32Array): Float32Array => Float32Array.from(kept, (i) => plane[i]!);
  return {
    name: place.name,
    truth: Uint8Array.from(truths),
    scores: {
      irmad: pick(planes.voices.irmad),
      vectors: pick(planes.voices.vectors),
      network: pick(planes.voices.network),
      fused: pick(fused),
    } satisfies Record<Method, Float32Array>,
    isArtificial: Uint8Array.from(kept, (i) => built[i]!),
    classesBefore: Uint8Array.from(kept, (i) => planes.classesBefore[i]!),
    classesAfter: Uint8Array.from(kept, (i) => planes.classesAfter[i]!),
    field: Uint8Array.from(kept, (i) => planes.field[i]!),
    isCrop: judged && Uint8Array.from(kept, (i) => (judged.classesBefore[i] === cropsCode ? 1 : 0)),
    threshold: planes.threshold / 250,
    baselines: judged && (await baselinesOf(place, judged, pick)),
    cover: judged && agreement(planes, judged),
  };
}

/** What needs no training: the difference of another model's maps, hard and soft, and of indices. */
async function baselinesOf(
  place: Place,
  judged: ProductPlanes,
  pick: (plane: Float32Array) => Float32Array,
): Promise<Record<Baseline, Float32Array>> {
  const built = artificial(judged);
  const { classesBefore, classesAfter, voices } = judged;
  return {
    difference: pick(Float32Array.from(built, (is, i) => (is === 1 && classesBefore[i] !== classesAfter[i] ? 1 : 0))),
    soft: pick(voices.network.map((value, i) => (built[i] === 1 ? value : 0))),
    indices: pick(await indexRule(place)),
  };
}

/** Pixels of both dates by cover said and cover judged, `[said][judged]`, six codes each. */
function agreement(planes: ProductPlanes, judged: ProductPlanes): Float64Array {
  const counts = new Float64Array(coverCodes * coverCodes);
  for (const side of ['classesBefore', 'classesAfter'] as const)
    for (let i = 0; i < planes.change.length; i++) {
      const [said, wanted] = [planes[side][i]!, judged[side][i]!];
      if (planes.change[i] !== 255 && said < coverCodes && wanted < coverCodes) counts[said * coverCodes + wanted]!++;
    }
  return counts;
}

export interface StableScore {
  readonly pairs: number;
  /** shares of observed pixels */
  readonly median: number;
  readonly worst: number;
  readonly mean: number;
  /** mean share that is flagged as built or bare */
  readonly artificialMean: number;
  /** share of all observed pixels together that the network alone flags, at its own threshold */
  readonly networkShare: number;
  /** likewise the whole decision */
  readonly pooledShare: number;
}

/**
 * How much of ground on which nothing was built is flagged.
 *
 * @param isCounted pixels of a place that count, on the grid of the run; all by default
 * @param shiftPx see `runProduct`
 */
export async function scoreStable(
  places: readonly Place[],
  {
    model,
    shiftPx = 0,
    isCounted = () => true,
  }: { model: string; shiftPx?: number; isCounted?: (pixel: { row: number; col: number }) => boolean },
): Promise<StableScore> {
  const shares: number[] = [];
  const built: number[] = [];
  const pooled = { observed: 0, flagged: 0, network: 0 };
  for (const place of places) {
    const planes = await runProduct(place, model, shiftPx);
    const isBuilt = artificial(planes);
    let [observed, flagged, builtUp] = [0, 0, 0];
    for (let i = 0; i < planes.change.length; i++) {
      if (planes.change[i] === 255) continue;
      if (!isCounted({ row: Math.floor(i / planes.width), col: i % planes.width })) continue;
      observed++;
      if (planes.voices.network[i]! >= planes.networkThreshold) pooled.network++;
      if (planes.change[i]! < planes.threshold) continue;
      flagged++;
      builtUp += isBuilt[i]!;
    }
    if (observed === 0) continue;
    pooled.observed += observed;
    pooled.flagged += flagged;
    shares.push(flagged / observed);
    built.push(builtUp / observed);
  }
  const sorted = shares.toSorted((a, b) => a - b);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    pairs: shares.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    worst: sorted.at(-1) ?? 0,
    mean: mean(shares),
    artificialMean: mean(built),
    networkShare: pooled.network / Math.max(1, pooled.observed),
    pooledShare: pooled.flagged / Math.max(1, pooled.observed),
  };
}
