// Makes models/weights/season-planting.net and its card: npx tsx models/training/season/planting.ts
// Landscapes of training seeds are simulated and read once; their series stay in the work folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SeasonInput } from '../../../pipeline/season/season-features.ts';
import { yearFeatures } from '../../../pipeline/season/season-model.ts';
import type { ParcelSeries } from '../../../pipeline/season/parcel-series.ts';
import { seeded } from '../../../scripts/season/figure.ts';
import { fitTables, type Fit } from '../../../scripts/season/fit.ts';
import { loadSeasonRules } from '../../../workers/rule/load-rules.ts';
import { seriesOfLandscape, type Landscape } from '../../../scripts/season/landscape-cache.ts';

interface Recipe {
  readonly name: string;
  readonly version: string;
  readonly landscapes: readonly Landscape[];
  readonly years: readonly number[];
  readonly thinned: { readonly copies: number; readonly keepFrom: number; readonly keepTo: number; readonly seed: number };
  readonly input: SeasonInput;
  readonly net: Readonly<Record<string, unknown>>;
}

const here = import.meta.dirname;
const root = join(here, '../../..');
const recipe = JSON.parse(readFileSync(join(here, 'recipe.json'), 'utf8')) as Recipe;
const work = process.env['TIANWATCH_TRAINING'] ?? join(here, '../work');

const random = seeded(recipe.thinned.seed);

/** The series as fewer looks would have shown it: a share of them is struck out. */
function thin({ dates, bands }: ParcelSeries): ParcelSeries {
  const { keepFrom, keepTo } = recipe.thinned;
  const keep = keepFrom + (keepTo - keepFrom) * random();
  const isKept = dates.map(() => random() < keep);
  const thinned = Object.entries(bands).map(([name, values]) => [
    name,
    values.map((value, i) => (isKept[i] ? value : Number.NaN)),
  ]);
  return { dates, bands: Object.fromEntries(thinned) as ParcelSeries['bands'] };
}

const [rows, labels, grainFractions]: [Float32Array[], string[], number[]] = [[], [], []];
for (const landscape of recipe.landscapes)
  for (const { series, truth } of await seriesOfLandscape(landscape, work)) {
    const copies = landscape.looks > 24 ? recipe.thinned.copies : 0;
    for (const seen of [series, ...Array.from({ length: copies }, () => thin(series))])
      for (const planted of truth) {
        const features = recipe.years.includes(planted.year) ? yearFeatures(seen, planted.year, recipe.input) : null;
        if (features === null) continue;
        rows.push(features);
        labels.push(`${planted.winter}|${planted.summer}`);
        grainFractions.push(planted.grainFraction);
      }
  }
const { crops } = loadSeasonRules().planting;
const isGrain = (label: string): boolean =>
  label.split('|').some((id, k) =>
    crops.some((crop) => crop.id === id && crop.season === (k === 0 ? 'winter' : 'summer') && crop.counts === 'grain'),
  );
const grain = [...new Set(labels)].filter(isGrain).sort();
const fit: Fit = {
  name: recipe.name,
  kind: 'net',
  dataset: 'planting',
  rows: rows.map((_, i) => i),
  labels,
  settings: { ...recipe.net, steps: recipe.input.steps, grain, grainFractions },
};
const bytes = (await fitTables(join(work, recipe.name), { planting: rows }, [fit])).get(recipe.name)!;
const file = `${recipe.name}.net`;
writeFileSync(join(root, 'models/weights', file), bytes);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const weights = { file: `../../weights/${file}`, sha256, bytes: bytes.length };
const path = join(root, `models/cards/season/${recipe.name}.json`);
const base = JSON.parse(readFileSync(existsSync(path) ? path : join(here, 'card-base.json'), 'utf8')) as object;
mkdirSync(join(root, 'models/cards/season'), { recursive: true });
const card = { ...base, version: recipe.version, input: recipe.input, weights };
writeFileSync(path, `${JSON.stringify(card, null, 2)}\n`);
process.stdout.write(`${rows.length} years of parcels; ${file} ${bytes.length} bytes\n`);
