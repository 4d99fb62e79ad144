"""Stage `priors` (with `--base`): what the encoder's log odds of cover lack of the classes' real shares.

Training draws classes as often as they are needed, not as often as they occur, and weighs them; so crops are said too often, grass and
shrub too seldom. One number a class, by maximum likelihood on the held-out strips of the training places, every pixel of both dates
against the teacher; a common temperature is fitted beside them, or they would mend how sure the network is. Out: work/<name>/priors.json;
predict.py adds them to the weights, so every graph has them. The base has seen none of the judged places: folds and final use its numbers.
@see Saerens, Latinne & Decaestecker 2002, doi:10.1162/089976602753284446
"""
import json
import numpy as np
import torch
import torch.nn.functional as F
from place import Place, teacher
from predict import load, predict
from setup import folder, recipe, train_cities, work

CLASSES = len(recipe['classes'])
PER_DATE = 30000


def held_out():
    """Of every training place: log odds of cover [n,6] and the teacher's class [n] of its lower rows, both dates."""
    net = load(with_priors=False)
    for name in train_cities:
        dn = np.load(f'{work}/scenes/{name}.npz')['dn'].astype(np.float32) / 10000
        rows = slice(int(dn.shape[2] * (1 - recipe['heldOutRowsFraction'])), None)
        covers = predict(net, dn[0], dn[1], wants_cover=True)
        truth = teacher(name, dn.shape).argmax(1)
        yield (np.concatenate([c[:, rows].reshape(CLASSES, -1).T for c in covers]), np.concatenate([t[rows].ravel() for t in truth]))


def mean_iou(said, truth):
    counts = np.bincount(said * CLASSES + truth, minlength=CLASSES ** 2).reshape(CLASSES, CLASSES)
    both = np.diag(counts)
    return float((both / np.maximum(1, counts.sum(0) + counts.sum(1) - both)).mean())


def main():
    rng = np.random.default_rng(0)
    parts = [(x[at], y[at]) for x, y in held_out() for at in [rng.permutation(len(y))[:2 * PER_DATE]]]
    x, y = (torch.from_numpy(np.concatenate(a)) for a in zip(*parts))
    bias, temper = torch.zeros(CLASSES, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([bias, temper], max_iter=80)

    def loss():
        optimiser.zero_grad()
        value = F.cross_entropy((x + bias) * temper.exp(), y)
        value.backward()
        return value
    optimiser.step(loss)
    found = (bias - bias.mean()).detach()
    scored = {k: mean_iou((x + b).argmax(1).numpy(), y.numpy()) for k, b in (('mIoUWithout', 0), ('mIoU', found))}
    result = dict(priors={n: round(float(v), 3) for n, v in zip(recipe['classes'], found)}, **scored)
    json.dump(result, open(f'{folder}/priors.json', 'w'), indent=1)
    print(json.dumps(result, indent=1))


if __name__ == '__main__':
    main()
