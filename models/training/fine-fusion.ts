// Stage `fusion` of a recipe without real places: weights of the fused decision and its threshold, on simulated landscapes of training
// seeds that the network never saw, through the product's own path. In: the card. Out: `fusion` and `thresholds` of the card, and
// work/<name>/fusion.json with how well each voice does alone.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fineCodesKnown, judgeFinePlace } from '../../scripts/evaluate/fine-place.ts';
import { bestThreshold, countPlace, methods, type Scored } from '../../scripts/evaluate/score.ts';
import { bestF1, fitPool } from './pool.ts';
import { cardPath, folder, json, recipe, work } from './run-name.mjs';

const card = json(cardPath);
delete card.fusion;
card.thresholds = { change: 0.5 };
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);

const { seeds, sizePx, dates } = recipe.fusion;
const places: Scored[] = [];
for (const [k, seed] of seeds.entries()) {
  const place = await judgeFinePlace({ seed, size: sizePx, dates: dates[k % dates.length], folder: join(work, 'landscapes/pairs'), model: cardPath });
  const { planes, before, after, isClear } = place;
  const kept = Array.from(before.keys()).filter((i) => planes.change[i] !== 255);
  const floats = (plane: ArrayLike<number>) => Float32Array.from(kept, (i) => plane[i]!);
  const bytes = (plane: ArrayLike<number>) => Uint8Array.from(kept, (i) => plane[i]!);
  const { network, irmad, vectors } = planes.voices;
  places.push({
    name: String(seed),
    // what a cloud hides is no change that could be seen
    truth: Uint8Array.from(kept, (i) => (isClear[i] === 1 && before[i] !== after[i] ? 1 : 0)),
    scores: { network: floats(network), irmad: floats(irmad), vectors: floats(vectors), fused: floats(planes.change).map((value) => value / 250) },
    isArtificial: new Uint8Array(kept.length),
    classesBefore: bytes(planes.classesBefore),
    isCrop: null,
    threshold: 0.5,
  });
}
const pixels = places.reduce((sum, { truth }) => sum + truth.length, 0);
const samples = places.map((place) => ({ place, weight: 1 / pixels }));
const fusion = fitPool(samples);
const { at: threshold } = bestF1(samples, ({ scores }, i) => fusion.probability(scores.network[i]!, scores.irmad[i]!, scores.vectors[i]!));
const counts = places.map(countPlace);
const alone = Object.fromEntries(methods.map((method) => [method === 'fused' ? 'geometric mean' : method, bestThreshold(counts, { method, isFiltered: false })]));
const { bias, network, irmad, vectors } = fusion;
const source = `simulated landscapes of seeds ${seeds.join(', ')} at 2 m, which the network never saw`;
const found = {
  weights: card.weights.sha256,
  threshold,
  networkThreshold: alone['network']!.threshold,
  fusion: { classesBefore: fineCodesKnown, classesAfter: [], gsdM: card.input.gsdM, bias, network, irmad, vectors, source },
  alone,
};
writeFileSync(join(folder, 'fusion.json'), `${JSON.stringify(found, null, 1)}\n`);
card.thresholds = { change: threshold, network: found.networkThreshold };
card.fusion = found.fusion;
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
