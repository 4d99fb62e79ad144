// Name and folders of a run, as setup.py has them: --fold k and --seed n are part of the name.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const here = dirname(fileURLToPath(import.meta.url));
export const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
export const recipe = json(join(here, 'recipe.json'));
const { values } = parseArgs({ options: { fold: { type: 'string' }, seed: { type: 'string', default: '0' }, iterations: { type: 'string' } } });
export const fold = values.fold === undefined ? null : Number(values.fold);
const ofFold = fold === null ? '' : `-fold${fold}`;
export const name = `${recipe.name}${ofFold}${Number(values.seed) === 0 ? '' : `-seed${values.seed}`}`;
export const work = process.env.TIANWATCH_TRAINING ?? join(here, 'work');
export const folder = join(work, name);
/** The card: that of a fold stays in the work folder too. */
export const cardPath = fold === null ? join(here, `../cards/${name}.json`) : join(folder, `${name}.json`);
/** Where the weights lie: those of a fold are for judging the recipe and stay in the work folder. */
export const weightsFolder = fold === null ? join(here, '../weights') : folder;
