import { describe, expect, it } from 'vitest';
import { loadCard } from '../../models/shelf.ts';
import { loadSeriesModel } from '../../models/series-shelf.ts';
import { dense } from '../../pipeline/change/dense.ts';
import { lookInputs, type SeriesLook } from '../../pipeline/change/look-inputs.ts';
import { groundLikelihood, reachPx } from '../../pipeline/change/series-look.ts';

const { model } = loadSeriesModel(loadCard('s2-change').card)!;
const bands = model.bands.length;

/** Ground that differs everywhere, with a cloud in it; `at` of a larger square. */
function lookOf(side: number, [left, top, width]: readonly [number, number, number]): SeriesLook {
  const wave = (plane: number, i: number): number => {
    const [col, row] = [left + (i % width), top + Math.floor(i / width)];
    return Math.sin(1 + plane * 1.7 + col * 0.9 + row * 1.3 + (col * row) / side);
  };
  const count = width * width;
  const planes = (number: number, of: (plane: number, i: number) => number): number[] =>
    Array.from({ length: number * count }, (_, at) => of(Math.floor(at / count), at % count));
  return {
    date: '2025-07-04',
    width,
    height: width,
    cover: Uint8Array.from(planes(6, (plane, i) => Math.round(120 * (1 + wave(plane, i))))),
    input: Float32Array.from(planes(bands, (plane, i) => 2 * wave(plane + 9, i))),
    seen: Uint8Array.from(planes(1, (_, i) => (wave(30, i) > 0.8 ? 0 : 1))),
  };
}

describe('what the network of a series sees of a pixel', () => {
  it('is its own values, and mean and deviation of what was seen about it', () => {
    const look = {
      date: '2025-07-04',
      width: 3,
      height: 2,
      cover: new Uint8Array(6).fill(255),
      input: Float32Array.of(1, 9, 3, 1, 3, 5),
      seen: Uint8Array.of(1, 1, 1, 1, 1, 0),
    };
    const [cover, own, coverMean, mean, deviation] = lookInputs(look, 1, 1);
    expect([...cover!]).toEqual([1, 1, 1, 1, 1, 0]);
    expect([...own!]).toEqual([1, 4.25, 3, 1, 3, 0].map(Math.fround));
    expect([...coverMean!]).toEqual([1, 1, 1, 1, 1, 0]);
    expect(mean![0]).toBeCloseTo((1 + 4.25 + 1 + 3) / 4, 5);
    expect(mean![2]).toBeCloseTo((4.25 + 3 + 3) / 3, 5);
    const about = [4.25, 3, 3].map((value) => (value - 10.25 / 3) ** 2);
    expect(deviation![2]).toBeCloseTo(Math.sqrt(about.reduce((sum, value) => sum + value, 0) / 3), 4);
    expect([mean![5], deviation![5]]).toEqual([0, 0]);
  });

  it('gives a part that holds its reach what it gives the whole', () => {
    const [side, reach, keep] = [14, reachPx(model), 5];
    const whole = groundLikelihood(model, lookOf(side, [0, 0, side]));
    const wide = keep + 2 * reach;
    const part = groundLikelihood(model, lookOf(side, [4 - reach, 4 - reach, wide]));
    const cut = (planes: Uint8Array, width: number, first: number): number[] =>
      model.grounds.flatMap((_, ground) =>
        Array.from({ length: keep * keep }, (_, i) => {
          const row = first + Math.floor(i / keep);
          return planes[ground * width * width + row * width + first + (i % keep)]!;
        }),
      );
    expect(cut(part, wide, reach)).toEqual(cut(whole, side, 4));
  });
});

describe('a fully connected layer', () => {
  it('sums every row, whatever their number, and rectifies where it should', () => {
    const from = Float32Array.of(1, -2, 0.5);
    for (const rows of [1, 3, 4, 6, 9]) {
      const weights = Float32Array.from({ length: 3 * rows }, (_, i) => (i % 7) - 3);
      const bias = Float32Array.from({ length: rows }, (_, i) => i - 2);
      const expected = Array.from({ length: rows }, (_, row) =>
        [...from].reduce((sum, value, k) => sum + value * weights[row * 3 + k]!, bias[row]!),
      );
      const to = new Float32Array(rows);
      dense({ weights, bias }, from, to, false);
      expect([...to]).toEqual(expected);
      dense({ weights, bias }, from, to, true);
      expect([...to]).toEqual(expected.map((value) => Math.max(0, value)));
    }
  });
});
