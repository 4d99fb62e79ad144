/**
 * Values with so many decimals that the rounded parts add up to the rounded total: each is rounded down, then the largest
 * remainders get what is missing; of equal ones the earlier.
 *
 * @param values parts, 0 or more
 * @param total what the parts must add up to, itself rounded; by default the rounded sum of the parts
 */
export function shareOut(values: readonly number[], decimals: number, total: number | null = null): readonly number[] {
  const digits = 10 ** decimals;
  const exact = values.map((value) => value * digits);
  const wanted = Math.round(total === null ? exact.reduce((sum, part) => sum + part, 0) : total * digits);
  const whole = exact.map((part) => Math.floor(part));
  let missing = wanted - whole.reduce((sum, part) => sum + part, 0);
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
