import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModel } from '../../models/runner.thread.ts';
import type { Model } from '../../models/runner.ts';
import { loadCard } from '../../models/shelf.ts';
import { simulatedPair } from '../support/simulated-pair.ts';

const sidePx = 256;
const [float, int8] = [loadCard('s2-change'), loadCard('s2-change-int8')];
let models: readonly Model[] = [];
beforeAll(async () => void (models = [await openModel(float), await openModel(int8)]));
afterAll(async () => {
  for (const model of models) await model.close();
});

test('the network in 8 bits decides as the one in 32 bits does, at a third of its size', async () => {
  const made = simulatedPair(11, sidePx);
  const image = (data: Float32Array) => ({
    data: data.map((value) => Math.log1p(8 * Math.max(value, 0)) - 1),
    width: sidePx,
    height: sidePx,
  });
  const images = [image(made.before.data), image(made.after.data)];
  const [whole, small] = [await models[0]!.run(images), await models[1]!.run(images)];
  const change = (found: typeof whole): Float32Array => found['change']!.data as Float32Array;
  const threshold = float.card.thresholds.network!;
  const flagged = change(whole).map((value) => (value >= threshold ? 1 : 0));
  const differs = change(small).filter((value, k) => (value >= threshold ? 1 : 0) !== flagged[k]);
  expect(flagged.filter((value) => value === 1).length).toBeGreaterThan(200);
  expect(differs.length / flagged.filter((value) => value === 1).length).toBeLessThan(0.1);
  for (const plane of ['before_class', 'after_class']) {
    const wanted = whole[plane]!.data as Uint8Array;
    const same = (small[plane]!.data as Uint8Array).filter((code, k) => code === wanted[k]);
    expect(same.length / wanted.length).toBeGreaterThan(0.97);
  }
  expect(int8.card.weights.bytes).toBeLessThan(0.4 * float.card.weights.bytes);
});

test('both cards decide by the same thresholds and weights', () => {
  expect(int8.card.thresholds).toEqual(float.card.thresholds);
  expect(int8.card.fusion).toEqual(float.card.fusion);
  expect(int8.card.input).toEqual(float.card.input);
});
