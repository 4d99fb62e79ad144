// `npm run train -- --stage <name> [--model gf-change] [--base | --fold k] [--seed n] [--iterations n]`: run one stage of the recipe, or all of them in order.
// A stage that was interrupted goes on from its last checkpoint. PYTHON names the interpreter (default /usr/bin/python3).
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const stages = {
  data: 'data.py',
  labels: 'teacher.mjs',
  landscapes: 'landscapes.ts',
  train: 'train.py',
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
  'series-looks': 'series-looks.ts',
  series: 'series.py',
};
/** A recipe without real places: card, words and figures of its own. */
const fineStages = {
  landscapes: 'landscapes.ts',
  train: 'train.py',
  expected: 'expected.py',
  export: 'export.py',
  parity: 'parity.mjs',
  card: 'fine-card.mjs',
  fusion: 'fine-fusion.ts',
  curves: 'curves.py',
};
const { values } = parseArgs({ options: { model: { type: 'string' }, stage: { type: 'string' }, fold: { type: 'string' }, seed: { type: 'string' }, iterations: { type: 'string' }, base: { type: 'boolean' } } });
const known = values.model === 'gf-change' ? fineStages : stages;
const wanted = values.stage === 'all' ? Object.keys(known) : [values.stage];
const passed = [...(values.base ? ['--base'] : []), ...['model', 'fold', 'seed', 'iterations'].flatMap((key) => (values[key] === undefined ? [] : [`--${key}`, values[key]]))];
for (const stage of wanted) {
  const file = known[stage];
  if (file === undefined) {
    process.stderr.write(`There is no stage ${stage}. Give --stage ${Object.keys(known).join(' | ')} | all.\n`);
    process.exit(2);
  }
  const program = file.endsWith('.py') ? (process.env.PYTHON ?? '/usr/bin/python3') : process.execPath;
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const { status } = spawnSync(program, [...loader, join(here, file), ...passed], { stdio: 'inherit', cwd: here });
  if (status !== 0) process.exit(status ?? 1);
}
