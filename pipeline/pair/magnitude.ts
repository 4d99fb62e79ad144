import { chiSquareQuantile } from './chi-square.ts';

/** Chance that a difference within the scene's own spread lies below the magnitude where change becomes likelier. */
const withinSpread = 0.95;

/**
 * Magnitude at which change and no change are equally likely: where the sum of squares of a scene whose differences
 * had just this covariance and nothing else would lie with 5 % of its pixels.
 *
 * Nothing here is fitted to labels; both evidences have a mean square of `degrees` over the scene.
 */
export function evenMagnitude(degrees: number): number {
  return Math.sqrt(chiSquareQuantile(withinSpread, degrees));
}

/**
 * Smoothed magnitude → probability of change, the logistic function of its logarithm with slope 4: m⁴ / (m⁴ + even⁴).
 *
 * @returns 0..1; 0.5 at `even`, 0.06 at half, 0.94 at twice of it; NaN for NaN
 */
export function magnitudeProbability(magnitudes: Float32Array, even: number): Float32Array {
  const out = new Float32Array(magnitudes.length);
  for (let i = 0; i < out.length; i++) {
    const ratio = magnitudes[i]! / even;
    const fourth = ratio * ratio * ratio * ratio;
    out[i] = fourth < 1e12 ? fourth / (1 + fourth) : fourth === fourth ? 1 : Number.NaN;
  }
  return out;
}
