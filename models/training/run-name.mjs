// Name and folders of a run, as setup.py has them: --model, --base, --fold k and --seed n are part of the name.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const here = dirname(fileURLToPath(import.meta.url));
export const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { values } = parseArgs({ options: { model: { type: 'string', default: 's2-change' }, fold: { type: 'string' }, seed: { type: 'string', default: '0' }, iterations: { type: 'string' }, base: { type: 'boolean' } }, strict: false });
export const recipe = json(join(here, values.model === 's2-change' ? 'recipe.json' : `recipe-${values.model}.json`));
export const fold = values.fold === undefined ? null : Number(values.fold);
const ofPart = values.base ? '-base' : fold === null ? '' : `-fold${fold}`;
/** What is shipped, not a fold and not the base. */
export const isFinal = ofPart === '';
export const name = `${recipe.name}${ofPart}${Number(values.seed) === 0 ? '' : `-seed${values.seed}`}`;
export const work = process.env.TIANWATCH_TRAINING ?? join(here, 'work');
export const folder = join(work, name);
/** The card: that of a fold or of the base stays in the work folder too. */
export const cardPath = isFinal ? join(here, `../cards/${name}.json`) : join(folder, `${name}.json`);
/** Where the weights lie: those of a fold or of the base are for judging the recipe and stay in the work folder. */
export const weightsFolder = isFinal ? join(here, '../weights') : folder;
