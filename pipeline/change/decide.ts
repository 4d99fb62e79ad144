import { z } from 'zod';
import { changeScale, unobserved } from '../types.ts';

/** What speaks for change in each pixel of a window, 0..1, `[row][col]`. */
export interface ChangeEvidence {
  /** null: no network takes part */
  readonly network: Float32Array | null;
  readonly irmad: Float32Array;
  readonly vectors: Float32Array;
  /** codes of the class map */
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  /** 1 = a field; null: the classes of `Fusion` say it */
  readonly field: Uint8Array | null;
}

const weight = z.number().min(0).max(4);

/** How much each voice counts on ground where seasons pass, fitted for one network; part of its card. */
export const fusionSchema = z.strictObject({
  classesBefore: z
    .array(z.number().int().min(0).max(254))
    .min(1)
    .describe('codes of the class map: ground that is judged by the weights; elsewhere the geometric mean'),
  classesAfter: z
    .array(z.number().int().min(0).max(254))
    .default([])
    .describe('the same of the later date: ground that either date shows as a field is one'),
  gsdM: z
    .tuple([z.number().positive(), z.number().positive()])
    .describe('pixel sizes the weights were fitted for; other scenes take the mean'),
  bias: z.number().min(-20).max(20).describe('added to the weighted sum of the log odds'),
  network: weight.describe('weight of the log odds of the network'),
  irmad: weight.describe('weight of the log odds of IR-MAD'),
  vectors: weight.describe('weight of the log odds of the change vectors'),
  isSmoothed: z
    .boolean()
    .default(false)
    .describe('whether log odds of change are averaged with the neighbours, 1-2-1 in rows and columns'),
  source: z.string().min(1).describe('what the four numbers were fitted on'),
});
export type Fusion = z.infer<typeof fusionSchema>;

/** The network's say in the geometric mean: square root (T = 2), for a network is trained to be sure. */
const networkTemper = 0.5;

/** Half a step of `change.tif`: nobody is surer than the raster can say. */
const leastProbability = 0.5 / changeScale;

/** Natural logarithm of p / (1 − p), p kept half a step of the raster away from 0 and 1. */
export function logOdds(probability: number): number {
  const p = Math.min(1 - leastProbability, Math.max(leastProbability, probability));
  return Math.log(p / (1 - p));
}

/** What `smoothedChange` needs around a part (px). */
export const smoothingPx = 1;

/** Weights that apply to a run: those of the card, at the pixel sizes they were fitted for. */
export function fusionFor(fusion: Fusion | undefined, gsdM: number): Fusion | null {
  // a nominal 10 m pixel measures a little more or less, depending on where in the projection it lies
  return fusion !== undefined && gsdM >= fusion.gsdM[0] * 0.99 && gsdM <= fusion.gsdM[1] * 1.01 ? fusion : null;
}

/**
 * Probability of change of any kind.
 *
 * On the classes of `fusion` (fields) the logistic function of bias + Σ weight · log odds of network, IR-MAD and
 * change vectors: a pool of opinions, fitted, for there the season moves spectra more than most change does and only
 * the network has learnt seasons. Elsewhere, and without `fusion`, the geometric mean of IR-MAD, change vectors and,
 * where there is one, the tempered network: one low voice holds the product down, so a change must be seen by all.
 *
 * @param fusion see `fusionFor`; null = the mean everywhere
 * @returns 0..250 = probability × 250, 255 where `reasons` is not 0
 * @see Genest & Zidek 1986, doi:10.1214/ss/1177013825 (logarithmic opinion pools)
 */
export function fuseEvidence(
  { network, irmad, vectors, classesBefore, classesAfter, field }: ChangeEvidence,
  reasons: Uint8Array,
  fusion: Fusion | null = null,
): Uint8Array {
  const out = new Uint8Array(reasons.length);
  const [pooledBefore, pooledAfter] = [new Uint8Array(256), new Uint8Array(256)];
  for (const code of fusion?.classesBefore ?? []) pooledBefore[code] = 1;
  for (const code of fusion?.classesAfter ?? []) pooledAfter[code] = 1;
  for (let i = 0; i < out.length; i++) {
    if (reasons[i] !== 0) {
      out[i] = unobserved;
      continue;
    }
    const classical = irmad[i]! * vectors[i]!;
    const fused =
      network === null
        ? Math.sqrt(classical)
        : fusion !== null && (field?.[i] ?? pooledBefore[classesBefore[i]!]! | pooledAfter[classesAfter[i]!]!) === 1
          ? pooled(network[i]!, irmad[i]!, vectors[i]!, fusion)
          : Math.cbrt(classical * network[i]! ** networkTemper);
    out[i] = Math.round(Math.min(1, Math.max(0, fused)) * changeScale);
  }
  return out;
}

/** The pool for one pixel, 0..1. */
export function pooled(
  network: number,
  irmad: number,
  vectors: number,
  weights: Pick<Fusion, 'bias' | 'network' | 'irmad' | 'vectors'>,
): number {
  const sum =
    weights.bias +
    weights.network * logOdds(network) +
    weights.irmad * logOdds(irmad) +
    weights.vectors * logOdds(vectors);
  return 1 / (1 + Math.exp(-sum));
}

const oddsOf = Float64Array.from({ length: changeScale + 1 }, (_, value) => logOdds(value / changeScale));

/**
 * Log odds of change averaged over 3 × 3 observed pixels, weights 1-2-1 in rows and columns: ground changes in patches, and what a
 * single pixel says against all its neighbours is mostly noise. Unobserved pixels stay so and weigh nothing.
 *
 * @param change of `fuseEvidence`, row-major
 */
export function smoothedChange(change: Uint8Array, width: number): Uint8Array {
  const height = change.length / width;
  const [sums, weights] = [new Float64Array(change.length), new Float64Array(change.length)];
  for (let i = 0; i < change.length; i++) {
    const col = i % width;
    for (let at = col === 0 ? i : i - 1; at <= (col === width - 1 ? i : i + 1); at++) {
      const value = change[at]!;
      if (value > changeScale) continue;
      const weight = at === i ? 2 : 1;
      sums[i]! += weight * oddsOf[value]!;
      weights[i]! += weight;
    }
  }
  return change.map((value, i) => {
    if (value > changeScale) return value;
    const row = Math.floor(i / width);
    const [up, down] = [row === 0 ? -1 : i - width, row === height - 1 ? -1 : i + width];
    const sum = 2 * sums[i]! + (up < 0 ? 0 : sums[up]!) + (down < 0 ? 0 : sums[down]!);
    const weight = 2 * weights[i]! + (up < 0 ? 0 : weights[up]!) + (down < 0 ? 0 : weights[down]!);
    return Math.round(changeScale / (1 + Math.exp(-sum / weight)));
  });
}
