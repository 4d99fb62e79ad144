import { chiSquareSurvival } from './chi-square.ts';

/** Chance at which two unrelated dates would pass for related. */
const level = 0.001;

/**
 * Whether canonical correlations show that two dates have anything to do with each other; where not, no method can tell
 * change from the rest. Bartlett's test of independence; neighbouring pixels are no independent sample, so it is lenient.
 *
 * @param pixels of the sample
 * @param correlations canonical, one a band
 * @see Bartlett 1941, Biometrika 32, 29-37, doi:10.1093/biomet/32.1.29
 */
export function areRelated(pixels: number, correlations: readonly number[]): boolean {
  const bands = correlations.length;
  const sum = correlations.reduce((total, rho) => total - Math.log(Math.max(1 - rho * rho, Number.MIN_VALUE)), 0);
  const statistic = (pixels - bands - 1.5) * sum;
  return statistic > 0 && chiSquareSurvival(statistic, bands * bands) < level;
}
