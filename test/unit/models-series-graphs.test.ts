import { expect, test } from 'vitest';
import { openModel, openSeriesModel } from '../../models/runner.thread.ts';
import { loadCard, readSeriesWeights } from '../../models/shelf.ts';
import { trySeries } from '../../models/trial.ts';
import { simulatedPair } from '../support/simulated-pair.ts';

const loaded = loadCard('s2-change');
/** Its pair graph and its graphs for series are of one training. */
const int8 = loadCard('s2-change-int8');
const { card } = loaded;
const sidePx = 256;

/** Roughly as a plan scales: what counts is that both ways get the same. */
const scaled = (data: Float32Array): Float32Array => data.map((value) => Math.log1p(8 * Math.max(value, 0)) - 1);

test('encoder and head of a series say what the graph of a pair says, and hand over what the card says', async () => {
  const made = simulatedPair(7, sidePx);
  const imageOf = (data: Float32Array) => ({ data: scaled(data), width: sidePx, height: sidePx });
  const [before, after] = [imageOf(made.before.data), imageOf(made.after.data)];
  const series = await openSeriesModel(int8);
  const [a, b] = [await series.encode(before), await series.encode(after)];
  for (const { name, channels, stridePx } of card.series!.features)
    expect(a.features[name]).toHaveLength((channels * sidePx * sidePx) / stridePx ** 2);
  const found = await series.compare({ image: before, ...a }, { image: after, ...b });
  await series.close();

  const model = await openModel(int8);
  const pair = await model.run([before, after]);
  await model.close();
  const [change, wanted] = [found['change']!.data as Float32Array, pair['change']!.data as Float32Array];
  const off = change.map((value, k) => Math.abs(value - wanted[k]!));
  expect(wanted.filter((value) => value > 0.5).length).toBeGreaterThan(50);
  expect(Math.max(...off)).toBeLessThan(1e-4);

  const { cover } = a;
  expect(cover).toHaveLength(card.series!.classes.length * sidePx * sidePx);
  const before_class = pair['before_class']!.data as Uint8Array;
  const area = sidePx * sidePx;
  // the pair takes the mean of both dates where nothing changed; bytes are rounded, each by half a step
  const settled = (c: number, k: number): number => {
    const [own, other] = [cover[c * area + k]!, b.cover[c * area + k]!];
    return own + ((1 - wanted[k]!) * (other - own)) / 2;
  };
  const agreed = before_class.filter((code, k) =>
    card.series!.classes.every((_, c) => settled(c, k) <= settled(code, k) + 1),
  );
  expect(agreed.length / area).toBeGreaterThan(0.9999);
  const sums = before_class.map((_, k) =>
    Math.abs(card.series!.classes.reduce((sum, _code, c) => sum + cover[c * area + k]!, 0) - 255),
  );
  expect(Math.max(...sums)).toBeLessThanOrEqual(3);
});

test('verifying a card tries its graphs for series, and names planes that do not fit', async () => {
  await expect(trySeries(loaded)).resolves.toMatch(/one date twice: at most 0\.0/);
  const mixed = {
    ...loaded,
    card: { ...card, series: { ...card.series!, classes: [0, 1, 2] } },
  };
  await expect(trySeries(mixed)).rejects.toThrow(/3 classes of 96 × 96 px want/);
  await expect(trySeries(int8)).resolves.toMatch(/encoder once a date/);
});

test('a card without graphs for series is refused by name', async () => {
  const { series: _, ...plain } = card;
  await expect(openSeriesModel({ ...loaded, card: plain, seriesPaths: null })).rejects.toThrow(/has no `series`/);
});

test('the graphs of a series are checked against their card', () => {
  const other = { ...card, series: { ...card.series!, head: { ...card.series!.head, bytes: 7 } } };
  expect(() => readSeriesWeights({ ...loaded, card: other })).toThrow(/its card .* says 7/);
  expect(readSeriesWeights({ ...loaded, seriesPaths: null })).toBeNull();
});
