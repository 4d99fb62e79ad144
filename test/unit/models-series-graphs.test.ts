import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard, readSeriesWeights } from '../../models/shelf.ts';
import { simulatedPair } from '../support/simulated-pair.ts';

const loaded = loadCard('s2-change');
const { card } = loaded;
const sidePx = 256;

/** Roughly as a plan scales: what counts is that both ways get the same. */
const scaled = (data: Float32Array): Float32Array => data.map((value) => Math.log1p(8 * Math.max(value, 0)) - 1);

test('encoder and head of a series say what the graph of a pair says, but for the bytes of the features', async () => {
  const made = simulatedPair(7, sidePx);
  const bands = card.input.bands.length;
  const [before, after] = [scaled(made.before.data), scaled(made.after.data)];
  const tensor = (data: Float32Array) => new Tensor('float32', data, [1, bands, sidePx, sidePx]);
  const weights = readSeriesWeights(loaded)!;
  const [encoder, head] = [await InferenceSession.create(weights.encoder), await InferenceSession.create(weights.head)];
  const [a, b] = [await encoder.run({ image: tensor(before) }), await encoder.run({ image: tensor(after) })];
  for (const { name, channels, stridePx } of card.series!.features) {
    expect(a[name]!.type).toBe('uint8');
    expect(a[name]!.dims).toEqual([1, channels, sidePx / stridePx, sidePx / stridePx]);
  }
  const features = {
    half_before: a['half']!,
    quarter_before: a['quarter']!,
    half_after: b['half']!,
    quarter_after: b['quarter']!,
  };
  const found = await head.run({ before: tensor(before), after: tensor(after), ...features });

  const model = await openModel(loaded);
  const pair = await model.run([before, after].map((data) => ({ data, width: sidePx, height: sidePx })));
  await model.close();
  const [change, wanted] = [found['change']!.data as Float32Array, pair['change']!.data as Float32Array];
  const off = change.map((value, k) => Math.abs(value - wanted[k]!));
  expect(wanted.filter((value) => value > 0.5).length).toBeGreaterThan(50);
  expect(Math.max(...off)).toBeLessThan(0.05);
  expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.001);

  const cover = a['cover']!.data as Uint8Array;
  expect(a['cover']!.dims).toEqual([1, card.series!.classes.length, sidePx, sidePx]);
  const before_class = pair['before_class']!.data as Uint8Array;
  const area = sidePx * sidePx;
  const agreed = before_class.filter((code, k) =>
    card.series!.classes.every((_, c) => cover[c * area + k]! <= cover[code * area + k]!),
  );
  expect(agreed.length / area).toBeGreaterThan(0.999);
  const sums = before_class.map((_, k) =>
    Math.abs(card.series!.classes.reduce((sum, _code, c) => sum + cover[c * area + k]!, 0) - 255),
  );
  expect(Math.max(...sums)).toBeLessThanOrEqual(3);
});

test('the graphs of a series are checked against their card', () => {
  const other = { ...card, series: { ...card.series!, head: { ...card.series!.head, bytes: 7 } } };
  expect(() => readSeriesWeights({ ...loaded, card: other })).toThrow(/its card .* says 7/);
  expect(readSeriesWeights({ ...loaded, seriesPaths: null })).toBeNull();
});
