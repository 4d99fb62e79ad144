import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fitScene } from '../../models/card.ts';
import { listCards, loadCard, readWeights } from '../../models/shelf.ts';
import { coverScores, differenceCard, plainCard, writeCard } from '../support/model-card.ts';
import type { CardText } from '../support/model-card.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tianwatch-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const weights = Uint8Array.of(1, 2, 3);
const load = (card: CardText) => loadCard(writeCard(folder, card, weights));

test('every card that ships is whole, and its weights are the ones it names', () => {
  expect(listCards().length).toBeGreaterThan(0);
  for (const id of listCards()) {
    const loaded = loadCard(id);
    expect(loaded.card.id).toBe(id);
    expect(readWeights(loaded).length).toBeLessThan(4 * 2 ** 20);
  }
});

test('a card that contradicts itself is refused with every contradiction in one line', () => {
  const { input } = plainCard();
  const twice = { ...input, bands: [{ name: 'red' } as const, { name: 'red' } as const], tilePx: 64, haloPx: 32 };
  expect(() => load(plainCard({ id: 'twice', input: twice }))).toThrow(
    /a band stands twice.*nothing between two halos/,
  );
  expect(() => load(plainCard({ id: 'kind', kind: 'change' }))).toThrow(/takes 2 names, the card gives 1/);
  expect(() => load(differenceCard({ id: 'roles', kind: 'segmentation', input }))).toThrow(
    /exactly one output of role cover/,
  );
  const scaling = { kind: 'mean-std', mean: [1], std: [1] } as const;
  expect(() =>
    load(plainCard({ id: 'mean', input: { ...input, scaling: { ...scaling, mean: [1], std: [1] } } })),
  ).toThrow(/4 bands want 4 values/);
});

test('a code outside the class map is refused', () => {
  const outputs = coverScores([0, 77], 'none');
  expect(() => load(plainCard({ id: 'codes', outputs }))).toThrow(/class codes 77; the class map cover-6 has 0, 1/);
});

test('a class map of the user is read from beside the card', () => {
  const classes = [{ code: 9, name: 'greenhouse', zh: '大棚', colour: '#00ff00', group: 'artificial' }];
  writeFileSync(join(folder, 'mine.json'), JSON.stringify({ id: 'mine', version: 1, classes }));
  const outputs = coverScores([9], 'none');
  const loaded = load(plainCard({ id: 'own', classMap: './mine.json', outputs }));
  expect(loaded.classMap.classes[0]?.name).toBe('greenhouse');
});

test('weights that are missing, cut off or changed are refused, naming both sides', () => {
  const path = writeCard(folder, plainCard({ id: 'cut' }), weights);
  writeFileSync(join(folder, 'cut.onnx'), weights.subarray(0, 2));
  expect(() => readWeights(loadCard(path))).toThrow(/has 2 bytes; its card .* says 3/);
  writeFileSync(join(folder, 'cut.onnx'), Uint8Array.of(1, 2, 4));
  expect(() => readWeights(loadCard(path))).toThrow(/has the sha256 [0-9a-f]{64}; its card .* says 039058c6/);
  rmSync(join(folder, 'cut.onnx'));
  expect(() => readWeights(loadCard(path))).toThrow(/there is no file/);
});

test('a card that is not there names those that are', () => {
  expect(() => loadCard('no-such')).toThrow(/There is no model card no-such/);
  writeFileSync(join(folder, 'broken.json'), '{');
  expect(() => loadCard(join(folder, 'broken.json'))).toThrow(/is no JSON/);
});

test('a scene outside the GSD range or without a band is refused before a tile is read', () => {
  const { card } = load(plainCard({ id: 'fit', input: { ...plainCard().input, gsdM: [8, 30] } }));
  const scene = { bands: ['blue', 'green', 'red', 'nir'] as const, gsdM: 10, name: 'a.tif' };
  expect(() => fitScene(card, scene)).not.toThrow();
  expect(() => fitScene(card, { ...scene, gsdM: 30.02 })).not.toThrow();
  expect(() => fitScene(card, { ...scene, gsdM: 2 })).toThrow(/made for 8-30 m pixels; a\.tif has 2\.00 m/);
  expect(() => fitScene(card, { ...scene, bands: ['blue', 'green', 'red'] })).toThrow(/needs the band nir/);
});
