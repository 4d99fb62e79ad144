"""Stage `series`: the network that says of one look which ground it shows, into ../series/<name>.json; shares and rates there stay.

Hidden layers over the roots of the cover probabilities and the encoder's input, of the pixel and about it, and the season. Grounds count alike whatever their share,
so that what comes out is a likelihood; SWIR is left out now and then, as the encoder learnt it.
"""
import datetime, hashlib, json, os
import numpy as np
import torch
from torch import nn
from setup import here, work

recipe = json.load(open(os.path.join(here, 'series.json')))
path = os.path.join(here, '../series/s2-change.json')
model = json.load(open(path))
grounds = [g['name'] for g in model['grounds']]
rng = np.random.default_rng(recipe['seed'])
torch.manual_seed(recipe['seed'])


def around(planes, seen):
    """Means and deviations of planes over the seen pixels of the square about each, as pipeline/change/look-inputs.ts."""
    wide = 2 * recipe['contextPx'] + 1

    def box(values):
        padding = [(0, 0)] * (values.ndim - 2) + [(wide // 2 + 1, wide // 2)] * 2
        sums = np.cumsum(np.cumsum(np.pad(values, padding), -1), -2)
        return sums[..., wide:, wide:] - sums[..., :-wide, wide:] - sums[..., wide:, :-wide] + sums[..., :-wide, :-wide]

    planes = planes.astype(np.float64)
    number = np.maximum(box(seen.astype(np.float64)), 1)
    mean = box(planes * seen) / number
    return mean, np.sqrt(np.maximum(box(planes**2 * seen) / number - mean**2, 0))


def samples(seed):
    folder = f'{work}/series/{seed}'
    looks = json.load(open(f'{folder}/looks.json'))
    assert looks['grounds'] == grounds
    side = looks['sizePx']
    pixels = side**2
    xs, ys, days = [], [], []
    for date in looks['dates']:
        read = lambda part, kind: np.fromfile(f'{folder}/{date}-{part}', kind)
        cover, image = read('cover.u8', np.uint8).reshape(-1, pixels), read('input.i8', np.int8).reshape(-1, pixels)
        seen = read('seen.u8', np.uint8) == 1
        own = np.concatenate([np.sqrt(cover / 255), image / 30]).astype(np.float32)
        mean, deviation = around(own.reshape(-1, side, side), seen.reshape(side, side))
        all_of = np.concatenate([own, mean.reshape(-1, pixels), deviation.reshape(-1, pixels)[len(cover):]])
        ground = np.where(seen, read('ground.u8', np.uint8), 255)
        for k in range(len(grounds)):
            at = np.flatnonzero(ground == k)
            at = rng.choice(at, min(recipe['samplesPerGround'], len(at)), replace=False)
            xs.append(all_of[:, at].T.astype(np.float16))
            ys.append(np.full(len(at), k))
            days.append(np.full(len(at), datetime.date.fromisoformat(date).timetuple().tm_yday))
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(days)


def inputs(x, day, without_swir=0.0):
    x = x.astype(np.float32)
    x[np.ix_(rng.random(len(x)) < without_swir, [10, 11, 22, 23, 28, 29])] = 0
    angle = 2 * np.pi * day / 365.25
    season = np.stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)], 1)
    return torch.from_numpy(np.concatenate([x, season], 1).astype(np.float32))


def balanced(y):
    weight = (1 / np.maximum(np.bincount(y, minlength=len(grounds)), 1))[y]
    return weight / weight.sum()


def main():
    parts = [samples(seed) for seed in recipe['seeds']]
    x, y, day = (np.concatenate([part[k] for part in parts]) for k in range(3))
    widths = [x.shape[1] + 4, *recipe['hidden'], len(grounds)]
    layers = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.ReLU())]
    net = nn.Sequential(*layers[:-1])
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=recipe['steps'])
    total = np.cumsum(balanced(y))
    for _ in range(recipe['steps']):
        at = np.minimum(np.searchsorted(total, rng.random(recipe['batch'])), len(y) - 1)
        scores = net(inputs(x[at], day[at], recipe['withoutSwir']))
        loss = nn.functional.cross_entropy(scores, torch.from_numpy(y[at]), label_smoothing=0.01)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    x, y, day = samples(recipe['heldOutSeed'])
    with torch.no_grad():
        p = torch.softmax(net(inputs(x, day)), 1).numpy()
    print('balanced log loss on the seed left out', round(float(-(balanced(y) * np.log(np.maximum(p[np.arange(len(y)), y], 1e-4))).sum()), 3))
    for k, name in enumerate(grounds):
        if (y == k).any():
            print(f'{name:12s} {float((p[y == k].argmax(1) == k).mean()):.2f}')
    encoder = os.path.join(here, '../weights/s2-change-encoder.onnx')
    model['encoder'] = {'model': 's2-change', 'sha256': hashlib.sha256(open(encoder, 'rb').read()).hexdigest()}
    numbers = lambda tensor: [round(float(v), 4) for v in tensor]
    model['look']['contextPx'] = recipe['contextPx']
    model['layers'] = [{'weights': [numbers(row) for row in m.weight], 'bias': numbers(m.bias)} for m in net if isinstance(m, nn.Linear)]
    # it was learnt from what other layers said: stage `series-memory` comes next
    model.pop('memory', None)
    json.dump(model, open(path, 'w'), ensure_ascii=False, indent=1)


if __name__ == '__main__':
    main()
