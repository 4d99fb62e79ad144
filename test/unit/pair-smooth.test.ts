import { describe, expect, it } from 'vitest';
import { smooth, smoothHaloPx } from '../../pipeline/pair/smooth.ts';
import { cropped, randomNumbers } from '../support/made-pair.ts';

const side = 40;
const random = randomNumbers(3);
const values = Float32Array.from({ length: side * side }, () => (random() < 0.1 ? Number.NaN : random() * 5));

describe('smoothing', () => {
  it('gives the same bits wherever the window begins', () => {
    const whole = smooth(values, side, side);
    const inner = 24;
    for (const [col, row] of [
      [0, 0],
      [3, 11],
      [16, 7],
    ] as const) {
      const part = cropped({ data: values, width: side, height: side, bands: 1 }, col, row, inner).data;
      const smoothed = smooth(part, inner, inner);
      for (let r = smoothHaloPx; r < inner - smoothHaloPx; r++) {
        for (let c = smoothHaloPx; c < inner - smoothHaloPx; c++) {
          expect(smoothed[r * inner + c]).toBe(whole[(r + row) * side + c + col]);
        }
      }
    }
  });

  it('keeps a constant, and what was not seen stays unseen and adds nothing', () => {
    const flat = new Float32Array(side * side).fill(2);
    flat[820] = Number.NaN;
    const smoothed = smooth(flat, side, side);
    expect(smoothed[820]).toBeNaN();
    for (const [i, value] of smoothed.entries()) if (i !== 820) expect(value).toBeCloseTo(2, 6);
  });

  it('spreads a point as a Gaussian of 1.5 px', () => {
    const point = new Float32Array(side * side);
    point[20 * side + 20] = 1;
    const smoothed = smooth(point, side, side);
    expect(smoothed[20 * side + 20]).toBeCloseTo(1 / (2 * Math.PI * 1.5 ** 2), 3);
    expect(smoothed[20 * side + 23]! / smoothed[20 * side + 20]!).toBeCloseTo(Math.exp(-9 / 4.5), 5);
  });
});
