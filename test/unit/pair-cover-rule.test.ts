import { describe, expect, it } from 'vitest';
import { coverByRule, coverCode } from '../../pipeline/pair/cover-rule.ts';
import { fitPairStatistics } from '../../pipeline/pair/statistics.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';
import { madeLandscape, wholeBlock } from '../support/made-pair.ts';

const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const shift = { colPx: 0, rowPx: 0, isApplied: false, blocks: 0, quality: 0 };
const spectra = {
  water: [0.1, 0.09, 0.06, 0.04],
  trees: [0.09, 0.08, 0.06, 0.22],
  grass: [0.1, 0.1, 0.1, 0.24],
  crops: [0.11, 0.13, 0.12, 0.35],
  built: [0.15, 0.16, 0.17, 0.2],
  bare: [0.14, 0.17, 0.22, 0.28],
} as const;
const names = Object.keys(spectra) as (keyof typeof spectra)[];
const strip = (of: (value: number) => number): Raster => ({
  width: names.length,
  height: 1,
  bands: 4,
  data: Float32Array.from({ length: 4 * names.length }, (_, i) =>
    of(spectra[names[i % names.length]!][Math.floor(i / names.length)]!),
  ),
});
const expected = names.map((name) => coverCode[name]);

describe('cover by rule', () => {
  const land = madeLandscape(96, 96);
  const options = { shift, evidence: bands, before: bands, after: bands };
  const statistics = fitPairStatistics([wholeBlock(land, land)], options);

  it('names water, trees, grass, crops, built and bare ground by their reflectance', () => {
    expect([
      ...coverByRule(
        strip((value) => value),
        statistics,
        'before',
      ),
    ]).toEqual(expected);
  });

  it('tells artificial ground from plants and water in stretched values, on both dates', () => {
    const stretch = (gain: number) => (value: number) => Math.round(gain * 400 * value + 20);
    const [before, after] = [1, 0.8].map((gain) => ({ ...land, data: land.data.map(stretch(gain)) })) as [
      Raster,
      Raster,
    ];
    const relative = fitPairStatistics([wholeBlock(before, after)], {
      ...options,
      radiometry: { before: 'dn', after: 'dn' },
    });
    const groups = (codes: Uint8Array): string[] =>
      Array.from(codes, (code) => (code >= 4 ? 'artificial' : code === 0 ? 'water' : 'plants'));
    const agreement = (a: readonly string[], b: readonly string[]): number =>
      a.filter((group, i) => group === b[i]).length / a.length;
    const truth = groups(coverByRule(land, statistics, 'before'));
    const first = groups(coverByRule(before, relative, 'before'));
    expect(agreement(first, truth)).toBeGreaterThan(0.8);
    expect(agreement(first, groups(coverByRule(after, relative, 'after')))).toBeGreaterThan(0.97);
  });

  it('is unknown where a value is missing', () => {
    const raster = strip((value) => value);
    raster.data[names.length] = Number.NaN;
    expect(coverByRule(raster, statistics, 'after')[0]).toBe(coverCode.unknown);
    const visible = fitPairStatistics([wholeBlock(land, land)], { ...options, evidence: ['blue', 'green', 'red'] });
    expect(new Set(coverByRule({ ...raster, bands: 3 }, visible, 'after'))).toEqual(new Set([coverCode.unknown]));
  });
});
