import { beforeAll, afterAll, expect, test } from 'vitest';
import { planPair, runPair } from '../../models/runner.ts';
import type { Model, PairPlan } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard } from '../../models/shelf.ts';
import { tryNetwork } from '../../models/trial.ts';
import { planTiles } from '../../pipeline/tile/plan.ts';
import { statisticsFractions } from '../../pipeline/segment/scaling.ts';
import type { BandName, Raster, Window } from '../../pipeline/types.ts';

const loaded = loadCard('s2-first');
const { input, thresholds } = loaded.card;
const threshold = thresholds.network ?? thresholds.change;
const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];
/** Top-of-atmosphere reflectance of fields in leaf, harvested fields and opened ground, in the order of `bands`. */
const grounds = [
  [0.1, 0.09, 0.06, 0.32, 0.2, 0.1],
  [0.11, 0.11, 0.12, 0.23, 0.25, 0.17],
  [0.19, 0.22, 0.27, 0.33, 0.4, 0.36],
] as const;
const noise = (k: number) => Math.abs(Math.sin(k * 12.9898) * 43758.5453) % 1;

/** Fields of 23 × 31 px of a made ground, a texture in each; `isOpened` opens the ground where it is true. */
function landscape(sidePx: number, isOpened: (col: number, row: number) => boolean): Raster {
  const data = new Float32Array(bands.length * sidePx * sidePx);
  for (let row = 0; row < sidePx; row++)
    for (let col = 0; col < sidePx; col++) {
      const field = Math.floor(col / 23) + 71 * Math.floor(row / 31);
      const ground = grounds[isOpened(col, row) ? 2 : noise(field) < 0.6 ? 0 : 1];
      const texture = 1 + 0.2 * (noise(field + 0.5) - 0.5) + 0.08 * (noise(row * sidePx + col) - 0.5);
      for (const [band, value] of (ground ?? []).entries())
        data[(band * sidePx + row) * sidePx + col] = value * texture;
    }
  return { data, width: sidePx, height: sidePx, bands: bands.length };
}

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

const site = (col: number, row: number) => col >= 100 && col < 124 && row >= 90 && row < 120;

test('opened ground on fields is found as change into built or bare, and the rest is not', async () => {
  const [before, after] = [landscape(208, () => false), landscape(208, site)];
  for (const count of [6, 4]) {
    const some = { data: before.data.slice(0, count * 208 * 208), width: 208, height: 208, bands: count };
    const found = await runPair(model, planOf(some, count), before, after);
    const share = (isInside: boolean) => {
      const flags = [...found.change].map((p, k) => p >= threshold && [4, 5].includes(found.into[k] ?? 0));
      const there = flags.filter((_, k) => site(k % 208, Math.floor(k / 208)) === isInside);
      return there.filter(Boolean).length / there.length;
    };
    expect(share(true)).toBeGreaterThan(0.6);
    expect(share(false)).toBeLessThan(0.01);
  }
});

test('one date twice is no change', async () => {
  const one = landscape(160, site);
  const found = await runPair(model, planOf(one), one, one);
  expect(Math.max(...found.change)).toBeLessThan(0.2);
});

test('the halo of the card is wide enough: a moved tile origin changes at most 0.1 % of the quantised pixels', async () => {
  const sidePx = 640;
  const [before, after] = [
    landscape(sidePx, () => false),
    landscape(sidePx, (col, row) => noise(Math.floor(col / 40) + 9 * Math.floor(row / 40)) < 0.1),
  ];
  const plan = planOf(before);
  const probe = { col: 240, row: 240, width: 160, height: 160 };
  const quantised = async (originPx: number) => {
    const tiles = planTiles({ width: sidePx, height: sidePx }, { ...input, tilePx: 432, originPx });
    const plane = new Uint8Array(probe.width * probe.height);
    for (const { read, keep } of tiles) {
      const right = Math.min(keep.col + keep.width, probe.col + probe.width);
      const bottom = Math.min(keep.row + keep.height, probe.row + probe.height);
      if (right <= Math.max(keep.col, probe.col) || bottom <= Math.max(keep.row, probe.row)) continue;
      const found = await runPair(model, plan, cut(before, read), cut(after, read));
      for (let row = Math.max(keep.row, probe.row); row < bottom; row++)
        for (let col = Math.max(keep.col, probe.col); col < right; col++)
          plane[(row - probe.row) * probe.width + col - probe.col] = Math.round(
            250 * (found.change[(row - read.row) * read.width + col - read.col] ?? 0),
          );
    }
    return plane;
  };
  const [straight, moved] = [await quantised(0), await quantised(37)];
  expect(straight.filter((value) => value > 125).length).toBeGreaterThan(200);
  expect(straight.filter((value, k) => value !== moved[k]).length / straight.length).toBeLessThanOrEqual(0.001);
});

test('the network is what its card says, and repeats itself', async () => {
  await expect(tryNetwork(loaded)).resolves.toMatch(/6 bands.*the same twice/);
});
