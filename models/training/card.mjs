// Stage `card`: hash of the weights, threshold, expected values and metrics into a card made from card-base.json, whose words are
// edited there: ../cards/<name>.json, of a fold work/<name>/<name>.json (give its path as --model). record/<name>.json keeps the recipe that the
// training began with, sha256 of the inputs, training log and evaluation.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardPath, fold, folder, here, isFinal, json, name, recipe, weightsFolder, work } from './run-name.mjs';

const found = json(join(folder, 'evaluation.json'));
const weightFile = (suffix) => {
  const bytes = readFileSync(join(weightsFolder, `${name}${suffix}.onnx`));
  const file = `${isFinal ? '../weights/' : ''}${name}${suffix}.onnx`;
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
};
const round = (value) => Math.round(value * 1e4) / 1e4;
const left = fold === null ? [] : recipe.folds[fold];
const places = `${found.places.join(', ')}: masks never used, images ${found.isSeen ? 'learnt from' : 'never seen'}`;
const metric = (label, value, on, note) => ({ name: label, value: round(value), on, ...(note ? { note } : {}) });
const seriesNames = Object.keys(recipe.stableSeries);
const optional = (file) => (existsSync(join(folder, file)) ? json(join(folder, file)) : null);
const [fitted, patches, product] = ['fusion.json', 'patches.json', 'product.json'].map(optional);
/** What `npx tsx scripts/evaluate.ts --model <card> --json work/<name>/product.json` measured of the whole decision. */
function productMetrics() {
  if (product === null) return [];
  const tables = [
    ['cities', places],
    ['taizhou', 'Taizhou, Landsat 7 at 30 m, never seen'],
    ['simulated', 'simulated landscapes of test seeds 1-5, two Augusts, 1024 × 1024 px at 10 m'],
  ];
  const voices = { irmad: 'IR-MAD alone', vectors: 'change vectors alone', network: 'network alone', fused: 'fused as shipped' };
  const ofTables = tables.flatMap(([key, on]) =>
    (product[key] ?? [])
      .filter(({ method, filter, threshold }) => filter === 'built/bare' && (method !== 'fused' || threshold === 'as shipped'))
      .map(({ method, f1, threshold, interval }) =>
        metric(`F1 of change into built or bare, ${voices[method]}`, f1, on, `threshold ${threshold}${interval ? `; 95 % over places ${interval.map(round).join('-')}` : ''}`),
      ),
  );
  const ofPlaces = Object.entries(product.places ?? {}).map(([city, { irmad, vectors, network, fused }]) =>
    metric('F1 of change into built or bare, fused as shipped', fused, city, `IR-MAD ${round(irmad)}, change vectors ${round(vectors)}, network ${round(network)}, each at its best pooled threshold`),
  );
  const ofAlarms = Object.entries(product.cropAlarms ?? {})
    .filter(([, value]) => value !== null)
    .map(([method, value]) => metric(`km² flagged in 1000 km² of unchanged crop land at recall 0.40, ${voices[method]}`, value, places));
  const ofSeries = [['belgium', seriesNames[0]], ['boadella', seriesNames[1]]].flatMap(([key, on]) =>
    product[key] === undefined
      ? []
      : [
          metric(`share of observed ground flagged, fused as shipped, median of ${product[key].pairs} pairs`, product[key].median, on, 'seen in training'),
          metric(`share of observed ground flagged, fused as shipped, worst of ${product[key].pairs} pairs`, product[key].worst, on, 'seen in training'),
        ],
  );
  const ece = product.simulatedEce === undefined ? [] : [metric('expected calibration error, fused', product.simulatedEce, 'simulated landscapes of test seeds 1-5')];
  return [...ofTables, ...ofPlaces, ...ofAlarms, ...ofSeries, ...ece];
}

const card = json(join(here, 'card-base.json'));
card.id = name;
card.weights = weightFile('');
card.series = {
  encoder: weightFile('-encoder'),
  head: weightFile('-head'),
  classes: recipe.classes.map((_, code) => code),
  features: ['half', 'quarter'].map((feature, k) => ({ name: feature, channels: recipe.widths[k], stridePx: 2 ** (k + 1) })),
};
card.thresholds.network = found.threshold;
if (fitted?.weights === card.weights.sha256) {
  card.thresholds.change = fitted.threshold;
  card.fusion = fitted.fusion;
}
if (patches?.weights === card.weights.sha256) card.thresholds.patches = patches.thresholds;
card.input.expected = json(join(folder, 'expected.json'));
const used = [...recipe.maskedCities, ...recipe.otherCities].filter((city) => !left.includes(city)).sort();
card.trainingData[0].name = card.trainingData[0].name.replace('(places)', `: ${used.join(', ')}`).replace(' :', ':');
card.trainingData = card.trainingData.filter(({ name: data }) => !left.some((series) => data.includes(series.startsWith('belgium') ? 'Belgian' : 'Boadella') && seriesNames.includes(series)));
const cropAlarms = found.cropAlarmsAtRecall40;
card.metrics = [
  ...productMetrics(),
  metric('F1 of change into built or bare, network alone', found.pooled.f1, places, 'pooled pixels'),
  metric('precision, network alone', found.pooled.precision, places),
  metric('recall, network alone', found.pooled.recall, places),
  metric('F1 of change into built or bare, network alone, without swir16 and swir22', found.fourBands.f1, places),
  metric('F1 of change into built or bare, network alone, each date scaled by itself', found.eachDateByItself.f1, places),
  metric('F1 of change of any kind against the urban masks, network alone', found.anyClass.f1, places),
  ...Object.entries(found.cities).map(([city, { f1 }]) => metric('F1 of change into built or bare, network alone', f1, city)),
  ...(cropAlarms.km2In1000 === null ? [] : [metric('km² flagged in 1000 km² of unchanged crop land at recall 0.40, network alone', cropAlarms.km2In1000, places)]),
  metric('F1 of change, network alone', found.taizhou.f1, 'Taizhou, Landsat 7 at 30 m, never seen', 'stretched to the expected reflectance'),
  metric('mIoU of six cover classes against the teacher', found.cover.mIoU, places, 'agreement, not truth'),
  ...Object.entries(found.cover.f1).map(([label, value]) => metric(`F1 of ${label} against the teacher`, value, places, 'agreement, not truth')),
  metric('F1 of pasted change', found.pastedF1, 'strips of the training places held out of training', 'the threshold of the network alone was chosen here'),
  metric('expected calibration error', found.pastedEce, 'the same pasted change'),
  ...seriesNames.flatMap((series) => {
    const { pairs, median, worst, isLearntFrom } = found[series];
    const note = isLearntFrom ? 'seen in training' : 'never seen';
    return [
      metric(`share of pixels flagged, median of ${pairs} pairs of dates`, median, series, note),
      metric(`share of pixels flagged, worst of ${pairs} pairs of dates`, worst, series, note),
    ];
  }),
  ...Object.entries(found.shiftedStablePair).map(([by, value]) => metric(`share of pixels flagged, one image shifted by ${by}`, value, places)),
];
writeFileSync(cardPath, `${JSON.stringify(card, null, 2)}\n`);

const log = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const speed = existsSync(join(folder, 'speed.json')) ? json(join(folder, 'speed.json')) : null;
const record = { recipe: json(join(folder, 'recipe.json')), leftOut: left, inputs: json(join(work, 'data.json')), log, evaluation: found, fusion: fitted, patches, product, speed };
mkdirSync(join(here, 'record'), { recursive: true });
writeFileSync(join(here, `record/${name}.json`), `${JSON.stringify(record, null, 1)}\n`);
process.stdout.write(`${cardPath}\n`);
