"""Where things are, the recipe, and what this run learns from; read by every stage.

A training is one of three parts: `--base` leaves the places of recipe.unseen out, which are all that a mask can judge, and works under
the name s2-change-base; `--fold k` goes on from the base with all places but those of recipe.folds[k] (s2-change-fold<k>), which neither
of the two has seen; without either it goes on from the base with all places (s2-change): what is shipped.
`--model gf-change` takes recipe-gf-change.json, which knows neither base nor folds: it learns from simulation alone.
`--iterations n` says another number of them than the recipe, also for a training that goes on: the rest of the schedule is then stretched
or squeezed. `--seed n` (default 0) is added to the recipe's seed; other seeds than 0 show in the name.
"""
import argparse, json, os
import torch

parser = argparse.ArgumentParser()
parser.add_argument('--model', default='s2-change')
parser.add_argument('--fold', type=int)
parser.add_argument('--base', action='store_true')
parser.add_argument('--seed', type=int, default=0)
parser.add_argument('--iterations', type=int)
arguments, _ = parser.parse_known_args()

here = os.path.dirname(os.path.abspath(__file__))
shared = os.environ.get('TIANWATCH_SHARED', os.path.join(here, '../../../shared')) + '/data'
work = os.environ.get('TIANWATCH_TRAINING', os.path.join(here, 'work'))
recipe = json.load(open(os.path.join(here, 'recipe.json' if arguments.model == 's2-change' else f'recipe-{arguments.model}.json')))
fold = arguments.fold
seed = recipe['seed'] + arguments.seed
part = 'base' if arguments.base else 'final' if fold is None else 'fold'
left_out = [] if part == 'final' else recipe['unseen'] if part == 'base' else recipe['folds'][fold]
cities = sorted(recipe.get('maskedCities', []) + recipe.get('otherCities', []))
train_cities = [c for c in cities if c not in left_out]
train_series = [s for s in recipe.get('stableSeries', []) if s not in left_out]
iterations = arguments.iterations or recipe['iterations'][part]
name = recipe['name'] + dict(base='-base', final='', fold=f'-fold{fold}')[part] + (f'-seed{arguments.seed}' if arguments.seed else '')
folder, base_folder = f'{work}/{name}', f"{work}/{recipe['name']}-base"
torch.set_num_threads(int(os.environ.get('THREADS', '1')))
