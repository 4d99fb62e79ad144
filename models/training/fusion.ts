// Stage `fusion`: weights of the fused decision on fields and its threshold, fitted on simulated change through the product's own path; never
// on the urban masks or the Taizhou labels. In: the card without weights, the pairs of stage `simulate`, landscapes of seeds that no training saw; of
// each the pixels that one of both dates shows as recipe.fusion.classes. Kinds of ground count alike: held-out strips of the training places,
// a real place that was not learnt from (where there is one: that of the base), landscapes. Out: `fusion` and `thresholds.change` of the
// card, and work/<name>/fusion.json with how well each voice does alone.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { landscapePairs } from '../../scripts/evaluate/landscape.ts';
import { intoAnything, scorePlace } from '../../scripts/evaluate/place-score.ts';
import { maskedPairs } from '../../scripts/evaluate/place.ts';
import { methods, type Method, type Scored } from '../../scripts/evaluate/score.ts';
import { bestF1, fitPool, type PoolSample } from './pool.ts';
import { cardPath, folder, json, recipe, work } from './run-name.mjs';

const card = json(cardPath);
delete card.fusion;
delete card.thresholds.patches;
card.thresholds.change = 0.5;
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);

const options = { model: cardPath, isChange: intoAnything };
type Kinds = Readonly<Record<string, readonly Scored[]>>;
/** Every kind of place through the product, by the card as it stands. */
async function score(): Promise<Kinds> {
  const strips: Scored[] = [];
  const unseen: Scored[] = [];
  for (const place of maskedPairs(join(folder, 'simulated/data'))) {
    const isUnseen = recipe.fusion.unseenPlaces.some((name: string) => place.name.startsWith(`${name}-`));
    (isUnseen ? unseen : strips).push(await scorePlace(place, options));
  }
  const landscapes: Scored[] = [];
  const wanted = { seeds: recipe.fusion.seeds, size: recipe.landscapes.sizePx, folder: join(work, 'landscapes/pairs') };
  for (const place of await landscapePairs(wanted)) landscapes.push(await scorePlace(place, options));
  return Object.fromEntries(Object.entries({ strips, unseen, landscapes }).filter(([, places]) => places.length > 0));
}

const codes: readonly number[] = recipe.fusion.classes.map((name: string) => recipe.classes.indexOf(name));
/** Pixels that either date shows as a field, or the others. */
function part(place: Scored, isFields: boolean): Scored {
  const kept = Array.from(place.field.keys()).filter((i) => (place.field[i] === 1) === isFields);
  const bytes = (plane: Uint8Array) => Uint8Array.from(kept, (i) => plane[i]!);
  const scores = Object.fromEntries(methods.map((method) => [method, Float32Array.from(kept, (i) => place.scores[method][i]!)])) as Scored['scores'];
  return { ...place, truth: bytes(place.truth), isArtificial: bytes(place.isArtificial), classesBefore: bytes(place.classesBefore), classesAfter: bytes(place.classesAfter), field: bytes(place.field), scores };
}
const kinds = await score();
const count = (places: readonly Scored[]): number => places.reduce((sum, { truth }) => sum + truth.length, 0);
/** The pixels of one sort of ground; every kind of place weighs the same. */
function samplesOf(kinds: Kinds, isFields: boolean): Readonly<Record<string, readonly PoolSample[]>> {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, places]) => {
      const parts = places.map((place) => part(place, isFields));
      return [kind, parts.map((place) => ({ place, weight: 1 / Math.max(1, count(parts)) }))];
    }),
  );
}
const [fields, others] = [samplesOf(kinds, true), samplesOf(kinds, false)];
const pool = fitPool(Object.values(fields).flat());
const voice = (method: Method) => (place: Scored, i: number) => place.scores[method][i]!;
const pooled = (place: Scored, i: number) => pool.probability(place.scores.network[i]!, place.scores.irmad[i]!, place.scores.vectors[i]!);

const { bias, network, irmad, vectors } = pool;
const { isSmoothed, gsdM, unseenPlaces, seeds, classes } = recipe.fusion;
const ofUnseen = 'unseen' in kinds ? `, on ${unseenPlaces.join(', ')}, which was not learnt from,` : '';
const source = `pasted change on the held-out strips of the training places${ofUnseen} and simulated landscapes of seeds ${seeds.join(', ')}, all alike; pixels that one of both dates shows as ${classes.join(' or ')}`;
card.fusion = { classesBefore: codes, classesAfter: codes, gsdM, bias, network, irmad, vectors, isSmoothed, source };
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);
// the threshold is that of the whole decision, with the weights just found and smoothing
const decided = samplesOf(await score(), true);
const whole = (place: Scored, i: number) => place.scores.fused[i]!;
card.thresholds.change = Math.round(bestF1(Object.values(decided).flat(), whole).at * 100) / 100;
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);

const report = Object.fromEntries(
  Object.entries({ fields, others }).flatMap(([sort, samples]) =>
    [...Object.keys(kinds), 'all'].map((kind) => {
      const group = kind === 'all' ? Object.values(samples).flat() : samples[kind]!;
      const changed = group.reduce((sum, { place }) => sum + place.truth.reduce((a, b) => a + b, 0), 0) / Math.max(1, count(group.map(({ place }) => place)));
      const rows = methods.map((method) => [method === 'fused' ? 'geometric mean' : method, bestF1(group, voice(method))]);
      return [`${sort}, ${kind}`, { changed, ...Object.fromEntries(rows), ...(sort === 'fields' && { fitted: bestF1(group, pooled), decided: bestF1(decided[kind] ?? Object.values(decided).flat(), whole) }) }];
    }),
  ),
);
const found = { weights: card.weights.sha256, threshold: card.thresholds.change, fusion: card.fusion, report };
writeFileSync(join(folder, 'fusion.json'), `${JSON.stringify(found, null, 1)}\n`);
process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
