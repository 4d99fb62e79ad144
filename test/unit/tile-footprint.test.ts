import { describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { insideFootprint } from '../../pipeline/tile/footprint.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';

const grid = (epsg: number, affine: Affine, width: number, height: number): Grid => ({
  crs: crsFromEpsg(epsg),
  affine,
  width,
  height,
});
const utm = grid(32651, [10, 0, 330_000, 0, -10, 3_400_000], 200, 150);

describe('insideFootprint', () => {
  it('is all ones on the grid itself and zero beyond it', () => {
    const window = { col: -10, row: 0, width: 220, height: 1 };
    const inside = insideFootprint(utm, window, utm);
    expect(inside.indexOf(1)).toBe(10);
    expect(inside.lastIndexOf(1)).toBe(209);
  });

  it('finds the border of a neighbour on another resolution to the pixel', () => {
    const right = grid(32651, [20, 0, 331_000, 0, -20, 3_400_000], 50, 75);
    const inside = insideFootprint(utm, { col: 0, row: 0, width: 200, height: 1 }, right);
    expect([inside.indexOf(1), inside.lastIndexOf(1)]).toEqual([100, 199]);
  });

  it('agrees between a window and its parts in another system', () => {
    const degrees = grid(4326, [0.0001, 0, 121.225, 0, -0.0001, 30.72], 120, 90);
    const whole = insideFootprint(utm, { col: 0, row: 0, width: 200, height: 150 }, degrees);
    const part = insideFootprint(utm, { col: 37, row: 11, width: 90, height: 70 }, degrees);
    expect(whole.includes(1) && whole.includes(0)).toBe(true);
    for (let row = 0; row < 70; row++)
      for (let col = 0; col < 90; col++) expect(part[row * 90 + col]).toBe(whole[(row + 11) * 200 + col + 37]);
  });
});
