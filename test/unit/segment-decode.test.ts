import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeChange, decodeCover, differCovers } from '../../pipeline/segment/decode.ts';
import type { ModelOutput } from '../../pipeline/segment/decode.ts';

const crop = { width: 1, height: 1, layout: 'NCHW' } as const;
const scores = (classes: number[], activation: 'none' | 'softmax' = 'none'): ModelOutput => ({
  kind: 'scores',
  role: 'cover',
  tensor: 'prob',
  activation,
  classes,
});
const plane = (index: number) => ({ map: { data: Uint8Array.of(index), dims: [1, 1, 1] } });
const probability = (activation: 'none' | 'sigmoid', multiply: number): ModelOutput[] => [
  { kind: 'probability', role: 'change', tensor: 'p', activation, multiply },
];
const raw = (values: readonly number[]) => ({
  prob: { data: Float32Array.from(values), dims: [1, values.length, 1, 1] },
});

test('classes of the model that share a code are added up before the largest is taken', () => {
  const cover = decodeCover(scores([2, 3, 2]), raw([0.3, 0.4, 0.3]), crop);
  expect([...cover.classes]).toEqual([2]);
  expect(cover.codes).toEqual([2, 3]);
  expect([...(cover.probabilities ?? [])].map((p) => Math.round(p * 10) / 10)).toEqual([0.6, 0.4]);
});

test('softmax of any logits is a distribution', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -80, max: 80, noNaN: true }), { minLength: 2, maxLength: 9 }), (logits) => {
      const cover = decodeCover(
        scores(
          logits.map((_, k) => k),
          'softmax',
        ),
        raw(logits),
        crop,
      );
      expect([...(cover.probabilities ?? [])].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    }),
    { seed: 3 },
  );
});

test('the soft difference is 0 for one sure class twice and 1 for two sure ones', () => {
  const sure = (k: number) => decodeCover(scores([0, 1]), raw(k === 0 ? [1, 0] : [0, 1]), crop);
  expect(differCovers(sure(0), sure(0), crop).change[0]).toBe(0);
  expect(differCovers(sure(0), sure(1), crop).change[0]).toBe(1);
  const torn = decodeCover(scores([0, 1]), raw([0.5, 0.5]), crop);
  expect(differCovers(torn, sure(1), crop).change[0]).toBe(0.5);
});

test('class planes give 0 and 1, and an index that the card does not map is refused', () => {
  const output: ModelOutput = { kind: 'classes', role: 'cover', tensor: 'map', classes: [4, 5] };
  const [built, bare] = [decodeCover(output, plane(0), crop), decodeCover(output, plane(1), crop)];
  expect([built.classes[0], bare.classes[0], differCovers(built, bare, crop).change[0]]).toEqual([4, 5, 1]);
  expect(() => decodeCover(output, plane(2), crop)).toThrow(
    /class indices below 2 from output map; the network gives 2/,
  );
});

test('the padding at right and bottom is cut away, in either layout', () => {
  const outputs: ModelOutput[] = [
    { kind: 'probability', role: 'change', tensor: 'p', activation: 'none', multiply: 1 },
    { kind: 'scores', role: 'into', tensor: 's', activation: 'none', classes: [0, 1] },
  ];
  const p = { data: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), dims: [1, 2, 3] };
  const s = { data: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1), dims: [1, 2, 3, 2] };
  const found = decodeChange(outputs, { p, s }, { width: 2, height: 2, layout: 'NHWC' });
  expect([...found.change].map((value) => Math.round(value * 10))).toEqual([1, 2, 4, 5]);
  expect([...found.into]).toEqual([0, 1, 1, 0]);
});

test('uint8 probabilities and logits reach 0..1', () => {
  const scaled = decodeChange(probability('none', 0.004), { p: { data: Uint8Array.of(250), dims: [1, 1, 1] } }, crop);
  const logit = decodeChange(probability('sigmoid', 1), { p: { data: Float32Array.of(0), dims: [1, 1, 1, 1] } }, crop);
  expect([scaled.change[0], logit.change[0]]).toEqual([1, 0.5]);
});

test('an output of another size or name is refused', () => {
  expect(() => decodeCover(scores([0, 1]), raw([1]), crop)).toThrow(/2 classes from output prob; .* \[1, 1, 1, 1\]/);
  expect(() => decodeCover(scores([0]), {}, crop)).toThrow(/prob/);
});
