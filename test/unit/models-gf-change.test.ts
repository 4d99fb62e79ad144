import { afterAll, beforeAll, expect, test } from 'vitest';
import { planPair, runPair } from '../../models/runner.ts';
import type { Model, PairPlan } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard } from '../../models/shelf.ts';
import { statisticsFractions } from '../../pipeline/segment/scaling.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';
import { fineClasses } from '../../scripts/simulate/fine-cover.ts';
import { simulatedPair } from '../support/simulated-pair.ts';

const loaded = loadCard('gf-change');
const { thresholds } = loaded.card;
const threshold = thresholds.network ?? thresholds.change;
const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const sidePx = 448;
const { before, after, fine } = simulatedPair(8, sidePx, '2');

function planOf(raster: Raster, count: number): PairPlan {
  const pixels = raster.width * raster.height;
  const quantiles = bands.slice(0, count).map((_, band) => {
    const sorted = raster.data.slice(band * pixels, (band + 1) * pixels).sort();
    return statisticsFractions.map((at) => sorted[Math.round(at * (pixels - 1))] ?? 0);
  });
  const statistics = { bands: bands.slice(0, count), fractions: statisticsFractions, quantiles };
  const view = { radiometry: 'reflectance' as const, statistics };
  return planPair(loaded.card, view, view);
}
const narrow = (raster: Raster<Float32Array>, count: number): Raster<Float32Array> => ({
  ...raster,
  data: raster.data.slice(0, count * sidePx * sidePx),
  bands: count,
});

let model: Model;
beforeAll(async () => void (model = await openModel(loaded)));
afterAll(() => model.close());

test.each([
  [4, 0.75, 0.6],
  [3, 0.55, 0.35],
])('of %i bands it names the ground and finds what changed on a simulated landscape', async (count, right, found) => {
  const [first, second] = [narrow(before, count), narrow(after, count)];
  const said = await runPair(model, planOf(first, count), first, second);
  const share = (isWanted: (i: number) => boolean, isHit: (i: number) => boolean): number => {
    const wanted = [...fine[0].keys()].filter(isWanted);
    return wanted.filter(isHit).length / wanted.length;
  };
  const isChanged = (i: number): boolean => fine[0][i] !== fine[1][i];
  expect(
    share(
      () => true,
      (i) => said.classesBefore[i] === fine[0][i],
    ),
  ).toBeGreaterThan(right);
  expect(share(isChanged, (i) => said.change[i]! >= threshold)).toBeGreaterThan(found);
  expect(
    share(
      (i) => !isChanged(i),
      (i) => said.change[i]! >= threshold,
    ),
  ).toBeLessThan(0.02);
});

test('one date twice is no change', async () => {
  const { change } = await runPair(model, planOf(before, 4), before, before);
  expect(change.filter((value) => value >= threshold).length / change.length).toBeLessThan(1e-4);
});

test('in 8 bits it says the same of most pixels, with the same thresholds', async () => {
  const small = loadCard('gf-change-int8');
  const integers = await openModel(small);
  try {
    const [said, same] = [
      await runPair(model, planOf(before, 4), before, after),
      await runPair(integers, planOf(before, 4), before, after),
    ];
    const isFlagged = (value: number): boolean => value >= threshold;
    const flagged = said.change.filter(isFlagged).length;
    const differing = said.change.filter((value, i) => isFlagged(value) !== isFlagged(same.change[i]!)).length;
    expect(flagged).toBeGreaterThan(1000);
    expect(differing / flagged).toBeLessThan(0.05);
    const kept = said.classesAfter.filter((code, i) => code === same.classesAfter[i]).length;
    expect(kept / said.classesAfter.length).toBeGreaterThan(0.96);
  } finally {
    await integers.close();
  }
  expect(small.card.thresholds).toEqual(loaded.card.thresholds);
  expect(small.card.fusion).toEqual(loaded.card.fusion);
});

test('its classes are those the simulator paints, by name and code', () => {
  const names = new Map(loaded.classMap.classes.map(({ code, name }) => [code, name]));
  fineClasses.forEach((name, code) => expect(names.get(code)).toBe(name));
});
