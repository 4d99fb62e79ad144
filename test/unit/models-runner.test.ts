import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planPair, runPair } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard } from '../../models/shelf.ts';
import { statisticsFractions } from '../../pipeline/segment/scaling.ts';
import type { SceneView } from '../../pipeline/segment/tensor.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';
import { coverScores, differenceCard, plainCard, writeCard } from '../support/model-card.ts';
import type { CardText } from '../support/model-card.ts';
import { convolutionNetwork, differenceNetwork } from '../support/onnx-file.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tianwatch-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = [
  [9, 0, 0, 0],
  [0, 0, 0, 9],
  [0, 0, 9, 0],
];

function view(bands: readonly BandName[]): SceneView {
  const quantiles = bands.map(() => statisticsFractions.map((at) => at));
  return { radiometry: 'reflectance', statistics: { bands, fractions: statisticsFractions, quantiles } };
}

/** Each pixel bright in one band alone. */
function striped(width: number, height: number, brightBand: (col: number) => number): Raster {
  const data = new Float32Array(4 * width * height);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) data[(brightBand(col) * height + row) * width + col] = 1;
  return { data, width, height, bands: 4 };
}

test('a 1×1 convolution of somebody else runs through a card: classes on both dates and their soft difference', async () => {
  const loaded = loadCard(writeCard(folder, plainCard(), convolutionNetwork(rows)));
  const model = await openModel(loaded);
  const scene = view(['blue', 'green', 'red', 'nir']);
  const before = striped(5, 3, () => 3);
  const after = striped(5, 3, (col) => (col < 2 ? 3 : 2));
  const found = await runPair(model, planPair(loaded.card, scene, scene), before, after);
  await model.close();
  expect([...found.classesBefore]).toEqual(Array(15).fill(3));
  expect([...found.classesAfter].slice(0, 5)).toEqual([3, 3, 4, 4, 4]);
  expect([...found.change].slice(0, 5).map((p) => p > 0.9)).toEqual([false, false, true, true, true]);
  expect(found.change[0]).toBeLessThan(0.01);
});

test('bands are found by name, whatever their order in the scene', async () => {
  const loaded = loadCard(writeCard(folder, plainCard({ id: 'order' }), convolutionNetwork(rows)));
  const model = await openModel(loaded);
  const scene = view(['red', 'green', 'blue', 'nir']);
  const redOnly = striped(4, 2, () => 0);
  const found = await runPair(model, planPair(loaded.card, scene, scene), redOnly, redOnly);
  await model.close();
  expect([...found.classesAfter]).toEqual(Array(8).fill(4));
});

test('a change network without cover outputs gives the constants of its card', async () => {
  const loaded = loadCard(writeCard(folder, differenceCard(), differenceNetwork([4, 4, 4, 4], -4)));
  const model = await openModel(loaded);
  const scene = view(['blue', 'green', 'red', 'nir']);
  const found = await runPair(
    model,
    planPair(loaded.card, scene, scene),
    striped(3, 1, () => 3),
    striped(3, 1, (col) => (col === 0 ? 0 : 3)),
  );
  await model.close();
  expect([...found.into]).toEqual([4, 4, 4]);
  expect([...found.change].map((p) => Math.round(p * 100) / 100)).toEqual([0.98, 0.02, 0.02]);
});

test('channels, names and types in which network and card differ are named from both sides', async () => {
  const weights = convolutionNetwork(rows);
  const open = (card: CardText) => openModel(loadCard(writeCard(folder, card, weights)));
  const plain = plainCard();
  const threeBands = { ...plain.input, bands: plain.input.bands.slice(0, 3) };
  await expect(open(plainCard({ id: 'three', input: threeBands }))).rejects.toMatchObject({
    code: 'MODEL_MISMATCH',
    message: expect.stringMatching(/input image has 4 channels, the card gives 3 bands/),
  });
  await expect(open(plainCard({ id: 'named', input: { ...plain.input, tensors: ['x'] } }))).rejects.toThrow(
    /the card names the input x, the network has image/,
  );
  const fewer = coverScores([0, 3]);
  await expect(open(plainCard({ id: 'fewer', outputs: fewer }))).rejects.toThrow(/3 classes, the card maps 2/);
  const indices: CardText['outputs'] = [{ kind: 'classes', role: 'cover', tensor: 'scores', classes: [0, 3, 4] }];
  await expect(open(plainCard({ id: 'indices', outputs: indices }))).rejects.toThrow(
    /output scores is float32, classes are uint8 or int32 or int64/,
  );
});

test('weights that are no ONNX are refused with one line', async () => {
  const loaded = loadCard(writeCard(folder, plainCard({ id: 'html' }), new TextEncoder().encode('<html></html>')));
  await expect(openModel(loaded)).rejects.toMatchObject({
    code: 'MODEL_MISMATCH',
    message: expect.stringMatching(/html\.onnx cannot be opened as ONNX/),
  });
});
