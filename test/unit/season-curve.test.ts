import { array, assert, boolean, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexOf } from '../../pipeline/season/field-index.ts';
import { orderSeries } from '../../pipeline/season/parcel-series.ts';
import { seasonCurves } from '../../pipeline/season/season-curve.ts';
import { whittaker } from '../../pipeline/season/whittaker.ts';

/** The same equations, solved densely. */
function denseWhittaker(values: readonly number[], weights: readonly number[], lambda: number): number[] {
  const n = values.length;
  const a = Array.from({ length: n }, (_, i) => Array.from({ length: n + 1 }, (__, j) => (i === j ? weights[i]! : 0)));
  for (let k = 0; k + 2 < n; k++)
    for (const i of [0, 1, 2]) for (const j of [0, 1, 2]) a[k + i]![k + j]! += lambda * [1, -2, 1][i]! * [1, -2, 1][j]!;
  for (let i = 0; i < n; i++) a[i]![n] = weights[i] === 0 ? 0 : weights[i]! * values[i]!;
  for (let i = 0; i < n; i++) {
    const pivot = a.slice(i).reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(a[best]![i]!) ? i + k : best), i);
    [a[i], a[pivot]] = [a[pivot]!, a[i]!];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const f = a[r]![i]! / a[i]![i]!;
      for (let c = i; c <= n; c++) a[r]![c]! -= f * a[i]![c]!;
    }
  }
  return a.map((row, i) => row[n]! / row[i]!);
}

describe('whittaker', () => {
  it('solves the equations of Eilers', () => {
    const values = [0.2, Number.NaN, 0.5, 0.9, 0.4, Number.NaN, Number.NaN, 0.1, 0.3];
    const weights = [1, 0, 2, 1, 1, 0, 0, 1, 3];
    for (const lambda of [0.1, 2, 50]) {
      const dense = denseWhittaker(values, weights, lambda);
      whittaker(values, weights, lambda).forEach((value, i) => expect(value).toBeCloseTo(dense[i]!, 6));
    }
  });

  it('keeps every straight line, whatever was seen of it', () => {
    assert(
      property(
        double({ min: -1, max: 1, noNaN: true }),
        double({ min: -0.1, max: 0.1, noNaN: true }),
        array(boolean(), { minLength: 36, maxLength: 36 }),
        (level, slope, seen) => {
          const weights = seen.map((isSeen, i) => (isSeen || i === 3 || i === 30 ? 1 : 0));
          const line = seen.map((_, i) => level + slope * i);
          const smooth = whittaker(line, weights, 5);
          line.forEach((value, i) => expect(smooth[i]).toBeCloseTo(value, 4));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('says nothing where nothing was seen, and a constant where one step was', () => {
    expect([...whittaker([Number.NaN, Number.NaN, Number.NaN], [0, 0, 0], 1)].every(Number.isNaN)).toBe(true);
    for (const value of whittaker([Number.NaN, 0.4, Number.NaN, Number.NaN], [0, 1, 0, 0], 1))
      expect(value).toBeCloseTo(0.4, 6);
  });
});

describe('the curves of a season', () => {
  const series = {
    dates: ['2026-03-01', '2026-01-05', '2026-02-01', '2026-01-07'],
    bands: {
      nir: Float32Array.of(0.5, 0.3, Number.NaN, 0.4),
      red: Float32Array.of(0.1, 0.1, 0.1, 0.1),
    },
  };
  const steps = { firstDay: Date.UTC(2026, 0, 1) / 86_400_000, steps: 9, stepDays: 10, lambda: 1e-6 };

  it('put looks in order, average those of one step, and count none that was not clear', () => {
    const { curves, looks, gapDays } = seasonCurves(orderSeries(series), steps, ['ndvi']);
    expect([...looks]).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect(curves.ndvi![0]).toBeCloseTo((0.5 + 0.6) / 2, 3);
    expect(curves.ndvi![5]).toBeCloseTo(0.4 / 0.6, 3);
    expect(gapDays[0]).toBe(0.5);
    expect(gapDays[8]).toBe(25.5);
  });

  it('refuse a date that is none and bands of another length', () => {
    expect(() => orderSeries({ ...series, dates: ['2026-01-01', 'x', '', ''] })).toThrow(/"x" is no date/);
    expect(() => orderSeries({ dates: series.dates, bands: { red: Float32Array.of(1) } })).toThrow(
      /4 dates and 1 values/,
    );
  });

  it('have no index where a band is missing or both are nothing', () => {
    expect(indexOf('lswi', { nir: 0.3 })).toBeNaN();
    expect(indexOf('ndvi', { nir: 0, red: 0 })).toBeNaN();
    expect(indexOf('lswi', { nir: 0.3, swir16: 0.1 })).toBeCloseTo(0.5, 12);
  });
});
