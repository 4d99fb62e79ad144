/** m² of a 亩, exactly. */
export const muM2 = 2000 / 3;

/** Areas (m²) as 亩, not rounded. */
export const toMu = (areaM2: number): number => (areaM2 * 3) / 2000;

/**
 * Areas as 亩 with so many decimals that the rounded parts add up to the rounded total: each is rounded down, then the
 * largest remainders get what is missing; of equal ones the earlier.
 *
 * A part is off its own rounding by less than one last digit. For towns within counties within a city, share out the
 * city over its counties and then each county's 亩 over its towns.
 *
 * @param areasM2 parts, 0 or more
 * @param totalMu what the parts must add up to, itself rounded; by default the rounded sum of the parts
 */
export function shareOutMu(areasM2: readonly number[], decimals = 2, totalMu: number | null = null): readonly number[] {
  const digits = 10 ** decimals;
  const exact = areasM2.map((areaM2) => toMu(areaM2) * digits);
  const total = Math.round(totalMu === null ? exact.reduce((sum, part) => sum + part, 0) : totalMu * digits);
  const whole = exact.map((part) => Math.floor(part));
  let missing = total - whole.reduce((sum, part) => sum + part, 0);
  const order = exact
    .map((part, i) => ({ i, remainder: part - Math.floor(part) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  // a foreign total may be more than one digit a part away: go round until it is met, never below 0
  while (missing !== 0 && order.length > 0) {
    const before = missing;
    for (const { i } of missing > 0 ? order : order.toReversed()) {
      if (missing === 0) break;
      const step = Math.sign(missing);
      if ((whole[i] as number) + step < 0) continue;
      whole[i] = (whole[i] as number) + step;
      missing -= step;
    }
    if (missing === before) break;
  }
  return whole.map((part) => part / digits);
}
