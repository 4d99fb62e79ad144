import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { planPair, runPair } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard } from '../../models/shelf.ts';
import { decodeCover } from '../../pipeline/segment/decode.ts';
import { statisticsFractions } from '../../pipeline/segment/scaling.ts';
import { imageTensor } from '../../pipeline/segment/tensor.ts';
import type { BandName } from '../../pipeline/types.ts';
import type { CardText } from '../support/model-card.ts';

const shared = process.env['TIANWATCH_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
const weights = join(shared, 'data/dynamicworld/dynamicworld_forward.onnx');
const isThere = existsSync(weights);
if (!isThere) process.stdout.write('skipped: ../shared is absent\n');

const bands = ['blue', 'green', 'red', 'rededge071', 'rededge075', 'rededge078', 'nir', 'swir16', 'swir22'] as const;
const example = new URL('../../docs/examples/dynamic-world.json', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'tianwatch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Typical top-of-atmosphere reflectance of clear lake water and of dense conifers, in the order of `bands`. */
const spectra = {
  water: [0.1, 0.075, 0.05, 0.045, 0.035, 0.035, 0.025, 0.01, 0.007],
  trees: [0.09, 0.07, 0.045, 0.075, 0.17, 0.21, 0.22, 0.1, 0.045],
};

/** The example of the documentation, its weights found where they are. */
function card(): string {
  const path = join(folder, 'dynamic-world.json');
  const text = JSON.parse(readFileSync(example, 'utf8')) as CardText;
  writeFileSync(path, JSON.stringify({ ...text, weights: { ...text.weights, file: weights } }));
  return path;
}

/** Left half one ground, right half another, with a little texture. */
function ground(left: readonly number[], right: readonly number[], width: number, height: number) {
  const data = Float32Array.from({ length: 9 * width * height }, (_, k) => {
    const [band, col] = [Math.floor(k / (width * height)), k % width];
    const value = (col < width / 2 ? left : right)[band] ?? 0;
    return value * (1 + 0.04 * Math.sin(k * 12.9898));
  });
  return { data, width, height, bands: 9 };
}

/** Share of a class in the left or right part of the 63 px wide plane, the border between them left out. */
const share = (plane: Uint8Array, code: number, isRight: boolean) => {
  const side = plane.filter((_, k) => k % 63 < 24 === !isRight && (k % 63 < 24 || k % 63 > 40));
  return side.filter((value) => value === code).length / side.length;
};

test.skipIf(!isThere)(
  'Dynamic World runs through the example card alone: nine bands, odd sizes, six classes',
  async () => {
    const loaded = loadCard(card());
    const model = await openModel(loaded);
    const scene = {
      radiometry: 'reflectance' as const,
      statistics: {
        bands: bands as readonly BandName[],
        fractions: statisticsFractions,
        quantiles: bands.map(() => statisticsFractions),
      },
    };
    const plan = planPair(loaded.card, scene, scene);
    const [before, after] = [
      ground(spectra.trees, spectra.trees, 63, 45),
      ground(spectra.trees, spectra.water, 63, 45),
    ];
    const found = await runPair(model, plan, before, after);
    const image = { data: imageTensor(loaded.card.input, plan.after, after), width: 64, height: 46 };
    const [output] = loaded.card.outputs;
    const cover = output && decodeCover(output, await model.run([image]), { width: 63, height: 45, layout: 'NCHW' });
    await model.close();

    expect(share(found.classesBefore, 1, false)).toBeGreaterThan(0.95);
    expect(share(found.classesAfter, 1, false)).toBeGreaterThan(0.95);
    expect(share(found.classesAfter, 0, true)).toBeGreaterThan(0.95);
    // its probabilities are soft: sure trees twice still differ by half
    const [kept, flooded] = [found.change[22 * 63 + 10] ?? 1, found.change[22 * 63 + 52] ?? 0];
    expect(flooded).toBeGreaterThan(kept + 0.3);
    const sums = Array.from({ length: 63 * 45 }, (_, k) =>
      (cover?.codes ?? []).reduce((sum, _code, plane) => sum + (cover?.probabilities?.[plane * 63 * 45 + k] ?? 0), 0),
    );
    expect(Math.min(...sums)).toBeGreaterThan(0.999);
    expect(Math.max(...sums)).toBeLessThan(1.001);
  },
);

test.skipIf(!isThere)('eight of its nine bands are refused before a tile is read', () => {
  const { card: whole } = loadCard(card());
  const fewer = bands.slice(0, 8);
  const quantiles = fewer.map(() => statisticsFractions);
  const scene = {
    radiometry: 'reflectance' as const,
    statistics: { bands: fewer, fractions: statisticsFractions, quantiles },
  };
  expect(() => planPair(whole, scene, scene)).toThrow(/needs the band swir22/);
});
