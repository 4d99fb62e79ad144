import { describe, expect, it } from 'vitest';
import { areaOf, openBoundary, outsideM2 } from '../../pipeline/parcel/outside.ts';
import { growShapes } from '../../pipeline/parcel/shape.ts';

const box = (x: number, y: number, width: number, height: number): Float64Array =>
  Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);
const hole = (x: number, y: number, width: number, height: number): Float64Array =>
  Float64Array.of(x, y, x, y + height, x + width, y + height, x + width, y);
const project = openBoundary([[box(0, 0, 1000, 600)]], { toleranceM: 10, adjoiningM: 10 });

describe('growShapes', () => {
  it('adds a strip around, narrows holes and joins what meets', () => {
    const [grown] = growShapes([[box(0, 0, 100, 100), hole(40, 40, 20, 20)]], 5);
    expect(grown).toHaveLength(2);
    expect(areaOf([grown!])).toBeCloseTo(100 * 100 + 4 * 500 + Math.PI * 25 - 10 * 10, 0);
    expect(growShapes([[box(0, 0, 100, 100)], [box(106, 0, 100, 100)]], 5)).toHaveLength(1);
  });
});

describe('outsideM2', () => {
  it('is the ground beyond the line where a change reaches over it', () => {
    expect(outsideM2(project, [box(950, 100, 100, 50)], 200)).toBeCloseTo(50 * 50, 3);
  });

  it('is nothing for a stair of pixels along the line, inside, or elsewhere', () => {
    expect(outsideM2(project, [box(900, 100, 108, 400)], 200)).toBe(0);
    expect(outsideM2(project, [box(100, 100, 300, 300)], 200)).toBe(0);
    expect(outsideM2(project, [box(1100, 100, 300, 300)], 200)).toBe(0);
  });

  it('is the whole of a change that adjoins', () => {
    expect(outsideM2(project, [box(1005, 100, 40, 50)], 200)).toBeCloseTo(2000, 3);
    expect(outsideM2(project, [box(1009.9, 100, 40, 50)], 200)).toBeCloseTo(2000, 3);
    expect(outsideM2(project, [box(1010.1, 100, 40, 50)], 200)).toBe(0);
  });
});
