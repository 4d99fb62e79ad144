/**
 * P(χ² ≥ x): the chance of so large a sum of squares where nothing changed.
 *
 * Exact recurrence over the degrees of freedom from 1 or 2 (Abramowitz and Stegun 26.4.4 and 26.4.5), error < 2e-7.
 * @param degrees whole number ≥ 1
 * @returns 0..1, NaN for NaN
 */
export function chiSquareSurvival(x: number, degrees: number): number {
  if (x <= 0) return 1;
  const half = x / 2;
  const isEven = degrees % 2 === 0;
  // term of k degrees: (x/2)^(k/2) e^(−x/2) / Γ(k/2 + 1)
  let term = isEven ? Math.exp(-half) : 2 * Math.sqrt(half / Math.PI) * Math.exp(-half);
  let sum = isEven ? term : complementaryError(Math.sqrt(half));
  for (let k = isEven ? 2 : 1; k < degrees; k += 2) {
    if (isEven) term *= half / (k / 2);
    sum += term;
    if (!isEven) term *= half / (k / 2 + 1);
  }
  return Math.min(1, sum);
}

/** The x with P(χ² ≤ x) = probability, to 1e-9 of x. */
export function chiSquareQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, degrees + 10];
  while (1 - chiSquareSurvival(high, degrees) < probability) high *= 2;
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (1 - chiSquareSurvival(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** erfc(x) for x ≥ 0; rational Chebyshev form of Press et al., Numerical Recipes, 6.2, relative error < 1.2e-7. */
function complementaryError(x: number): number {
  const t = 1 / (1 + 0.5 * x);
  const factors = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
  ];
  return t * Math.exp(-x * x + factors.reduce((sum, factor) => sum * t + factor, 0));
}
