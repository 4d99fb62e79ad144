import { describe, expect, it } from 'vitest';
import { listSeasonCards, loadSeasonCard, loadSeasonModel } from '../../models/season-shelf.ts';
import { cropShares, mayJudge } from '../../pipeline/season/season-model.ts';
import type { ParcelSeries } from '../../pipeline/season/parcel-series.ts';
import { loadSeasonRules } from '../../workers/rule/load-rules.ts';

const { planting } = loadSeasonRules();

describe('the season models that ship', () => {
  it('say crops that the rules know, and look at whole crop years', () => {
    expect(listSeasonCards()).toContain('season-planting');
    for (const id of listSeasonCards()) {
      const model = loadSeasonModel(id);
      for (const season of ['winter', 'summer'] as const)
        for (const pair of model.net.pairs)
          expect(planting.crops.some((crop) => crop.id === pair[season] && crop.season === season)).toBe(true);
      expect(model.input.yearFrom).toBe(planting.yearFrom);
      expect(model.input.steps * model.input.stepDays).toBeGreaterThan(380);
    }
  });

  it('have figures of what they were measured on, and say what they were trained on', () => {
    for (const id of listSeasonCards()) {
      const { metrics, trainingData, knownFailures } = loadSeasonCard(id);
      expect(metrics.length).toBeGreaterThan(0);
      expect(trainingData.length).toBeGreaterThan(0);
      expect(knownFailures.length).toBeGreaterThan(0);
    }
  });

  it('take a paddy that is flooded, green and ripe for rice, and judge nothing without short-wave infrared', () => {
    const looks: readonly (readonly [string, readonly [number, number, number, number, number, number]])[] = [
      ['2026-01-10', [0.07, 0.09, 0.11, 0.18, 0.24, 0.18]],
      ['2026-03-20', [0.07, 0.09, 0.11, 0.2, 0.24, 0.18]],
      ['2026-06-18', [0.07, 0.08, 0.07, 0.07, 0.05, 0.03]],
      ['2026-07-10', [0.06, 0.08, 0.07, 0.16, 0.09, 0.05]],
      ['2026-08-15', [0.04, 0.06, 0.04, 0.4, 0.16, 0.07]],
      ['2026-09-10', [0.04, 0.07, 0.05, 0.4, 0.17, 0.08]],
      ['2026-10-20', [0.07, 0.1, 0.12, 0.25, 0.26, 0.16]],
    ];
    const names = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'] as const;
    const bands = Object.fromEntries(
      names.map((name, k) => [name, Float32Array.from(looks, ([, values]) => values[k]!)]),
    );
    const series: ParcelSeries = { dates: looks.map(([date]) => date), bands };
    const model = loadSeasonModel();
    const shares = cropShares(model, series, 2026)!;
    const sumOf = (some: typeof shares): number => some.reduce((sum, { share }) => sum + share, 0);
    expect(sumOf(shares.filter(({ summer }) => summer === 'rice'))).toBeGreaterThan(0.5);
    expect(sumOf(shares)).toBeCloseTo(1, 9);
    expect(mayJudge(model, series)).toBe(true);
    const { red, nir, green, blue } = series.bands;
    expect(mayJudge(model, { dates: series.dates, bands: { red: red!, nir: nir!, green: green!, blue: blue! } })).toBe(
      false,
    );
    expect(cropShares(model, series, 2020)).toBeNull();
  });
});
