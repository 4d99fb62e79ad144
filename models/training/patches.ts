// Stage `patches`: least mean probability of a patch by category, fitted on simulated landscapes of seeds that neither the network nor
// the pool saw, through the whole product: import, run, judge. In: the card, weights and fusion included. Out: `thresholds.patches` of
// the card and work/<name>/patches.json. Of all rules "a patch counts where patches of its category and probability are right at least
// this often" the laxest is taken that keeps the wanted precision.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDemo } from '../../scripts/demo/demo.ts';
import { readComparable } from '../../scripts/score/read.ts';
import { scoreRun } from '../../scripts/score/score.ts';
import { cardPath, folder, json, recipe, work } from './run-name.mjs';

interface Seen {
  readonly category: string;
  readonly probability: number;
  readonly isRight: boolean;
}
interface Feature {
  readonly properties: { readonly id: string; readonly probability: number };
}

const { seeds, sizePx, precision: wanted } = recipe.patches;
const card = json(cardPath);
delete card.thresholds.patches;
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);

/** Every non-farm and non-grain patch of a landscape, and whether it lies on changed ground. */
async function patchesOf(seed: number): Promise<readonly Seen[]> {
  const out = join(work, 'landscapes/runs', String(seed));
  const weights = card.weights.sha256 as string;
  const stamp = join(out, `${weights.slice(0, 12)}-${card.thresholds.change}.done`);
  if (!existsSync(stamp)) {
    await runDemo({ seed, sizePx, out });
    writeFileSync(stamp, '');
  }
  const [landscape, result] = [join(out, 'landscape'), join(out, 'result')];
  const { changes, patches, gsdM } = await readComparable(landscape, result);
  const wrong = new Set(scoreRun(changes, patches, { gsdM }).wrong.map(({ id }) => id));
  const { features } = JSON.parse(readFileSync(join(result, 'patches.geojson'), 'utf8')) as { features: Feature[] };
  const probabilityOf = new Map(features.map(({ properties }) => [properties.id, properties.probability]));
  return patches
    .filter(({ state, category }) => state === 'suspected' && (category === 'non-farm' || category === 'non-grain'))
    .map(({ id, category }) => ({ category: category!, probability: probabilityOf.get(id)!, isRight: !wrong.has(id) }));
}

/** Share of right ones by probability, never falling (pool adjacent violators). */
function purity(patches: readonly Seen[]): { readonly from: number; readonly share: number }[] {
  const steps: { from: number; right: number; count: number }[] = [];
  for (const { probability, isRight } of patches.toSorted((a, b) => a.probability - b.probability)) {
    steps.push({ from: probability, right: Number(isRight), count: 1 });
    for (let last = steps.length - 1; last > 0; last--) {
      const [a, b] = [steps[last - 1]!, steps[last]!];
      if (a.right / a.count < b.right / b.count) break;
      steps.splice(last - 1, 2, { from: a.from, right: a.right + b.right, count: a.count + b.count });
    }
  }
  return steps.map(({ from, right, count }) => ({ from, share: right / count }));
}

const patches: Seen[] = [];
for (const seed of seeds) patches.push(...(await patchesOf(seed)));
const categories = [...new Set(patches.map(({ category }) => category))].toSorted();
const curves = new Map(categories.map((category) => [category, purity(patches.filter((patch) => patch.category === category))]));
const isKept = ({ category, probability }: Seen, least: Record<string, number>): boolean => probability >= least[category]!;
const leastAt = (share: number): Record<string, number> =>
  Object.fromEntries(
    categories.map((category) => [category, curves.get(category)!.find((step) => step.share >= share)?.from ?? 1]),
  );
const precisionOf = (kept: readonly Seen[]): number => kept.filter(({ isRight }) => isRight).length / Math.max(1, kept.length);
const shares = [0, ...[...curves.values()].flat().map(({ share }) => share)].toSorted((a, b) => a - b);
const share = shares.find((each) => precisionOf(patches.filter((patch) => isKept(patch, leastAt(each)))) >= wanted) ?? shares.at(-1)!;
const least = leastAt(share);
const kept = patches.filter((patch) => isKept(patch, least));
const round = (value: number): number => Math.min(1, Math.max(card.thresholds.change, Math.floor(value * 1000) / 1000));
card.thresholds.patches = Object.fromEntries(Object.entries(least).map(([category, value]) => [category, round(value)]));
const result = {
  weights: card.weights.sha256,
  change: card.thresholds.change,
  seeds,
  patches: patches.length,
  precisionBefore: precisionOf(patches),
  precision: precisionOf(kept),
  rightKept: kept.filter(({ isRight }) => isRight).length / Math.max(1, patches.filter(({ isRight }) => isRight).length),
  marginalShare: share,
  thresholds: card.thresholds.patches,
};
writeFileSync(join(folder, 'patches.json'), `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
