import { describe, expect, it } from 'vitest';
import type { BandName } from '../../pipeline/types.ts';
import { estimateShift } from '../../pipeline/pair/register.ts';
import { madeLandscape, moved, secondDate, wholeBlock } from '../support/made-pair.ts';

const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const land = madeLandscape(256, 256);
const never = () => false;

describe('shift between two dates', () => {
  it.each([
    [0.3, -0.6],
    [-1.4, 2.25],
    [0.5, 0.5],
    [7.8, -3.3],
  ])('finds %d columns and %d rows within 0.1 px', (col, row) => {
    // date 2 shows at p + shift what date 1 shows at p
    const shift = estimateShift([wholeBlock(land, secondDate(moved(land, -col, -row), never))], bands);
    expect(Math.abs(shift.colPx - col)).toBeLessThan(0.1);
    expect(Math.abs(shift.rowPx - row)).toBeLessThan(0.1);
    expect(shift.isApplied).toBe(true);
    expect(shift.quality).toBeGreaterThan(0.9);
  });

  it('is recorded but not applied below a quarter of a pixel', () => {
    const shift = estimateShift([wholeBlock(land, moved(land, -0.15, 0))], bands);
    expect(Math.abs(shift.colPx - 0.15)).toBeLessThan(0.1);
    expect(shift.isApplied).toBe(false);
    expect(estimateShift([wholeBlock(land, land)], bands)).toMatchObject({ colPx: 0, rowPx: 0, isApplied: false });
  });

  it('withstands a tenth of the ground rebuilt and clouds that hide a corner', () => {
    const after = secondDate(moved(land, -1, 0.5), (col, row) => col > 170 && row < 90);
    const block = wholeBlock(land, after);
    for (let row = 200; row < 256; row++) block.observed.fill(0, row * 256, row * 256 + 40);
    const shift = estimateShift([block], bands);
    expect(Math.abs(shift.colPx - 1)).toBeLessThan(0.1);
    expect(Math.abs(shift.rowPx + 0.5)).toBeLessThan(0.1);
  });

  it('is not applied between places that have nothing in common', () => {
    const shift = estimateShift([wholeBlock(land, madeLandscape(256, 256, 99))], bands);
    expect(shift.isApplied).toBe(false);
  });

  it('is nothing where the scene is too small or unseen', () => {
    const small = madeLandscape(20, 300);
    expect(estimateShift([wholeBlock(small, small)], bands)).toMatchObject({ blocks: 0, isApplied: false });
    expect(estimateShift([], bands)).toMatchObject({ blocks: 0, quality: 0 });
    const unseen = { ...wholeBlock(land, land), observed: new Uint8Array(256 * 256) };
    expect(estimateShift([unseen], bands)).toMatchObject({ colPx: 0, rowPx: 0, blocks: 0 });
  });
});
