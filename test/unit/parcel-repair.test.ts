import { describe, expect, it } from 'vitest';
import { planeAreaM2 } from '../../pipeline/geo/frame.ts';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import { repairPolygon } from '../../pipeline/parcel/repair.ts';
import { isPlainlyValid } from '../../pipeline/parcel/valid.ts';
import { madeMosaic, madeStar, seededChance, shrunk } from '../support/made-parcels.ts';

const box = (x: number, y: number, width: number, height = width) =>
  Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);

describe('a sound feature', () => {
  it('comes back point by point, with both areas the same', () => {
    const ring = madeStar(seededChance(3), 31_000, -12_000, 90, 24).map((value) => Math.round(value * 1e6) / 1e6);
    const polygon = [ring, shrunk(ring, 31_000, -12_000, 0.5).map((value) => Math.round(value * 1e6) / 1e6)];
    const apart = [box(40_000, 0, 10)];
    const repair = repairPolygon([polygon, apart]);
    expect(repair.isChanged).toBe(false);
    expect(repair.polygons).toEqual([polygon, apart]);
    expect(repair.areaAfterM2).toBe(repair.areaBeforeM2);
    expect(repair.areaAfterM2).toBe(planeAreaM2(polygon) + 100);
  });

  it('may repeat points', () => {
    const repair = repairPolygon([[Float64Array.of(0, 0, 10, 0, 10, 0, 10, 10, 0, 10, 0, 0)]]);
    expect(repair).toEqual({ polygons: [[box(0, 0, 10)]], areaBeforeM2: 100, areaAfterM2: 100, isChanged: false });
  });

  it('may be an island in the hole of another of its polygons', () => {
    const repair = repairPolygon([[box(0, 0, 100), box(20, 20, 60)], [box(40, 40, 10)]]);
    expect(repair.isChanged).toBe(false);
    expect(repair.areaAfterM2).toBe(10_000 - 3600 + 100);
  });
});

describe('a broken feature', () => {
  it.each<[string, readonly FramePolygon[], number, number, number]>([
    ['a bow tie becomes two triangles', [[Float64Array.of(0, 0, 10, 10, 10, 0, 0, 10)]], 0, 50, 2],
    [
      'a slit that runs out at the other side leaves three pieces',
      [[Float64Array.of(0, 0, 10, 0, 10, 10, 4, 10, 4, -5, 2, -5, 2, 10, 0, 10)]],
      70,
      90,
      3,
    ],
    ['a hole that is outside becomes ground', [[box(0, 0, 10), box(20, 0, 5)]], 75, 125, 2],
    ['a hole across the edge takes out what it covers', [[box(0, 0, 10), box(5, 2, 10, 2)]], 80, 100, 2],
    ['a hole in a hole is ground again', [[box(0, 0, 10), box(1, 1, 8), box(2, 2, 2)]], 32, 40, 2],
    ['polygons that overlap count their ground once', [[box(0, 0, 10)], [box(5, 0, 10)]], 200, 150, 1],
    ['a spike goes', [[Float64Array.of(0, 0, 10, 0, 10, 10, 5, 10, 5, 30, 5, 10, 0, 10)]], 100, 100, 1],
    ['a line has no ground', [[Float64Array.of(0, 0, 10, 0, 20, 0)]], 0, 0, 0],
    ['two points have no ground', [[Float64Array.of(0, 0, 10, 0)]], 0, 0, 0],
  ])('%s', (_, polygons, areaBeforeM2, areaAfterM2, count) => {
    const repair = repairPolygon(polygons);
    expect(repair.areaBeforeM2).toBeCloseTo(areaBeforeM2, 6);
    expect(repair.areaAfterM2).toBeCloseTo(areaAfterM2, 6);
    expect(repair.polygons).toHaveLength(count);
    expect(repair.isChanged).toBe(true);
    expect(repairPolygon(repair.polygons).areaAfterM2).toBeCloseTo(repair.areaAfterM2, 6);
  });

  it('with a coordinate that is no number says so in the area before', () => {
    const repair = repairPolygon([[box(0, 0, 10)], [Float64Array.of(0, 0, Number.NaN, 1, 5, 5)]]);
    expect(repair.areaBeforeM2).toBeNaN();
    expect(repair).toMatchObject({ areaAfterM2: 100, isChanged: true });
  });
});

describe('the quick look whether polygons are valid', () => {
  it('calls every parcel of a mosaic and every star with a hole valid', () => {
    const mosaic = madeMosaic({ seed: 5, cols: 12, rows: 12, sideM: 90, pointsPerSide: 4 });
    expect(mosaic.every((polygon) => isPlainlyValid([polygon]))).toBe(true);
  });

  it('calls no pair of neighbours valid as one feature', () => {
    const [first = [], second = []] = madeMosaic({ seed: 5, cols: 2, rows: 1, sideM: 90, pointsPerSide: 4 });
    expect(isPlainlyValid([first, second])).toBe(false);
  });

  it.each<[string, readonly FramePolygon[]]>([
    ['a corner that touches an edge', [[Float64Array.of(0, 0, 10, 0, 10, 10, 5, 0, 0, 10)]]],
    ['an edge that runs back on the one before', [[Float64Array.of(0, 0, 10, 0, 4, 0, 4, 10)]]],
    ['a vertical edge that runs back', [[Float64Array.of(0, 0, 0, 10, 0, 4, 10, 4)]]],
    ['a hole that touches its exterior', [[box(0, 0, 10), Float64Array.of(0, 5, 2, 4, 2, 6)]]],
    ['a polygon within another', [[box(0, 0, 10)], [box(2, 2, 2)]]],
    ['a polygon without rings', [[]]],
  ])('doubts %s', (_, polygons) => {
    expect(isPlainlyValid(polygons)).toBe(false);
  });
});
