// Stage `fusion`: weights of the fused decision and its threshold, fitted on simulated change through the product's own path; never
// on the urban masks or the Taizhou labels. In: the card without weights, the pairs of stage `simulate`, landscapes of seeds that no
// training saw; of each the pixels that the network calls recipe.fusion.classes. Three kinds of ground count alike: held-out strips of the training places, a real place that was not learnt from,
// landscapes. Out: `fusion` and `thresholds.change` of the card, and work/<name>/fusion.json with how well each voice does alone.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { landscapePairs } from '../../scripts/evaluate/landscape.ts';
import { intoAnything, scorePlace } from '../../scripts/evaluate/place-score.ts';
import { maskedPairs } from '../../scripts/evaluate/place.ts';
import { methods, type Method, type Scored } from '../../scripts/evaluate/score.ts';
import { fitPool, type PoolSample } from './pool.ts';
import { cardPath, folder, json, recipe, work } from './run-name.mjs';

const card = json(cardPath);
delete card.fusion;
card.thresholds.change = 0.5;
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);

const options = { model: cardPath, isChange: intoAnything };
const strips: Scored[] = [];
const unseen: Scored[] = [];
for (const place of maskedPairs(join(folder, 'simulated/data'))) {
  const isUnseen = recipe.fusion.unseenPlaces.some((name: string) => place.name.startsWith(`${name}-`));
  (isUnseen ? unseen : strips).push(await scorePlace(place, options));
}
const landscapes: Scored[] = [];
const wanted = { seeds: recipe.fusion.seeds, size: recipe.landscapes.sizePx, folder: join(work, 'landscapes/pairs') };
for (const place of await landscapePairs(wanted)) landscapes.push(await scorePlace(place, options));

const codes: readonly number[] = recipe.fusion.classes.map((name: string) => recipe.classes.indexOf(name));
function only(place: Scored): Scored {
  const kept = Array.from(place.classesBefore.keys()).filter((i) => codes.includes(place.classesBefore[i]!));
  const bytes = (plane: Uint8Array) => Uint8Array.from(kept, (i) => plane[i]!);
  const scores = Object.fromEntries(methods.map((method) => [method, Float32Array.from(kept, (i) => place.scores[method][i]!)])) as Scored['scores'];
  return { ...place, truth: bytes(place.truth), isArtificial: bytes(place.isArtificial), classesBefore: bytes(place.classesBefore), scores };
}
const groups: Readonly<Record<string, readonly Scored[]>> = { strips: strips.map(only), unseen: unseen.map(only), landscapes: landscapes.map(only) };
const count = (places: readonly Scored[]): number => places.reduce((sum, { truth }) => sum + truth.length, 0);
const samples: PoolSample[] = Object.values(groups).flatMap((places) => places.map((place) => ({ place, weight: 1 / Math.max(1, count(places)) })));
const { fusion, threshold } = fitPool(samples);

/** Best F1 over thresholds, pixels weighted as in the fit. */
function bestF1(group: readonly PoolSample[], score: (place: Scored, i: number) => number): { f1: number; at: number } {
  let best = { f1: 0, at: 0 };
  const [yes, no] = [new Float64Array(251), new Float64Array(251)];
  for (const { place, weight } of group)
    for (let i = 0; i < place.truth.length; i++) (place.truth[i] === 1 ? yes : no)[Math.round(250 * score(place, i))]! += weight;
  const all = yes.reduce((a, b) => a + b, 0);
  for (let step = 250, hit = 0, wrong = 0; step > 0; step--) {
    hit += yes[step]!;
    wrong += no[step]!;
    const f1 = (2 * hit) / (hit + wrong + all);
    if (f1 > best.f1) best = { f1, at: step / 250 };
  }
  return best;
}
const voice = (method: Method) => (place: Scored, i: number) => place.scores[method][i]!;
const pooled = (place: Scored, i: number) => fusion.probability(place.scores.network[i]!, place.scores.irmad[i]!, place.scores.vectors[i]!);
const report = Object.fromEntries(
  [...Object.keys(groups), 'all'].map((key) => {
    const group = samples.filter(({ place }) => key === 'all' || groups[key]!.includes(place));
    const changed = group.reduce((sum, { place }) => sum + place.truth.reduce((a, b) => a + b, 0), 0) / count(group.map(({ place }) => place));
    const rows = methods.map((method) => [method === 'fused' ? 'geometric mean' : method, bestF1(group, voice(method))]);
    return [key, { changed, ...Object.fromEntries(rows), fitted: bestF1(group, pooled) }];
  }),
);
const { bias, network, irmad, vectors } = fusion;
const source = `${recipe.fusion.classes.join(', ')} of pasted change on the held-out strips of the training places and on ${recipe.fusion.unseenPlaces.join(', ')}, which was not learnt from, and simulated landscapes of seeds ${recipe.fusion.seeds.join(', ')}; the three alike`;
const found = { weights: card.weights.sha256, threshold, fusion: { classesBefore: codes, gsdM: recipe.fusion.gsdM, bias, network, irmad, vectors, source }, report };
writeFileSync(join(folder, 'fusion.json'), `${JSON.stringify(found, null, 1)}\n`);
card.thresholds.change = threshold;
card.fusion = found.fusion;
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
