// `npm run train -- --stage <name> [--model gf-change] [--base | --fold k] [--seed n] [--iterations n]`: run one stage of the recipe, or all of them in order.
// A stage that was interrupted goes on from its last checkpoint. PYTHON names the interpreter (default /usr/bin/python3).
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const stages = {
  data: 'data.py',
  labels: 'teacher.mjs',
  landscapes: 'landscapes.ts',
  train: 'train.py',
  priors: 'priors.py',
  expected: 'expected.py',
  export: 'export.py',
  quantise: 'quantise.py',
  parity: 'parity.mjs',
  evaluate: 'evaluate.py',
  card: 'card.mjs',
  curves: 'curves.py',
  simulate: 'simulate.py',
  fusion: 'fusion.ts',
  patches: 'patches.ts',
  pictures: 'pictures.py',
  'series-looks': 'series-looks.ts',
  series: 'series.py',
  'series-memory': 'series_memory.py',
};
/** A recipe without real places: card, words and figures of its own. */
const fineStages = {
  landscapes: 'landscapes.ts',
  train: 'train.py',
  expected: 'expected.py',
  export: 'export.py',
  quantise: 'quantise.py',
  parity: 'parity.mjs',
  card: 'fine-card.mjs',
  fusion: 'fine-fusion.ts',
  curves: 'curves.py',
  pictures: 'pictures.py',
};
/** For users' own labels; no part of `all`. */
const own = { finetune: 'finetune.py' };
const { values } = parseArgs({ options: { model: { type: 'string' }, stage: { type: 'string' }, fold: { type: 'string' }, seed: { type: 'string' }, iterations: { type: 'string' }, base: { type: 'boolean' }, places: { type: 'string' }, before: { type: 'string' }, after: { type: 'string' }, labels: { type: 'string' } } });
const isPath = (key) => ['places', 'before', 'after', 'labels'].includes(key);
// stages run in this folder
const paths = (text) => text.split(',').map((path) => resolve(path)).join(',');
const known = values.model === 'gf-change' ? fineStages : stages;
const wanted = values.stage === 'all' ? Object.keys(known) : [values.stage];
const passed = [...(values.base ? ['--base'] : []), ...['model', 'fold', 'seed', 'iterations', 'places', 'before', 'after', 'labels'].flatMap((key) => (values[key] === undefined ? [] : [`--${key}`, isPath(key) ? paths(values[key]) : values[key]]))];
for (const stage of wanted) {
  const file = { ...known, ...own }[stage];
  if (file === undefined) {
    process.stderr.write(`There is no stage ${stage}. Give --stage ${Object.keys({ ...known, ...own }).join(' | ')} | all.\n`);
    process.exit(2);
  }
  const program = file.endsWith('.py') ? (process.env.PYTHON ?? '/usr/bin/python3') : process.execPath;
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const { status } = spawnSync(program, [...loader, join(here, file), ...passed], { stdio: 'inherit', cwd: here });
  if (status !== 0) process.exit(status ?? 1);
}
