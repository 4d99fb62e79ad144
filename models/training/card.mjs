// Stage `card`: hash of the weights, thresholds, expected values and metrics into a card made from card-base.json, whose words are
// edited there: ../cards/<name>.json and its variant in 8 bits; of a fold or the base work/<name>/<name>.json (give its path as --model).
// record/<name>.json keeps the recipe that the training began with, sha256 of the inputs, training log and evaluation. Figures come from
// product.json, if that is about these weights: `npx tsx scripts/evaluate.ts --json <work>/<name>/product.json`.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardPath, fold, folder, here, isFinal, json, name, recipe, weightsFolder, work } from './run-name.mjs';

const optional = (path) => (existsSync(path) ? json(path) : null);
const found = json(join(folder, 'evaluation.json'));
const weightFile = (suffix) => {
  const bytes = readFileSync(join(weightsFolder, `${name}${suffix}.onnx`));
  const file = `${isFinal ? '../weights/' : ''}${name}${suffix}.onnx`;
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
};
const seriesOf = (form) => ({
  encoder: weightFile(`${form}-encoder`),
  head: weightFile(`${form}-head`),
  classes: recipe.classes.map((_, code) => code),
  features: ['half', 'quarter'].map((feature, k) => ({ name: feature, channels: recipe.widths[k], stridePx: 2 ** (k + 1) })),
});
const left = fold !== null ? recipe.folds[fold] : isFinal ? [] : recipe.unseen;
// the base has never seen the place that the fusion is fitted on: what it found holds for all trainings that go on from it
const fitted = optional(join(work, `${recipe.name}-base`, 'fusion.json'));
const patches = optional(join(folder, 'patches.json'));
const product = optional(join(folder, 'product.json'));
// rows of folds that were judged after it: `npx tsx scripts/evaluate.ts --only folds --json <work>/<name>/folds.json`
const later = optional(join(folder, 'folds.json'));
if (product !== null && later !== null) {
  const isOfFolds = ({ from }) => from.startsWith('committed log');
  product.folds = later.folds;
  product.goals = [...later.goals.filter(isOfFolds), ...product.goals.filter((goal) => !isOfFolds(goal))];
}

const round = (value) => Math.round(value * 1e4) / 1e4;
const metric = (label, value, on, note) => ({ name: label, value: round(value), on, ...(note ? { note } : {}) });
const voices = {
  irmad: 'IR-MAD alone', vectors: 'change vectors alone', network: 'network alone', fused: 'fused',
  difference: 'differenced maps of Dynamic World', soft: 'soft difference of Dynamic World', indices: 'NDVI lost and NDBI gained',
};
const interval = (row) => (row.interval ? `; 95 % over places ${row.interval.map(round).join('-')}` : '');
const methodMetrics = (rows, what, on) =>
  rows
    .filter(({ filter, method, threshold }) => filter !== 'none' && (method !== 'fused' || threshold === 'as shipped'))
    .map((row) => metric(`F1 of ${what}, ${voices[row.method]}`, row.f1, on, `precision ${round(row.precision)}, recall ${round(row.recall)}, threshold ${row.threshold}${interval(row)}`));

/** What the whole decision reaches. Cities: from the folds, whose weights never saw them; these weights saw their images, never a mask. */
function productMetrics() {
  if (product === null || product.weightsSha256 !== card.weights.sha256) return [];
  const { folds, goals, simulated, simulatedPlaces } = product;
  const unseen = folds ? `${Object.keys(folds.places).length} cities, each by the fold that never saw it` : '';
  return [
    ...goals.map(({ what, value, from }) => metric(what, value, from)),
    ...(folds ? methodMetrics(folds.methods, 'change into built or bare', unseen) : []),
    ...(folds
      ? Object.entries(folds.places).map(([city, { irmad, vectors, network, fused }]) =>
          metric('F1 of change into built or bare, fused, by the fold that never saw the place', fused, city, `IR-MAD ${round(irmad)}, change vectors ${round(vectors)}, network ${round(network)}, each at its best pooled threshold`),
        )
      : []),
    ...(folds
      ? folds.recall.filter(({ recall }) => recall === 0.4).map(({ method, cropAlarms, precision }) =>
          metric(`km² flagged in 1000 km² of unchanged crop land at recall .40, ${voices[method]}`, cropAlarms ?? 0, unseen, `precision ${round(precision)}`),
        )
      : []),
    ...(simulated ? methodMetrics(simulated, 'change into built or bare', 'simulated landscapes of test seeds 1-5, two Augusts') : []),
    ...(simulatedPlaces ? Object.entries(simulatedPlaces).map(([place, { fused }]) => metric('F1 of change into built or bare, fused, simulated', fused, place)) : []),
  ];
}

const card = json(join(here, 'card-base.json'));
card.id = name;
card.weights = weightFile('');
if (isFinal) card.series = seriesOf('');
card.thresholds.network = found.threshold;
if (fitted !== null) {
  card.thresholds.change = fitted.threshold;
  card.fusion = fitted.fusion;
}
if (patches?.weights === card.weights.sha256 && patches.change === card.thresholds.change) card.thresholds.patches = patches.thresholds;
card.input.expected = json(join(folder, 'expected.json'));
const used = [...recipe.maskedCities, ...recipe.otherCities].filter((city) => !left.includes(city)).sort();
card.trainingData[0].name = card.trainingData[0].name.replace(' (places)', `: ${used.join(', ')}`);
const seriesWord = { belgium_s2_12month: 'Belgian', boadella_series: 'Boadella' };
card.trainingData = card.trainingData.filter(({ name: data }) => !left.some((series) => seriesWord[series] && data.includes(seriesWord[series])));
card.metrics = [
  ...productMetrics(),
  metric('F1 of pasted change, network alone', found.pastedF1, 'strips of the training places held out of training', 'the threshold of the network alone was chosen here'),
  metric('expected calibration error, network alone', found.pastedEce, 'the same pasted change'),
];
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);
process.stdout.write(`${cardPath}\n`);

if (isFinal) {
  const lost = product?.goals?.find(({ what }) => what.startsWith('F1 lost in 8 bits'));
  const int8 = {
    ...card,
    id: `${name}-int8`,
    title: { zh: `${card.title.zh}，8 位整数`, en: `${card.title.en}, 8-bit integers` },
    weights: weightFile('-int8'),
    series: seriesOf('-int8'),
    metrics: card.metrics.length > 2 && lost ? [metric(lost.what, lost.value, lost.from), ...card.metrics.filter(({ name: what }) => what.includes('8 bits, Mpx'))] : [],
    decisions: [`The network of the card ${name} in 8-bit integers (about half the time): thresholds, fusion and all other figures are those of that card.`, ...card.decisions],
  };
  writeFileSync(cardPath.replace(/\.json$/, '-int8.json'), `${JSON.stringify(int8, null, 2)}\n`);
}

const log = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const record = { recipe: json(join(folder, 'recipe.json')), leftOut: left, inputs: json(join(work, 'data.json')), log, evaluation: found, priors: optional(join(work, `${recipe.name}-base`, 'priors.json')), fusion: fitted, patches, product, speed: optional(join(folder, 'speed.json')) };
mkdirSync(join(here, 'record'), { recursive: true });
writeFileSync(join(here, `record/${name}.json`), `${JSON.stringify(record, null, 1)}\n`);
