import { readTruth, type Place, type Truth } from './place.ts';
import { artificial, probabilities, runProduct } from './product.ts';
import type { Method, Scored } from './score.ts';

export interface ScoreOptions {
  readonly model: string;
  /** whether this truth counts as change; null = not scored */
  readonly isChange: (truth: Truth) => boolean | null;
  /** 1 = crop land, on the grid of the finest before file */
  readonly cropsOf?: ((place: Place) => Promise<Uint8Array>) | undefined;
}

/** Built or bare is change; what changed into something else is not scored. */
export const intoArtificial = (truth: Truth): boolean | null => (truth === 0 || truth === 3 ? null : truth === 2);
export const intoAnything = (truth: Truth): boolean | null => (truth === 0 ? null : truth > 1);

/** The product's decision on a place with a mask, and each voice alone, where the product observed. */
export async function scorePlace(place: Place, { model, isChange, cropsOf }: ScoreOptions): Promise<Scored> {
  const planes = await runProduct(place, model);
  const truth = await readTruth(place.mask!, place.truthOf);
  const crops = cropsOf && (await cropsOf(place));
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
    isCrop: crops ? Uint8Array.from(kept, (i) => crops[i]!) : null,
    threshold: planes.threshold / 250,
  };
}

export interface StableScore {
  readonly pairs: number;
  /** shares of observed pixels */
  readonly median: number;
  readonly worst: number;
  /** mean share that is flagged as built or bare */
  readonly artificialMean: number;
}

/** How much of ground on which nothing was built is flagged. */
export async function scoreStable(places: readonly Place[], model: string): Promise<StableScore> {
  const shares: number[] = [];
  const built: number[] = [];
  for (const place of places) {
    const planes = await runProduct(place, model);
    const isBuilt = artificial(planes);
    let [observed, flagged, builtUp] = [0, 0, 0];
    for (let i = 0; i < planes.change.length; i++) {
      if (planes.change[i] === 255) continue;
      observed++;
      if (planes.change[i]! < planes.threshold) continue;
      flagged++;
      builtUp += isBuilt[i]!;
    }
    if (observed === 0) continue;
    shares.push(flagged / observed);
    built.push(builtUp / observed);
  }
  const sorted = shares.toSorted((a, b) => a - b);
  return {
    pairs: shares.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    worst: sorted.at(-1) ?? 0,
    artificialMean: built.reduce((sum, value) => sum + value, 0) / Math.max(1, built.length),
  };
}
