"""Where things are, the recipe, and what this run learns from; read by every stage.

`--fold k` leaves the places of recipe.folds[k] out and works under the name s2-change-fold<k>; without it those of recipe.unseen are.
`--iterations n` says another number of them than the recipe, also for a training that goes on: the rest of the schedule is then stretched
or squeezed. `--seed n` (default 0) is added to the recipe's seed; other seeds than 0 show in the name.
"""
import argparse, json, os
import torch

parser = argparse.ArgumentParser()
parser.add_argument('--fold', type=int)
parser.add_argument('--seed', type=int, default=0)
parser.add_argument('--iterations', type=int)
arguments, _ = parser.parse_known_args()

here = os.path.dirname(os.path.abspath(__file__))
shared = os.environ.get('TIANWATCH_SHARED', os.path.join(here, '../../../shared')) + '/data'
work = os.environ.get('TIANWATCH_TRAINING', os.path.join(here, 'work'))
recipe = json.load(open(os.path.join(here, 'recipe.json')))
fold = arguments.fold
seed = recipe['seed'] + arguments.seed
left_out = recipe['unseen'] if fold is None else recipe['folds'][fold]
cities = sorted(recipe['maskedCities'] + recipe['otherCities'])
train_cities = [c for c in cities if c not in left_out]
train_series = [s for s in recipe['stableSeries'] if s not in left_out]
iterations = arguments.iterations or recipe['iterations']['final' if fold is None else 'fold']
name = recipe['name'] + ('' if fold is None else f'-fold{fold}') + (f'-seed{arguments.seed}' if arguments.seed else '')
folder = f'{work}/{name}'
torch.set_num_threads(int(os.environ.get('THREADS', '1')))
