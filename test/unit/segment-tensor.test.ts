import { expect, test } from 'vitest';
import { statisticsFractions } from '../../pipeline/segment/scaling.ts';
import { imageInputSchema, imageTensor, planChannels, planPairChannels } from '../../pipeline/segment/tensor.ts';
import type { SceneView } from '../../pipeline/segment/tensor.ts';
import type { BandName } from '../../pipeline/types.ts';

const input = imageInputSchema.parse({
  tensors: ['before', 'after'],
  bands: [{ name: 'red' }, { name: 'nir' }, { name: 'swir16', optional: true, fill: -7 }],
  dtype: 'float32',
  layout: 'NCHW',
  scaling: { kind: 'reflectance', multiply: 10, add: 0 },
  gsdM: [1, 100],
});

function view(bands: readonly BandName[], radiometry: SceneView['radiometry'] = 'reflectance', range = 1): SceneView {
  const quantiles = bands.map(() => statisticsFractions.map((at) => at * range));
  return { radiometry, statistics: { bands, fractions: statisticsFractions, quantiles } };
}

/** Band k holds k+1 everywhere. */
const levels = (bands: number, width: number, height: number) => ({
  data: Float32Array.from({ length: bands * width * height }, (_, k) => 1 + Math.floor(k / (width * height))),
  width,
  height,
  bands,
});

test('layouts differ in order alone', () => {
  const plan = planChannels(input, view(['nir', 'red', 'swir16']));
  expect([...imageTensor(input, plan, levels(3, 2, 1))]).toEqual([20, 20, 10, 10, 30, 30]);
  expect([...imageTensor({ ...input, layout: 'NHWC' }, plan, levels(3, 2, 1))]).toEqual([20, 10, 30, 20, 10, 30]);
});

test('what was not observed and what pads the tile become the fill of the card', () => {
  const filled = { ...input, bands: input.bands.map((band) => ({ ...band, fill: -1 })), alignPx: 2 };
  const raster = { ...levels(3, 1, 1), data: Float32Array.of(Number.NaN, 0.5, 0.25) };
  const tensor = imageTensor(filled, planChannels(filled, view(['red', 'nir', 'swir16'])), raster);
  expect([...tensor]).toEqual([-1, -1, -1, -1, 5, -1, -1, -1, 2.5, -1, -1, -1]);
});

test('a network of one size gets tiles of that size', () => {
  const fixed = { ...input, isFixedSize: true, tilePx: 4 };
  expect(imageTensor(fixed, planChannels(fixed, view(['red', 'nir'])), levels(2, 3, 2))).toHaveLength(3 * 16);
});

test('an optional band that one date lacks is filled on both, so that its absence is no change', () => {
  const plan = planPairChannels(input, view(['red', 'nir', 'swir16']), view(['red', 'nir']));
  const before = imageTensor(input, plan.before, levels(3, 1, 1));
  const after = imageTensor(input, plan.after, levels(2, 1, 1));
  expect([...before]).toEqual([10, 20, -7]);
  expect([...after]).toEqual([10, 20, -7]);
});

test('a missing band is refused with what is wanted and what is there', () => {
  expect(() => planChannels(input, view(['red', 'green']))).toThrow(
    /needs the band nir \(in all: red, nir\); the scene has red, green/,
  );
});

test('digital numbers of unknown scale are refused where reflectance is wanted, and stretched where the card knows it', () => {
  const dn = view(['red', 'nir'], 'dn', 255);
  expect(() => planChannels(input, dn)).toThrow(/wants reflectance/);
  const known = { ...input, expected: { red: { p2: 0.1, p50: 0.2, p98: 0.3 }, nir: { p2: 0, p50: 0.2, p98: 0.4 } } };
  const [red, nir] = planChannels(known, dn);
  expect(red?.scale(0.02 * 255)).toBeCloseTo(1, 6);
  expect(red?.scale(0.98 * 255)).toBeCloseTo(3, 6);
  expect(nir?.scale(0.98 * 255)).toBeCloseTo(4, 6);
});

test('date 2 takes the distribution of date 1 where the card says so', () => {
  const matched = { ...input, matchAfterToBefore: true };
  const { before, after } = planPairChannels(matched, view(['red', 'nir']), view(['red', 'nir'], 'reflectance', 2));
  expect(after[0]?.scale(1)).toBeCloseTo(before[0]?.scale(0.5) ?? 0, 9);
});
