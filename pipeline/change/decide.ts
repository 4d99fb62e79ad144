import { changeScale, unobserved } from '../types.ts';

/** What speaks for change in each pixel of a window, 0..1, `[row][col]`. */
export interface ChangeEvidence {
  /** null: no network takes part */
  readonly network: Float32Array | null;
  readonly irmad: Float32Array;
  readonly vectors: Float32Array;
}

/**
 * The network's say is tempered (square root, T = 2) before the mean: it was trained to be sure, and one sure
 * voice must not drown the other two.
 */
const networkTemper = 0.5;

/**
 * Probability of change of any kind: the geometric mean of IR-MAD, change vectors and, where there is one, the
 * tempered network. One low voice holds the product down, so a change must be seen by all.
 *
 * @returns 0..250 = probability × 250, 255 where `reasons` is not 0
 */
export function fuseEvidence({ network, irmad, vectors }: ChangeEvidence, reasons: Uint8Array): Uint8Array {
  const out = new Uint8Array(reasons.length);
  for (let i = 0; i < out.length; i++) {
    if (reasons[i] !== 0) {
      out[i] = unobserved;
      continue;
    }
    const classical = irmad[i] * vectors[i];
    const fused = network === null ? Math.sqrt(classical) : Math.cbrt(classical * network[i] ** networkTemper);
    out[i] = Math.round(Math.min(1, Math.max(0, fused)) * changeScale);
  }
  return out;
}
