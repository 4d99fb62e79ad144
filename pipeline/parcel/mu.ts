import { shareOut } from './share-out.ts';

/** m² of a 亩, exactly. */
export const muM2 = 2000 / 3;

/** Areas (m²) as 亩, not rounded. */
export const toMu = (areaM2: number): number => (areaM2 * 3) / 2000;

/**
 * Areas as 亩 with so many decimals that the rounded parts add up to the rounded total (`shareOut`).
 *
 * A part is off its own rounding by less than one last digit. For towns within counties within a city, share out the
 * city over its counties and then each county's 亩 over its towns.
 *
 * @param areasM2 parts, 0 or more
 * @param totalMu what the parts must add up to, itself rounded; by default the rounded sum of the parts
 */
export function shareOutMu(areasM2: readonly number[], decimals = 2, totalMu: number | null = null): readonly number[] {
  return shareOut(areasM2.map(toMu), decimals, totalMu);
}
