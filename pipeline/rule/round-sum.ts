/**
 * Values as whole multiples of a step that add up to their rounded sum (largest remainder; ties in order).
 *
 * @param values not negative
 * @param step e.g. 0.01
 * @returns multiples, in the order of the values: each is the value rounded down or up
 */
export function roundToSum(values: readonly number[], step: number): readonly number[] {
  const exact = values.map((value) => value / step);
  const whole = exact.map(Math.floor);
  const wanted = Math.round(exact.reduce((sum, value) => sum + value, 0));
  const missing = wanted - whole.reduce((sum, value) => sum + value, 0);
  const order = exact
    .map((value, index) => ({ index, remainder: value - whole[index]! }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of order.slice(0, missing)) whole[index]! += 1;
  return whole;
}
