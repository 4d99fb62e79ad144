import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { AppError } from '../../pipeline/errors.ts';
import { applyAffine, composeAffine, invertAffine, shiftAffine } from '../../pipeline/geo/affine.ts';
import type { Affine } from '../../pipeline/types.ts';

it('puts pixel corners where GDAL puts them', () => {
  expect(applyAffine([10, 0, 300000, 0, -10, 3400000], 2, 3)).toEqual([300020, 3399970]);
  expect(shiftAffine([10, 1, 300000, 2, -10, 3400000], 2, 3)).toEqual([10, 1, 300023, 2, -10, 3399974]);
});

it('inverts and composes', () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(number, number, number, number, (col, row, x, y) => {
      const affine: Affine = [9.7, 0.3, 3e5 + x, -0.2, -10.1, 34e5 + y];
      const [c, r] = applyAffine(composeAffine(invertAffine(affine), affine), col, row);
      expect(Math.hypot(c - col, r - row)).toBeLessThan(1e-6);
    }),
    { seed: 20261123 },
  );
});

it('refuses pixels without area', () => {
  expect(() => invertAffine([0, 0, 5, 0, 0, 5])).toThrow(AppError);
  expect(() => invertAffine([NaN, 0, 5, 0, 1, 5])).toThrow(/without area/);
});
