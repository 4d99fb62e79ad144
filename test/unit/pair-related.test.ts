import { expect, it } from 'vitest';
import { areRelated } from '../../pipeline/pair/related.ts';

it('finds ordinary pairs related, and neither constant images nor samples of a few pixels', () => {
  expect(areRelated(60_000, [0.6, 0.87, 0.92, 0.96])).toBe(true);
  expect(areRelated(200, [0.01, 0.04, 0.13, 0.86])).toBe(true);
  expect(areRelated(60_000, [0, 0, 0, 0])).toBe(false);
  expect(areRelated(1, [0, 0, 0, 0])).toBe(false);
  expect(areRelated(5, [0.9, 0.95, 0.99, 1])).toBe(false);
});

it('finds no relation in noise, whose largest correlation grows as the sample shrinks', () => {
  expect(areRelated(1000, [0.02, 0.04, 0.06, 0.09])).toBe(false);
  expect(areRelated(100_000, [0.02, 0.04, 0.06, 0.09])).toBe(true);
});
