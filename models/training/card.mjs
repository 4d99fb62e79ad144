// Stage `card`: write what was measured into ../cards/<name>.json: hash of the weights, threshold, metrics, expected values.
// record/<name>.json keeps recipe, sha256 of the inputs, training log and evaluation.
// The words of the card are edited in the card itself; this keeps them.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { name, evaluateCities } = json(join(here, 'recipe.json'));
const folder = join(process.env.TIANWATCH_TRAINING ?? join(here, 'work'), name);
const found = json(join(folder, 'evaluation.json'));
const weights = readFileSync(join(here, `../weights/${name}.onnx`));
const path = join(here, `../cards/${name}.json`);
const card = json(path);
const round = (value) => Math.round(value * 1e4) / 1e4;
const places = `${evaluateCities.length} cities with an urban-change mask, none of them seen in training`;
const metric = (label, value, on, note) => ({ name: label, value: round(value), on, ...(note ? { note } : {}) });

card.weights = {
  file: `../weights/${name}.onnx`,
  sha256: createHash('sha256').update(weights).digest('hex'),
  bytes: weights.length,
};
card.thresholds.network = found.threshold;
card.input.expected = json(join(folder, 'expected.json'));
card.metrics = [
  metric('F1 of change into built or bare, network alone', found.pooled.f1, places, 'pooled pixels'),
  metric('precision, network alone', found.pooled.precision, places),
  metric('recall, network alone', found.pooled.recall, places),
  metric('F1 of change into built or bare, network alone, without swir16 and swir22', found.pooledFourBands.f1, places),
  metric('F1 of change of any kind against the urban masks, network alone', found.pooledAnyClass.f1, places),
  ...Object.entries(found.cities).map(([city, { f1 }]) => metric('F1 of change into built or bare, network alone', f1, city)),
  metric('F1 of change, network alone', found.taizhou.f1, 'Taizhou, Landsat 7 at 30 m, never seen', 'stretched to the expected reflectance'),
  metric('mIoU of six cover classes against the teacher', found.coverMiou, places, 'agreement, not truth'),
  ...Object.entries(found.coverF1).map(([label, value]) => metric(`F1 of ${label} against the teacher`, value, places, 'agreement, not truth')),
  metric('F1 of pasted change', found.pastedF1, 'strips of the training cities held out of training', 'the threshold of the network alone was chosen here'),
  metric('expected calibration error', found.pastedEce, 'the same pasted change'),
  metric('share of pixels flagged, median of 45 pairs of months', found.belgium_s2_12month.median, 'Belgian fields', 'seen in training'),
  metric('share of pixels flagged, worst of 45 pairs of months', found.belgium_s2_12month.worst, 'Belgian fields', 'seen in training'),
  metric('share of pixels flagged, median of 15 pairs of dates', found.boadella_series.median, 'Boadella reservoir', 'seen in training'),
  ...Object.entries(found.shiftedStablePair).map(([by, value]) => metric(`share of pixels flagged, one image shifted by ${by}`, value, places)),
];
writeFileSync(path, `${JSON.stringify(card, null, 2)}\n`);
const lines = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const record = { recipe: json(join(here, 'recipe.json')), inputs: json(join(folder, '../data.json')), log: lines, evaluation: found };
mkdirSync(join(here, 'record'), { recursive: true });
writeFileSync(join(here, `record/${name}.json`), `${JSON.stringify(record, null, 1)}\n`);
