// Stage `card` of a recipe without real places: hashes of the weights, expected values, fusion and figures into a card made from
// card-base-<model>.json, whose words are edited there. `npx tsx scripts/evaluate-fine.ts --json work/<name>/fine.json` measures the
// figures, with `--model <name>-int8 --json work/<name>/fine-int8.json` those of its variant in 8 bits; record/<name>.json keeps the recipe that the training began with, its log and all figures.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardPath, folder, here, json, name, recipe, weightsFolder } from './run-name.mjs';

const optional = (file) => (existsSync(join(folder, file)) ? json(join(folder, file)) : null);
const [fitted, measured, measuredInt8, speed] = ['fusion.json', 'fine.json', 'fine-int8.json', 'speed.json'].map(optional);
const weightFile = (suffix) => {
  const bytes = readFileSync(join(weightsFolder, `${name}${suffix}.onnx`));
  return { file: `../weights/${name}${suffix}.onnx`, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
};
const classMap = json(join(here, `../classes/${recipe.classMap}.json`));
const codes = recipe.classes.map((label) => classMap.classes.find((one) => one.name === label).code);
const plane = (role, tensor) => ({ kind: 'classes', role, tensor, classes: codes });

const card = json(join(here, `card-base-${name}.json`));
card.weights = weightFile('');
const seriesOf = (form) => ({
  encoder: weightFile(`${form}-encoder`),
  head: weightFile(`${form}-head`),
  classes: codes,
  features: ['half', 'quarter'].map((feature, k) => ({ name: feature, channels: recipe.widths[k], stridePx: 2 ** (k + 1) })),
});
card.series = seriesOf('');
card.outputs = [
  plane('before', 'before_class'),
  plane('after', 'after_class'),
  { kind: 'probability', role: 'change', tensor: 'change', activation: 'none', multiply: 1 },
  plane('into', 'into_class'),
];
card.input.expected = json(join(folder, 'expected.json'));
if (fitted?.weights === card.weights.sha256) {
  card.thresholds = { change: fitted.threshold, network: fitted.networkThreshold };
  card.fusion = fitted.fusion;
}
const round = (value) => Math.round(value * 1e4) / 1e4;
function* metricsOf(measured, isSpeed) {
  const on = (pair) => `simulated landscapes at 2 m of test seeds ${measured.seeds.join(', ')}, ${pair}`;
  for (const pair of ['two Augusts', 'spring to autumn'])
    for (const { title, change, category, into, cover } of measured[pair] ?? []) {
      yield { name: `F1 of change of any kind, ${title}`, value: round(change), on: on(pair) };
      for (const [key, { f1 }] of Object.entries(category)) yield { name: `F1 of change called ${key}, ${title}`, value: round(f1), on: on(pair) };
      for (const [key, { f1, truth }] of Object.entries(into))
        yield { name: `F1 of change into ${key}, ${title}`, value: round(f1), on: on(pair), note: `${truth} px true` };
      if (!title.startsWith('network')) for (const [key, { f1 }] of Object.entries(cover)) yield { name: `F1 of cover ${key}, ${title}`, value: round(f1), on: on(pair) };
    }
  if (speed !== null)
    for (const [key, value] of Object.entries(speed)) if (typeof value === 'number' && isSpeed(key)) yield { name: key, value, on: 'one core, shared with other work' };
}
const figures = (one, { sha256 }, isSpeed) => (one?.weights === sha256 ? [...metricsOf(one, isSpeed)] : []);
card.metrics = figures(measured, card.weights, (key) => !key.startsWith('int8'));
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);
const int8 = weightFile('-int8');
const variant = {
  ...card,
  id: `${name}-int8`,
  title: { zh: `${card.title.zh}，8 位整数`, en: `${card.title.en}, 8-bit integers` },
  weights: int8,
  series: seriesOf('-int8'),
  metrics: figures(measuredInt8, int8, (key) => key.startsWith('int8')),
  decisions: [`The network of the card ${name} in 8-bit integers: thresholds and fusion are those of that card.`, ...card.decisions],
};
writeFileSync(cardPath.replace(/\.json$/, '-int8.json'), `${JSON.stringify(variant, null, 2)}\n`);
const log = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
mkdirSync(join(here, 'record'), { recursive: true });
writeFileSync(join(here, `record/${name}.json`), `${JSON.stringify({ recipe: json(join(folder, 'recipe.json')), log, fusion: fitted, figures: measured, speed }, null, 1)}\n`);
process.stdout.write(`${cardPath}\n`);
