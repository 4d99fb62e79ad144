import { describe, expect, it } from 'vitest';
import { chiSquareQuantile, chiSquareSurvival } from '../../pipeline/pair/chi-square.ts';

describe('chi-square distribution', () => {
  it.each([
    [3.841459, 1, 0.05],
    [5.991465, 2, 0.05],
    [11.344867, 3, 0.01],
    [9.487729, 4, 0.05],
    [15.086272, 5, 0.01],
    [22.457744, 6, 0.001],
  ])('P(χ² ≥ %d), %d degrees, is the tabulated %d', (x, degrees, p) => {
    expect(chiSquareSurvival(x, degrees)).toBeCloseTo(p, 6);
    expect(chiSquareQuantile(1 - p, degrees)).toBeCloseTo(x, 3);
  });

  it('is 1 at zero and falls to 0', () => {
    expect(chiSquareSurvival(0, 4)).toBe(1);
    expect(chiSquareSurvival(1e4, 5)).toBe(0);
    expect(chiSquareSurvival(Number.NaN, 3)).toBeNaN();
  });
});
