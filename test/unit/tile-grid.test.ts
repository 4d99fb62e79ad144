import { describe, expect, it } from 'vitest';

import { AppError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { chooseGrid, footprintBox, gridAt, overlapWindow } from '../../pipeline/tile/grid.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';

const gridOf = (epsg: number, affine: Affine, width: number, height: number): Grid => ({
  crs: crsFromEpsg(epsg),
  affine,
  width,
  height,
});
const before = { grid: gridOf(32651, [10, 0, 300000, 0, -10, 3400000], 500, 400) };
const after = { grid: gridOf(4490, [0.0001, 0, 120.9, 0, -0.0001, 30.72], 700, 600) };

describe('gridAt', () => {
  it('keeps corner, system and axes in pixels of the wanted size, and covers the same ground', () => {
    const turned = gridOf(32651, [4, 3, 300000, 3, -4, 3400000], 521, 400);
    const grid = gridAt(turned, 5, 2);
    expect([grid.width, grid.height, grid.crs]).toEqual([1303, 1000, turned.crs]);
    const [a, b, c, d, e, f] = grid.affine;
    for (const [value, wanted] of [
      [a, 1.6],
      [b, 1.2],
      [c, 300000],
      [d, 1.2],
      [e, -1.6],
      [f, 3400000],
    ] as const)
      expect(value).toBeCloseTo(wanted, 9);
    expect(gsdOf(grid).mean).toBeCloseTo(2, 1);
  });

  it('leaves alone what is within a quarter of the wanted size', () => {
    for (const ownGsdM of [8.1, 10, 12.4]) expect(gridAt(before.grid, 10, ownGsdM)).toBe(before.grid);
    expect(gridAt(before.grid, 10, 25).width).toBe(200);
    expect(gridAt(before.grid, 10, 7.5).width).toBe(667);
  });

  it('takes round steps in metres of the system, and degrees by their size on the ground', () => {
    expect(gridAt(before.grid, 10.003, 2).affine[0]).toBe(2);
    const { x, y } = gsdOf(gridAt(after.grid, gsdOf(after.grid).mean, 2));
    expect(Math.sqrt(x * y)).toBeCloseTo(2, 2);
  });

  it('refuses more pixels than a county has', () => {
    const wide = { ...before.grid, width: 100_000, height: 100_000 };
    expect(() => gridAt(wide, 10, 2)).toThrow(/500000 x 500000 pixels/);
  });
});

describe('chooseGrid', () => {
  it('is the very grid of the scene named', () => {
    expect(chooseGrid(before, after, 'before')).toBe(before.grid);
    expect(chooseGrid(before, after, 'after')).toBe(after.grid);
  });

  it('covers the before scene on multiples of the step', () => {
    const grid = chooseGrid(before, after, '4549:8');
    const [minX, minY, maxX, maxY] = footprintBox(before.grid, grid.crs);
    const [left, top] = [grid.affine[2], grid.affine[5]];
    expect([left % 8, top % 8, grid.affine[0], grid.affine[4]]).toEqual([0, 0, 8, -8]);
    expect(left <= minX && left > minX - 8 && top >= maxY && top < maxY + 8).toBe(true);
    expect(left + 8 * grid.width >= maxX && top - 8 * grid.height <= minY).toBe(true);
    expect(left + 8 * (grid.width - 1) < maxX && top - 8 * (grid.height - 1) > minY).toBe(true);
  });

  it('gives square metres in degrees too', () => {
    const { x, y } = gsdOf(chooseGrid(before, after, '4490:10'));
    expect(Math.abs(x - 10) + Math.abs(y - 10)).toBeLessThan(0.01);
  });

  it.each(['before:10', '4549', '4549:0', '4549:-3', 'x:10', ''])('refuses %j', (option) => {
    expect(() => chooseGrid(before, after, option)).toThrow(AppError);
  });

  it('refuses absurd sizes, naming them, and systems that do not reach there', () => {
    expect(() => chooseGrid(before, after, '4549:0.001')).toThrow(/\d+ x \d+ pixels/);
    const pole = { grid: gridOf(4326, [1, 0, 0, 0, -1, 90], 10, 10) };
    expect(() => chooseGrid(pole, after, '3857:1000')).toThrow(/no image in WGS 84 \/ Pseudo-Mercator/);
  });
});

describe('overlapWindow', () => {
  it('is the part of the grid under the other scene', () => {
    const moved = gridOf(32651, [10, 0, 301000, 0, -10, 3399000], 500, 400);
    expect(overlapWindow(before.grid, moved)).toEqual({ col: 100, row: 100, width: 400, height: 300 });
    expect(overlapWindow(before.grid, before.grid)).toEqual({ col: 0, row: 0, width: 500, height: 400 });
    const across = overlapWindow(before.grid, after.grid);
    expect(across.width * across.height).toBeGreaterThan(100_000);
  });

  it('refuses scenes of different places with both extents in degrees', () => {
    const far = gridOf(32651, [10, 0, 400000, 0, -10, 3400000], 500, 400);
    expect(() => overlapWindow(before.grid, far)).toThrow(/lon 120\.9\d+ to 120\.9\d+.*lon 121\.9\d+ to/);
    const touching = gridOf(32651, [10, 0, 305000, 0, -10, 3400000], 500, 400);
    expect(() => overlapWindow(before.grid, touching)).toThrow(/do not overlap/);
  });

  it('is not fooled by boxes: a turned scene beside a corner does not overlap', () => {
    const diamond = gridOf(32651, [7, 7, 305200, 7, -7, 3394600], 300, 300);
    expect(() => overlapWindow(before.grid, diamond)).toThrow(AppError);
  });
});
