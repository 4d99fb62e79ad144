import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { irmadProbability } from '../../pipeline/pair/irmad.ts';
import {
  evidenceHaloPx,
  fitPairStatistics,
  pairStatisticsSchema,
  type PairBlock,
} from '../../pipeline/pair/statistics.ts';
import { vectorProbability } from '../../pipeline/pair/vectors.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';
import { cropped, madeLandscape, moved, randomNumbers, secondDate, wholeBlock } from '../support/made-pair.ts';

const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const shift = { colPx: 0, rowPx: 0, isApplied: false, blocks: 0, quality: 0 };
const fit = (blocks: readonly PairBlock[], evidence = bands) =>
  fitPairStatistics(blocks, { shift, evidence, before: evidence, after: evidence });
const evidences = [
  ['IR-MAD', irmadProbability],
  ['change vectors', vectorProbability],
] as const;

const side = 144;
const land = madeLandscape(side, side);
const isRoof = (col: number, row: number): boolean => col >= 60 && col < 84 && row >= 90 && row < 114;
const rebuilt = secondDate(land, isRoof);
const statistics = fit([wholeBlock(land, rebuilt)]);

/** Shares of changed and unchanged pixels, 3 px off the border between them, that are called changed. */
function rates(probability: Float32Array): { readonly hit: number; readonly alarm: number } {
  let [hits, changed, alarms, unchanged] = [0, 0, 0, 0];
  for (let row = 0; row < side; row++) {
    for (let col = 0; col < side; col++) {
      const around = [-3, 0, 3].flatMap((dc) => [-3, 0, 3].map((dr) => isRoof(col + dc, row + dr)));
      if (new Set(around).size > 1) continue;
      const isFlagged = probability[row * side + col]! >= 0.5;
      if (around[0]) changed++;
      else unchanged++;
      if (isFlagged && around[0]) hits++;
      if (isFlagged && !around[0]) alarms++;
    }
  }
  return { hit: hits / changed, alarm: alarms / unchanged };
}

describe.each(evidences)('%s', (_, probabilityOf) => {
  it('finds new roofs through another atmosphere', () => {
    const { hit, alarm } = rates(probabilityOf(land, rebuilt, statistics));
    expect(hit).toBeGreaterThan(0.95);
    expect(alarm).toBeLessThan(0.005);
  });

  it('sees nothing between a date and itself, or itself in another light', () => {
    const same = probabilityOf(land, land, fit([wholeBlock(land, land)]));
    expect(Math.max(...same)).toBeLessThan(1e-6);
    const brighter = { ...land, data: land.data.map((value) => 1.3 * value + 0.05) };
    const lit = probabilityOf(land, brighter, fit([wholeBlock(land, brighter)]));
    expect(Math.max(...lit)).toBeLessThan(1e-3);
  });

  it('says the same of a pixel wherever its tile begins', () => {
    const whole = probabilityOf(land, rebuilt, statistics);
    const [col, row, width] = [37, 51, 56];
    const part = probabilityOf(cropped(land, col, row, width), cropped(rebuilt, col, row, width), statistics);
    for (let r = evidenceHaloPx; r < width - evidenceHaloPx; r++) {
      for (let c = evidenceHaloPx; c < width - evidenceHaloPx; c++) {
        expect(part[r * width + c]).toBe(whole[(r + row) * side + c + col]);
      }
    }
  });

  it('knows nothing where a band of either date was not seen', () => {
    const veiled = { ...rebuilt, data: rebuilt.data.slice() };
    veiled.data[2 * side * side + 500] = Number.NaN;
    const probability = probabilityOf(land, veiled, statistics);
    expect(probability[500]).toBeNaN();
    expect(probability.filter(Number.isNaN)).toHaveLength(1);
  });

  it('is finite for constant bands and a handful of pixels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.constantFrom('constant', 'copied', 'noise'), { minLength: 3, maxLength: 6 }),
        fc.nat(),
        (width, height, kinds, seed) => {
          const random = randomNumbers(seed);
          const make = (): Raster => ({
            width,
            height,
            bands: kinds.length,
            data: Float32Array.from({ length: kinds.length * width * height }, (_, i) =>
              kinds[Math.floor(i / (width * height))] === 'constant' ? 0.2 : random(),
            ),
          });
          const [before, after] = [make(), make()];
          kinds.forEach((kind, band) => {
            if (kind !== 'copied') return;
            const pixels = width * height;
            after.data.set(before.data.subarray(band * pixels, (band + 1) * pixels), band * pixels);
          });
          const names = ([...bands, 'swir16', 'swir22'] as const).slice(0, kinds.length);
          const probability = probabilityOf(before, after, fit([wholeBlock(before, after)], names));
          return probability.every((value) => value >= 0 && value <= 1);
        },
      ),
      { seed: 11, numRuns: 100 },
    );
  });
});

describe('statistics of a pair', () => {
  it('recover gain and offset although a fifth of the ground was rebuilt', () => {
    const after = secondDate(land, (col) => col < side / 5, { gain: 1.25, offset: 0.03, noise: 0.002 });
    const { normalisation } = fit([wholeBlock(land, after)]);
    for (const band of [0, 1, 2, 3]) {
      expect(normalisation.gain[band]).toBeCloseTo(1 / 1.25, 1);
      expect(normalisation.gain[band]! * (0.2 * 1.25 + 0.03) + normalisation.offset[band]!).toBeCloseTo(0.2, 2);
    }
  });

  it('do not call an edge a pixel aside a change', () => {
    const aside = moved(land, 1, 0);
    const probability = vectorProbability(land, aside, fit([wholeBlock(land, aside)]));
    // the first and the last column have no counterpart
    const isInside = (col: number): boolean => col >= evidenceHaloPx && col < side - evidenceHaloPx;
    const inside = probability.filter((_, i) => isInside(i % side));
    expect(inside.filter((value) => value >= 0.5)).toHaveLength(0);
  });

  it('are plain JSON that fits its schema, the same each time', () => {
    const text = JSON.stringify(statistics);
    expect(pairStatisticsSchema.parse(JSON.parse(text))).toEqual(statistics);
    expect(JSON.stringify(fit([wholeBlock(land, rebuilt)]))).toBe(text);
    expect(statistics.irmad.isConverged).toBe(true);
  });

  it('hold ascending quantiles of every band, also of those the evidence does not use', () => {
    const { before } = fitPairStatistics([wholeBlock(land, rebuilt)], {
      shift,
      evidence: ['blue', 'green', 'red'],
      before: bands,
      after: bands,
    });
    expect(before.quantiles).toHaveLength(4);
    for (const values of before.quantiles) expect(values).toEqual(values.toSorted((a, b) => a - b));
    const nir = land.data.slice(3 * side * side).sort();
    expect(before.quantiles[3]![16]).toBeCloseTo(nir[nir.length >> 1]!, 3);
  });

  it('leave out what was not seen', () => {
    const block = wholeBlock(land, { ...rebuilt, data: rebuilt.data.slice() });
    for (let i = 0; i < 5000; i++) block.after.data[i] = 9;
    block.observed.fill(0, 0, 5000);
    const { after, pixels } = fit([block]);
    expect(pixels).toBe(side * side - 5000);
    expect(Math.max(...after.quantiles[0]!)).toBeLessThan(1);
  });

  it('are refused where no ground was seen on both dates', () => {
    const unseen = { ...wholeBlock(land, rebuilt), observed: new Uint8Array(side * side) };
    expect(() => fit([unseen])).toThrow(/No pixel of 1 blocks/);
  });
});
