"""Where things are, and the recipe: read by every stage."""
import json, os
import torch

here = os.path.dirname(os.path.abspath(__file__))
shared = os.environ.get('TIANWATCH_SHARED', os.path.join(here, '../../../shared')) + '/data'
work = os.environ.get('TIANWATCH_TRAINING', os.path.join(here, 'work'))
recipe = json.load(open(os.path.join(here, 'recipe.json')))
torch.set_num_threads(int(os.environ.get('THREADS', '1')))
