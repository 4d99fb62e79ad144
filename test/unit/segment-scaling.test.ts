import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bandScaling, matchTo, scalingSchema, statisticsFractions, tabulate } from '../../pipeline/segment/scaling.ts';
import type { Scaling } from '../../pipeline/segment/scaling.ts';
import { imageTensor, imageInputSchema, planPairChannels } from '../../pipeline/segment/tensor.ts';
import type { SceneView } from '../../pipeline/segment/tensor.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const jointLog: Scaling = {
  kind: 'joint-log',
  low: 0.02,
  high: 0.98,
  reference: ['blue', 'green', 'red', 'nir'],
  gain: 4,
  floor: -0.2,
  centre: 0.8,
  spread: 0.6,
  least: 0.02,
};
const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];

/** Linear interpolation between order statistics, as numpy.quantile. */
function quantiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return statisticsFractions.map((at) => {
    const position = at * (sorted.length - 1);
    const below = sorted[Math.floor(position)] ?? 0;
    return below + (position % 1) * ((sorted[Math.ceil(position)] ?? 0) - below);
  });
}

function viewOf(raster: Raster): SceneView {
  const pixels = raster.width * raster.height;
  const planes = bands.map((_, band) => [...raster.data.subarray(band * pixels, (band + 1) * pixels)]);
  const statistics = { bands, fractions: statisticsFractions, quantiles: planes.map(quantiles) };
  return { statistics, radiometry: 'reflectance' };
}

/** 20 × 20 px of six bands by a formula that models/training/scaling.py can be given too. */
function made(base: number, step: number, range: number, stride: number, bend: number): Raster {
  const data = Float32Array.from({ length: 6 * 400 }, (_, k) => {
    const band = Math.floor(k / 400);
    return step * band + base + range * ((((k % 400) * stride) % 400) / 400) ** (1 + band / bend);
  });
  return { data, width: 20, height: 20, bands: 6 };
}

test('joint-log and matching give what the training recipe gave', () => {
  const [before, after] = [made(0.05, 0.02, 0.3, 37, 5), made(0.04, 0.03, 0.25, 91, 7)];
  const input = imageInputSchema.parse({
    tensors: ['before', 'after'],
    bands: bands.map((name) => ({ name })),
    dtype: 'float32',
    layout: 'NCHW',
    scaling: jointLog,
    matchAfterToBefore: true,
    gsdM: [8, 30],
  });
  const plan = planPairChannels(input, viewOf(before), viewOf(after));
  const at = (tensor: Float32Array) => bands.map((_, band) => [0, 7, 123, 399].map((k) => tensor[band * 400 + k] ?? 0));
  const [first, second] = [at(imageTensor(input, plan.before, before)), at(imageTensor(input, plan.after, after))];
  // printed by models/training/scaling.py: quantiles, joint_log and match of the same two rasters
  const wantedFirst = [
    [-1.47764, 0.80571, 0.18478, 1.24235],
    [-1.39775, 0.72088, 0.02093, 1.23255],
    [-1.36247, 0.62853, -0.14051, 1.21438],
    [-1.34659, 0.53399, -0.29292, 1.19242],
    [-1.33938, 0.43986, -0.43307, 1.16877],
    [-1.33609, 0.34742, -0.55961, 1.14439],
  ];
  const wantedSecond = [
    [-1.47513, 0.69662, 1.34963, 1.02992],
    [-1.3985, 0.59509, 1.35981, 0.9822],
    [-1.3633, 0.4869, 1.36188, 0.92609],
    [-1.3471, 0.37763, 1.36026, 0.8665],
    [-1.33964, 0.27003, 1.35697, 0.80572],
    [-1.33622, 0.16551, 1.35292, 0.74486],
  ];
  for (const [band, wanted] of wantedFirst.entries())
    for (const [k, value] of wanted.entries()) expect(first[band]?.[k]).toBeCloseTo(value, 3);
  for (const [band, wanted] of wantedSecond.entries())
    for (const [k, value] of wanted.entries()) expect(second[band]?.[k]).toBeCloseTo(value, 3);
});

test('joint-log does not see a gain common to all bands nor an offset of each', () => {
  fc.assert(
    fc.property(
      number(0.5, 4),
      fc.array(number(-0.05, 0.1), { minLength: 6, maxLength: 6 }),
      number(0, 0.6),
      (gain, offsets, value) => {
        const view = viewOf(made(0.05, 0.02, 0.3, 37, 5));
        const moved = view.statistics.quantiles.map((band, k) => band.map((q) => q * gain + (offsets[k] ?? 0)));
        for (let band = 0; band < 6; band++) {
          const here = bandScaling(jointLog, band, view.statistics)(value);
          const there = bandScaling(jointLog, band, { ...view.statistics, quantiles: moved })(
            value * gain + (offsets[band] ?? 0),
          );
          expect(there).toBeCloseTo(here, 6);
        }
      },
    ),
    { seed: 1 },
  );
});

test('matching never turns the order of two values, and maps quantiles on quantiles', () => {
  const ascending = fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 33, maxLength: 33 })
    .map((values) => values.sort((a, b) => a - b));
  const value = fc.double({ min: -0.5, max: 1.5, noNaN: true });
  fc.assert(
    fc.property(ascending, ascending, value, value, (from, to, a, b) => {
      const match = matchTo(from, to);
      expect(match(Math.min(a, b))).toBeLessThanOrEqual(match(Math.max(a, b)) + 1e-12);
      expect(match(from[0] ?? 0)).toBe(to[0]);
      expect(match((from[32] ?? 0) + 0.25)).toBeCloseTo((to[32] ?? 0) + 0.25, 9);
    }),
    { seed: 2 },
  );
});

test('a uniform scene is not blown up', () => {
  const flat = {
    bands,
    fractions: statisticsFractions,
    quantiles: bands.map(() => statisticsFractions.map(() => 0.3)),
  };
  const scale = bandScaling(jointLog, 3, flat);
  expect(scale(0.301) - scale(0.3)).toBeLessThan(0.4);
});

test('percentile clamps to 0..1; reflectance and mean-std are linear', () => {
  const { statistics } = viewOf(made(0.05, 0.02, 0.3, 37, 5));
  const percentile = bandScaling({ kind: 'percentile', low: 0.02, high: 0.98 }, 0, statistics);
  expect([percentile(-1), percentile(9)]).toEqual([0, 1]);
  expect(percentile(0.2)).toBeCloseTo(0.5, 2);
  expect(bandScaling({ kind: 'reflectance', multiply: 10000, add: 1000 }, 0, statistics)(0.1)).toBe(2000);
  const standard = scalingSchema.parse({ kind: 'mean-std', multiply: 10000, mean: [1000, 2000], std: [100, 200] });
  expect(bandScaling(standard, 1, statistics)(0.24)).toBeCloseTo(2, 9);
});

test('a tabulated function stays within 1e-4 of itself, and is itself outside its table', () => {
  const { statistics } = viewOf(made(0.05, 0.02, 0.3, 37, 5));
  const scale = bandScaling(jointLog, 3, statistics);
  const quick = tabulate(scale, 0.1, 0.4);
  for (let value = 0.1; value < 0.4; value += 0.000317) expect(quick(value)).toBeCloseTo(scale(value), 4);
  expect([quick(0.05), quick(0.9), quick(0.4)]).toEqual([scale(0.05), scale(0.9), scale(0.4)]);
});
