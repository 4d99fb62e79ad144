import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFolds, writeFold, type Fold } from '../../scripts/evaluate/fold-record.ts';
import { goalText, verdictOf, type Goal } from '../../scripts/evaluate/goal-table.ts';
import {
  atRecall,
  bestThreshold,
  countPlace,
  coverScore,
  reliability,
  scoreAt,
  type Scored,
} from '../../scripts/evaluate/score.ts';

/** Ten pixels, four of them changed; the sixth and seventh are unchanged crop land. */
const scores = Float32Array.of(0.9, 0.7, 0.5, 0.2, 0.8, 0.6, 0.1, 0.1, 0, 0.3);
const scored: Scored = {
  name: 'here',
  truth: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
  scores: { fused: scores, network: scores, irmad: scores, vectors: scores.map(() => 0.02) },
  isArtificial: Uint8Array.of(1, 1, 0, 1, 0, 1, 1, 1, 1, 1),
  classesBefore: new Uint8Array(10),
  classesAfter: new Uint8Array(10),
  field: new Uint8Array(10),
  isCrop: Uint8Array.of(0, 0, 0, 0, 0, 1, 1, 0, 0, 0),
  threshold: 0.5,
  baselines: null,
  cover: Float64Array.from({ length: 36 }, (_, k) => (k === 0 ? 6 : k === 3 ? 2 : k === 21 ? 4 : 0)),
};
const place = countPlace(scored);

test('precision, recall and F1 follow from the counts, with and without the filter by class', () => {
  const any = scoreAt([place], { method: 'fused', isFiltered: false }, 'own');
  expect(any).toEqual({ precision: 3 / 5, recall: 3 / 4, f1: expect.closeTo(2 / 3, 12) });
  const built = scoreAt([place], { method: 'fused', isFiltered: true }, 'own');
  expect(built).toEqual({ precision: 2 / 3, recall: 2 / 4, f1: expect.closeTo(4 / 7, 12) });
  expect(scoreAt([place], { method: 'vectors', isFiltered: false }, 'own').f1).toBe(0);
});

test('a score is flagged at exactly its own threshold', () => {
  const filter = { method: 'network', isFiltered: false } as const;
  expect(scoreAt([place], filter, 0.7).recall).toBe(2 / 4);
  expect(scoreAt([place], filter, 0.72).recall).toBe(1 / 4);
  expect(bestThreshold([place], filter).f1).toBeCloseTo(8 / 11, 12);
});

test('at equal recall the highest threshold that finds enough is taken, and crop land is counted there', () => {
  expect(atRecall([place], { method: 'fused', isFiltered: true }, 0.5)).toEqual({
    threshold: 0.7,
    precision: 1,
    cropAlarms: 0,
  });
  expect(atRecall([place], { method: 'fused', isFiltered: true }, 0.75)).toEqual({
    threshold: 0.2,
    precision: 3 / 5,
    cropAlarms: 500,
  });
  expect(atRecall([place], { method: 'fused', isFiltered: true }, 0.9)).toBeNull();
});

test('calibration and agreement of cover follow from the counts', () => {
  const { ece, rows } = reliability([place], 'fused');
  expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  // bins of one pixel each but 0.1 twice and 0, 0.1-0.2 apart: worked by hand
  expect(ece).toBeCloseTo((0.1 + 0.3 + 0.5 + 0.8 + 0.8 + 0.6 + 0.2 + 0 + 0.3) / 10, 6);
  // water: 6 both, 2 said and not judged; crops: 4 both, 2 judged and not said
  expect(coverScore([place])).toEqual({
    meanIou: (6 / 8 + 4 / 6) / 6,
    f1: [(2 * 0.75) / 1.75, 0, 0, 0.8, 0, 0].map((value) => expect.closeTo(value, 12)),
  });
});

test('a fold is read back as it was written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-'));
  const fold: Fold = {
    format: 'tianwatch-fold/1',
    model: 'some-fold1',
    fold: 1,
    weightsSha256: 'abc',
    networkThreshold: 100,
    places: [place],
    fourBands: [{ ...place, cover: null }],
    stable: {},
  };
  writeFold(join(folder, 'some-fold1-counts.json'), fold);
  expect(readFolds(folder, 'some')).toEqual([fold]);
  expect(readFolds(folder, 'other')).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

test('the table says what is reached: the aim, the bar, or neither', () => {
  const goal: Goal = { what: 'F1', value: 0.47, bar: 0.45, aim: 0.5, better: 'high', from: 'here' };
  expect([0.5, 0.47, 0.44].map((value) => verdictOf({ ...goal, value }))).toEqual(['aim', 'bar', 'short']);
  expect(verdictOf({ ...goal, better: 'low' })).toBe('aim');
  expect(verdictOf({ ...goal, better: 'low', aim: 0.4 })).toBe('short');
  expect(goalText([goal])).toMatch(/bar +0\.470 +≥ +0\.450 \( 0\.500\) +F1 \[here\]/);
});
