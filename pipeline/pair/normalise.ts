import type { PairSample } from './block.ts';
import { dot, sumOf } from './moment.ts';

/** `after · gain + offset` looks like `before` where nothing changed; one value a band. */
export interface Normalisation {
  readonly gain: number[];
  readonly offset: number[];
  /** of the two dates over unchanged ground, −1..1; 0 for a constant band */
  readonly correlation: number[];
}

/**
 * Radiometric normalisation of date 2 to date 1 on unchanged pixels: reduced major axis (gain = ratio of standard
 * deviations), which unlike least squares does not flatten with noise and, unlike orthogonal regression, does not
 * depend on the units.
 *
 * @param noChange weight of each pixel, 0..1
 * @see Canty, Nielsen 2008, doi:10.1016/j.rse.2007.07.013 (regression on IR-MAD's invariant pixels)
 */
export function fitNormalisation(sample: PairSample, noChange: Float64Array): Normalisation {
  const weight = sumOf(noChange);
  const bands = sample.before.map((before, band) => {
    const after = sample.after[band]!;
    const [meanBefore, meanAfter] = [dot(before, noChange) / weight, dot(after, noChange) / weight];
    let [xx, yy, xy] = [0, 0, 0];
    for (let i = 0; i < before.length; i++) {
      const [x, y, w] = [after[i]! - meanAfter, before[i]! - meanBefore, noChange[i]!];
      xx += w * x * x;
      yy += w * y * y;
      xy += w * x * y;
    }
    // a constant band has no slope
    const isFlat = !(xx > 1e-12 * weight * (1e-6 + meanAfter ** 2) && yy > 1e-12 * weight * (1e-6 + meanBefore ** 2));
    const gain = isFlat ? 1 : Math.sqrt(yy / xx);
    return { gain, offset: meanBefore - gain * meanAfter, correlation: isFlat ? 0 : xy / Math.sqrt(xx * yy) };
  });
  return {
    gain: bands.map(({ gain }) => gain),
    offset: bands.map(({ offset }) => offset),
    correlation: bands.map(({ correlation }) => correlation),
  };
}

/**
 * Root mean square difference of each band over the scene after normalisation, noise included: the unit of change.
 *
 * @param noise standard deviation of each band that is no change
 */
export function differenceSpread(
  sample: PairSample,
  { gain, offset }: Normalisation,
  noise: readonly number[],
): number[] {
  return sample.before.map((before, band) => {
    const after = sample.after[band]!;
    let sum = 0;
    for (let i = 0; i < before.length; i++) sum += (after[i]! * gain[band]! + offset[band]! - before[i]!) ** 2;
    return Math.sqrt(sum / before.length + noise[band]! ** 2);
  });
}
