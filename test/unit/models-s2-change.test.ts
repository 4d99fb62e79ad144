import { beforeAll, afterAll, expect, test } from 'vitest';
import { planPair, runPair } from '../../models/runner.ts';
import type { Model, PairPlan } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard } from '../../models/shelf.ts';
import { tryNetwork } from '../../models/trial.ts';
import { planTiles } from '../../pipeline/tile/plan.ts';
import { statisticsFractions } from '../../pipeline/segment/scaling.ts';
import type { BandName, Raster, Window } from '../../pipeline/types.ts';
import { simulatedPair } from '../support/simulated-pair.ts';

const loaded = loadCard('s2-change');
const { input, thresholds } = loaded.card;
const threshold = thresholds.network ?? thresholds.change;
const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];
const sidePx = 512;
const { before, after, kindAt } = simulatedPair(7, sidePx);

function cut(raster: Raster, { col, row, width, height }: Window): Raster {
  const data = new Float32Array(raster.bands * width * height).fill(Number.NaN);
  for (let band = 0; band < raster.bands; band++)
    for (let y = Math.max(0, -row); y < Math.min(height, raster.height - row); y++)
      for (let x = Math.max(0, -col); x < Math.min(width, raster.width - col); x++)
        data[(band * height + y) * width + x] =
          raster.data[(band * raster.height + row + y) * raster.width + col + x] ?? Number.NaN;
  return { data, width, height, bands: raster.bands };
}

function planOf(raster: Raster, count = bands.length): PairPlan {
  const pixels = raster.width * raster.height;
  const quantiles = bands.slice(0, count).map((_, band) => {
    const sorted = raster.data.slice(band * pixels, (band + 1) * pixels).sort();
    return statisticsFractions.map((at) => sorted[Math.round(at * (pixels - 1))] ?? 0);
  });
  const statistics = { bands: bands.slice(0, count), fractions: statisticsFractions, quantiles };
  const view = { radiometry: 'reflectance' as const, statistics };
  return planPair(loaded.card, view, view);
}

let model: Model;
beforeAll(async () => void (model = await openModel(loaded)));
afterAll(() => model.close());

test('works and ponds on the fields of a simulated landscape are found, with and without short-wave infrared', async () => {
  const found = ['factory', 'hardstand', 'soil-moved', 'pond'];
  for (const count of [6, 4]) {
    const some = { ...before, data: before.data.slice(0, count * sidePx * sidePx), bands: count };
    const { change } = await runPair(model, planOf(some, count), before, after);
    const share = (isWanted: (kind: string | null) => boolean) => {
      const flags = [...change].filter((_, k) => isWanted(kindAt(k))).map((p) => p >= threshold);
      return flags.filter(Boolean).length / flags.length;
    };
    expect(share((kind) => kind !== null && found.includes(kind))).toBeGreaterThan(0.6);
    expect(share((kind) => kind === null)).toBeLessThan(0.01);
  }
});

test('one date twice is no change', async () => {
  const { change } = await runPair(model, planOf(before), before, before);
  expect(change.reduce((most, value) => Math.max(most, value))).toBeLessThan(0.2);
});

test('the halo of the card is wide enough: a moved tile origin changes at most 0.1 % of the quantised pixels', async () => {
  const plan = planOf(before);
  const probe = { col: 176, row: 176, width: 160, height: 160 };
  const quantised = async (originPx: number) => {
    const tiles = planTiles({ width: sidePx, height: sidePx }, { ...input, tilePx: 288, originPx });
    const plane = new Uint8Array(probe.width * probe.height);
    for (const { read, keep } of tiles) {
      const right = Math.min(keep.col + keep.width, probe.col + probe.width);
      const bottom = Math.min(keep.row + keep.height, probe.row + probe.height);
      if (right <= Math.max(keep.col, probe.col) || bottom <= Math.max(keep.row, probe.row)) continue;
      const seen = await runPair(model, plan, cut(before, read), cut(after, read));
      for (let row = Math.max(keep.row, probe.row); row < bottom; row++)
        for (let col = Math.max(keep.col, probe.col); col < right; col++)
          plane[(row - probe.row) * probe.width + col - probe.col] = Math.round(
            250 * (seen.change[(row - read.row) * read.width + col - read.col] ?? 0),
          );
    }
    return plane;
  };
  const [straight, moved] = [await quantised(0), await quantised(37)];
  expect(straight.filter((value) => value > 25).length).toBeGreaterThan(100);
  expect(straight.filter((value, k) => value !== moved[k]).length / straight.length).toBeLessThanOrEqual(0.001);
});

test('the network is what its card says, and repeats itself', async () => {
  await expect(tryNetwork(loaded)).resolves.toMatch(/6 bands.*the same twice/);
});
