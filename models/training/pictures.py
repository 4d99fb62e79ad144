"""Stage `pictures`: windows of held-out landscapes in which the network errs most, class by class, for the page of the card.

Out: ../../docs/pictures/<name>-failures.png: both dates, truth and network of the later one, change found (white), missed (red) and
wrongly flagged (yellow). Of simulated ground alone: real imagery is not ours to pass on.
"""
import json
import numpy as np
import torch
import matplotlib
matplotlib.use('Agg')
from matplotlib import pyplot
from landscape import CLEAR, Landscapes, shifted
from net import probabilities, settled
from predict import load
from scaling import joint_log, scene_scale
from setup import folder, here, name, recipe

CLASSES = recipe['classes']
CLASS_MAP = recipe.get('classMap', 'cover-6')
SIDE, SHOWN = 160, 640
PAIRS, LEAST = ((2, 5), (1, 6)), 150
colour = {c['name']: c['colour'] for c in json.load(open(f"{here}/../classes/{CLASS_MAP}.json"))['classes']}
palette = np.array([[int(colour[c][k:k + 2], 16) for k in (1, 3, 5)] for c in CLASSES], np.uint8)
threshold = json.load(open(f"{here}/../cards/{name}.json"))['thresholds']['network']
if CLASS_MAP == 'cover-6':
    # summers a year apart, of 10 m
    SIDE, PAIRS, LEAST = 96, ((2, 6), (6, 2)), 60


def rgb(x):
    x = x[[2, 1, 0]]
    low, high = np.quantile(x, [0.01, 0.97], axis=(1, 2))[..., None, None]
    return np.clip((x - low) / (high - low), 0, 1).transpose(1, 2, 0)


@torch.no_grad()
def judged(net, land, before, after):
    x = [land.dn[k, :, :SHOWN, :SHOWN].astype(np.float32) * np.float32(1e-4) for k in (before, after)]
    # registered as the product does
    x = [shifted(v, *np.clip(-land.shift[k], -0.95, 0.95)) if CLASS_MAP == 'cover-6' else v for v, k in zip(x, (before, after))]
    n = [joint_log(v, *scene_scale(land.q[k])) for v, k in zip(x, (before, after))]
    c1, c2, change = net(*(torch.from_numpy(a)[None] for a in n))
    still = probabilities(change)[:, :1]
    said = settled(probabilities(c1), probabilities(c2), still)[1]
    return x, said.argmax(1)[0].numpy(), 1 - still[0, 0].numpy() >= threshold


def changed_between(land, before, after):
    """Where the ground is another one: at 2 m as painted; at 10 m by the changes, for seasons change what is painted."""
    if CLASS_MAP == 'cover-6':
        return land.changed(before, after)[land.owner[:SHOWN, :SHOWN]]
    return land.cover[before, :SHOWN, :SHOWN] != land.cover[after, :SHOWN, :SHOWN]


net = load()
windows = {}
for land in Landscapes(True).all:
    for before, after in PAIRS:
        x, said, flagged = judged(net, land, before, after)
        true = [land.cover[k, :SHOWN, :SHOWN] for k in (before, after)]
        clear = (land.cloud[before, :SHOWN, :SHOWN] == CLEAR) & (land.cloud[after, :SHOWN, :SHOWN] == CLEAR)
        changed = changed_between(land, before, after)
        for r in range(0, SHOWN - SIDE + 1, SIDE):
            for c in range(0, SHOWN - SIDE + 1, SIDE):
                at = slice(r, r + SIDE), slice(c, c + SIDE)
                for k, label in enumerate(CLASSES):
                    wrong = ((true[1][at] == k) & (said[at] != k) & clear[at]).sum()
                    if clear[at].mean() > 0.9 and wrong > windows.get(label, (LEAST,))[0]:
                        windows[label] = (wrong, [rgb(v)[at] for v in x], palette[true[1]][at], palette[said][at], changed[at], flagged[at])
rows = sorted(windows.items(), key=lambda item: -item[1][0])[:6]
figure, axes = pyplot.subplots(len(rows), 5, figsize=(10, 2.1 * len(rows)), dpi=60, squeeze=False)
for line, (label, (wrong, images, truth, said, changed, flagged)) in zip(axes, rows):
    found = np.zeros((SIDE, SIDE, 3), np.uint8)
    found[changed & flagged], found[changed & ~flagged], found[~changed & flagged] = (255, 255, 255), (230, 40, 40), (240, 200, 40)
    for axis, image, title in zip(line, [*images, truth, said, found], ['before', 'after', 'truth', 'network', 'change']):
        axis.imshow(image), axis.set_xticks([]), axis.set_yticks([])
        axis.set_title(title, fontsize=8)
    line[0].set_ylabel(f'{label}: {wrong} px wrong', fontsize=8)
figure.tight_layout()
figure.savefig(f'{here}/../../docs/pictures/{name}-failures.png', metadata={'Software': None})
