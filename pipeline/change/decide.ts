import { z } from 'zod';
import { changeScale, unobserved } from '../types.ts';

/** What speaks for change in each pixel of a window, 0..1, `[row][col]`. */
export interface ChangeEvidence {
  /** null: no network takes part */
  readonly network: Float32Array | null;
  readonly irmad: Float32Array;
  readonly vectors: Float32Array;
}

const weight = z.number().min(0).max(4);

/** How much each voice counts, fitted for one network; part of its card. */
export const fusionSchema = z.strictObject({
  bias: z.number().min(-20).max(20).describe('added to the weighted sum of the log odds'),
  network: weight.describe('weight of the log odds of the network'),
  irmad: weight.describe('weight of the log odds of IR-MAD'),
  vectors: weight.describe('weight of the log odds of the change vectors'),
  source: z.string().min(1).describe('what the four numbers were fitted on'),
});
export type Fusion = z.infer<typeof fusionSchema>;

/** The network's say where its card has no weights: square root (T = 2), for a network is trained to be sure. */
const networkTemper = 0.5;

/** Half a step of `change.tif`: nobody is surer than the raster can say. */
const leastProbability = 0.5 / changeScale;

/** Natural logarithm of p / (1 − p), p kept half a step of the raster away from 0 and 1. */
export function logOdds(probability: number): number {
  const p = Math.min(1 - leastProbability, Math.max(leastProbability, probability));
  return Math.log(p / (1 - p));
}

/**
 * Probability of change of any kind.
 *
 * With `fusion`, the logistic function of bias + Σ weight · log odds of network, IR-MAD and change vectors: a pool of
 * opinions that stays a calibrated probability. Without, the geometric mean of IR-MAD, change vectors and, where there
 * is one, the tempered network: one low voice holds the product down, so a change must be seen by all.
 *
 * @param fusion of the network's card; null = no weights were fitted
 * @returns 0..250 = probability × 250, 255 where `reasons` is not 0
 * @see Genest & Zidek 1986, doi:10.1214/ss/1177013825 (logarithmic opinion pools)
 */
export function fuseEvidence(
  { network, irmad, vectors }: ChangeEvidence,
  reasons: Uint8Array,
  fusion: Fusion | null = null,
): Uint8Array {
  const out = new Uint8Array(reasons.length);
  for (let i = 0; i < out.length; i++) {
    if (reasons[i] !== 0) {
      out[i] = unobserved;
      continue;
    }
    const fused =
      network === null
        ? Math.sqrt(irmad[i]! * vectors[i]!)
        : fusion === null
          ? Math.cbrt(irmad[i]! * vectors[i]! * network[i]! ** networkTemper)
          : pooled(network[i]!, irmad[i]!, vectors[i]!, fusion);
    out[i] = Math.round(Math.min(1, Math.max(0, fused)) * changeScale);
  }
  return out;
}

/** The pool for one pixel, 0..1. */
export function pooled(network: number, irmad: number, vectors: number, fusion: Omit<Fusion, 'source'>): number {
  const sum =
    fusion.bias + fusion.network * logOdds(network) + fusion.irmad * logOdds(irmad) + fusion.vectors * logOdds(vectors);
  return 1 / (1 + Math.exp(-sum));
}
