import { expect, test } from 'vitest';
import { judgeScene } from '../../models/scene-verdict.ts';
import type { BandQuantiles } from '../../models/scene-verdict.ts';

const expected = {
  blue: { p2: 0.096, p50: 0.126, p98: 0.207 },
  green: { p2: 0.077, p50: 0.117, p98: 0.217 },
  red: { p2: 0.053, p50: 0.123, p98: 0.264 },
  nir: { p2: 0.1, p50: 0.221, p98: 0.356 },
};

/** Quantiles of a scene by formula: factor and haze on what is expected. */
function scene(factor: number, haze: number): BandQuantiles[] {
  return (['blue', 'green', 'red', 'nir'] as const).map((name) => ({
    name,
    p2: expected[name].p2 * factor + haze,
    p50: expected[name].p50 * factor + haze,
    p98: expected[name].p98 * factor + haze,
  }));
}

/** The same values under exchanged names. */
function exchange(bands: readonly BandQuantiles[], a: string, b: string): BandQuantiles[] {
  const other = (name: string) => (name === a ? b : name === b ? a : name);
  return bands.map((band) => ({ ...(bands.find(({ name }) => name === other(band.name)) ?? band), name: band.name }));
}

test('a darker, brighter or hazier scene fits', () => {
  for (const [factor, haze] of [
    [1, 0],
    [0.5, 0],
    [1.8, 0],
    [1, 0.05],
  ] as const)
    expect(judgeScene(expected, scene(factor, haze)).findings).toEqual([]);
});

test('digital numbers taken for reflectance are named with their factor', () => {
  const { findings, bands } = judgeScene(expected, scene(10000, 0));
  expect(findings).toEqual([expect.stringMatching(/about 1\.0e\+4 times .* --scale/)]);
  expect(bands.every(({ verdict }) => verdict === 'unlike')).toBe(true);
});

test('exchanged bands are named', () => {
  expect(judgeScene(expected, exchange(scene(1.2, 0), 'blue', 'red')).findings[0]).toMatch(/blue and red exchanged/);
  expect(judgeScene(expected, exchange(scene(0.8, 0), 'blue', 'nir')).findings[0]).toMatch(/blue and nir exchanged/);
});

test('a card that expects nothing says nothing', () => {
  expect(judgeScene(undefined, scene(10000, 0))).toMatchObject({
    findings: [],
    bands: [{ verdict: 'unknown' }, {}, {}, {}],
  });
});
