"""Stage `curves`: work/<name>/log.jsonl as record/<name>-curves.png: losses, held-out agreement and false alarms by iteration."""
import json, os
import matplotlib
matplotlib.use('Agg')
from matplotlib import pyplot
from setup import folder, here, name

lines = [json.loads(line) for line in open(f'{folder}/log.jsonl')]
panels = {
    'losses': ['trainCover', 'cover', 'trainChange', 'change'],
    'held-out strips': ['teacher', 'cropsF1', 'precision', 'recall', 'f1'],
    'unchanged crop land flagged at recall .70': ['cropAlarmsAtRecall70'],
}
figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.2), dpi=72)
for axis, (title, keys) in zip(axes, panels.items()):
    for key in keys:
        axis.plot([line['iteration'] for line in lines], [line[key] for line in lines], label=key)
    axis.set_title(title, fontsize=9), axis.set_xlabel('iteration', fontsize=8), axis.tick_params(labelsize=7)
    axis.set_ylim(bottom=0), axis.grid(alpha=0.3), axis.legend(fontsize=7)
figure.tight_layout()
os.makedirs(f'{here}/record', exist_ok=True)
figure.savefig(f'{here}/record/{name}-curves.png', metadata={'Software': None})
