import { describe, expect, it } from 'vitest';

import {
  gsdOf,
  pixelAreaM2,
  pixelAreaModel,
  polygonAreaM2,
  ringAreaM2,
  windowAreaM2,
} from '../../pipeline/geo/area.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { ringToLonLat } from '../../pipeline/geo/polygon.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';

const gridOf = (epsg: number, affine: Affine, width: number, height: number): Grid => ({
  crs: crsFromEpsg(epsg),
  affine,
  width,
  height,
});
const degrees = gridOf(4326, [0.0000965, 0, 120, 0, -0.0000965, 31], 560, 560);
const utm = gridOf(32651, [10, 0, 300000, 0, -10, 3400000], 10980, 10980);
const square = (lon: number, lat: number, side: number) =>
  [
    [lon, lat],
    [lon + side, lat],
    [lon + side, lat + side],
    [lon, lat + side],
    [lon, lat],
  ] as [number, number][];
const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

describe('pixel areas', () => {
  it.each([
    ['degrees', degrees, 100, 200],
    ['UTM', utm, 10, 10000],
    ['CGCS2000 belt', gridOf(4549, [2, 0, 620000, 0, -2, 3420000], 5000, 5000), 4000, 17],
    ['Web Mercator', gridOf(3857, [10, 0, 13400000, 0, -10, 3600000], 3000, 3000), 1, 1],
    ['rotated', gridOf(32651, [7, 2, 300000, 2, -7, 3400000], 1000, 1000), 500, 500],
    ['2 cm', gridOf(32651, [0.02, 0, 300000, 0, -0.02, 3400000], 9000, 9000), 4000, 4000],
  ])('in %s are the geodesic area of the pixel to 1e-6, also by the model', (_, grid, col, row) => {
    // 101 px around: a single pixel of 2 cm is too small for the geodesic polygon's own rounding
    const half = 50;
    const ring = ringToLonLat(grid, [
      [col - half, row - half],
      [col + half + 1, row - half],
      [col + half + 1, row + half + 1],
      [col - half, row + half + 1],
      [col - half, row - half],
    ]);
    const expected = ringAreaM2(ring) / 101 ** 2;
    expect(relative(pixelAreaM2(grid, col, row), expected)).toBeLessThan(1e-6);
    expect(relative(pixelAreaModel(grid)(col, row), pixelAreaM2(grid, col, row))).toBeLessThan(1e-7);
  });

  it('sum to the area of the window', () => {
    for (const grid of [
      degrees,
      gridOf(32651, utm.affine, 600, 400),
      gridOf(4549, [50, 5, 600000, 5, -50, 3420000], 300, 200),
    ]) {
      const area = pixelAreaModel(grid);
      let sum = 0;
      for (let row = 0; row < grid.height; row++) for (let col = 0; col < grid.width; col++) sum += area(col, row);
      expect(
        relative(sum, windowAreaM2(grid, { col: 0, row: 0, width: grid.width, height: grid.height })),
      ).toBeLessThan(1e-7);
    }
  });

  it('of the whole earth in degrees are the area of the ellipsoid', () => {
    const globe = gridOf(4326, [1, 0, -180, 0, -1, 90], 360, 180);
    const area = pixelAreaModel(globe);
    let sum = 0;
    for (let row = 0; row < 180; row++) sum += 360 * area(0, row);
    expect(relative(sum, 510_065_621_724_089)).toBeLessThan(1e-12);
  });

  it('do not break at the 180th meridian', () => {
    const across = gridOf(32601, [1000, 0, 300000 - 1000 * 120, 0, -1000, 5000000], 240, 10);
    const wide = windowAreaM2(across, { col: 0, row: 0, width: 240, height: 10 });
    expect(relative(wide, 240 * 10 * pixelAreaM2(across, 120, 5))).toBeLessThan(0.01);
  });
});

describe('gsdOf', () => {
  it('is metres on the ground, not degrees, and differs by axis', () => {
    const { x, y, mean } = gsdOf(degrees);
    expect([x, y, mean].map((value) => Number(value.toFixed(2)))).toEqual([9.22, 10.7, 9.93]);
    expect(gsdOf(utm).mean).toBeCloseTo(10.0014, 3);
    expect(gsdOf(gridOf(3857, [10, 0, 13400000, 0, -10, 8400000], 100, 100)).mean).toBeLessThan(6);
  });
});

describe('ringAreaM2', () => {
  it('gives an eighth of the ellipsoid for an octant, open or closed, either way round', () => {
    const octant: [number, number][] = [
      [0, 0],
      [90, 0],
      [0, 90],
    ];
    // area of WGS 84 (m²) / 8
    expect(relative(ringAreaM2(octant), 63_758_202_715_511.06)).toBeLessThan(1e-12);
    expect(ringAreaM2([...octant.toReversed(), octant[2]!])).toBeCloseTo(ringAreaM2(octant), 1);
  });

  it('takes holes out', () => {
    const [outer, hole] = [square(120, 30, 0.1), square(120.02, 30.02, 0.01)];
    expect(polygonAreaM2([outer, hole])).toBeCloseTo(ringAreaM2(outer) - ringAreaM2(hole), 6);
  });
});
