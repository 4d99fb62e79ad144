import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { modelCardSchema } from '../../models/card.ts';

export type CardText = z.input<typeof modelCardSchema>;

type OutputText = CardText['outputs'][number];

/** The one output of a segmentation card. */
export const coverScores = (classes: number[], activation: 'none' | 'softmax' = 'softmax'): OutputText[] => [
  { kind: 'scores', role: 'cover', tensor: 'scores', activation, classes },
];

/** A card of a 1×1 convolution: blue, green, red, nir in, class scores out; change it as the test needs. */
export function plainCard(changes: Partial<CardText> = {}): CardText {
  return {
    format: 'tianwatch-model-card/1',
    id: 'plain',
    version: '1',
    kind: 'segmentation',
    title: { zh: '测试', en: 'test' },
    status: 'foreign',
    weights: { file: 'plain.onnx', sha256: '0'.repeat(64), bytes: 1 },
    classMap: 'cover-6',
    input: {
      tensors: ['image'],
      bands: [{ name: 'blue' }, { name: 'green' }, { name: 'red' }, { name: 'nir' }],
      dtype: 'float32',
      layout: 'NCHW',
      scaling: { kind: 'reflectance', multiply: 1, add: 0 },
      gsdM: [0.1, 1000],
    },
    outputs: coverScores([0, 3, 4]),
    thresholds: { change: 0.5 },
    licence: 'none',
    ...changes,
  };
}

/** The same for `differenceNetwork`: before and after in, one probability out, into = built. */
export function differenceCard(changes: Partial<CardText> = {}): CardText {
  const plain = plainCard();
  return plainCard({
    id: 'difference',
    kind: 'change',
    input: { ...plain.input, tensors: ['before', 'after'] },
    outputs: [
      { kind: 'probability', role: 'change', tensor: 'change', activation: 'none' },
      { kind: 'constant', role: 'before', code: 3 },
      { kind: 'constant', role: 'after', code: 3 },
      { kind: 'constant', role: 'into', code: 4 },
    ],
    ...changes,
  });
}

/** Write weights and card side by side; size and sha256 are those of the weights. Returns the path of the card. */
export function writeCard(folder: string, card: CardText, weights: Uint8Array): string {
  const file = `${card.id}.onnx`;
  writeFileSync(join(folder, file), weights);
  const sha256 = createHash('sha256').update(weights).digest('hex');
  const path = join(folder, `${card.id}.json`);
  writeFileSync(path, JSON.stringify({ ...card, weights: { file, sha256, bytes: weights.length } }, null, 2));
  return path;
}
