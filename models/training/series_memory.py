"""Stage `series-memory`: the recurrent unit that corrects the filter of a series, into ../series/<name>.json as `memory`.

What the filter knows of sampled pixels through the looks of simulated series, that the network of looks did not learn from; target: whether the ground
is of another class than at the first look, and of which. All changed pixels count as often as they are, so what comes out is a probability at the
density of changes of these landscapes; `caution` puts it right. `--parity <file>` writes what test/unit compares the product with.
"""
import hashlib, json, os, sys
import numpy as np
import torch
from torch import nn
from series_filter import Filter, Likelihood, classes, ordinal, season_of
from setup import here, work

recipe = json.load(open(os.path.join(here, 'series.json')))
own = recipe['memory']
path = os.path.join(here, '../series/s2-change.json')
model = json.load(open(path))
class_of = np.array([ground['class'] for ground in model['grounds']])
grounds = len(class_of)
rng = np.random.default_rng(recipe['seed'])
torch.manual_seed(recipe['seed'])


def sequences(seed):
    """Sampled pixels of one landscape → what was known [pixel, look, 27], seen, target, weight of each pixel; dates."""
    looks = json.load(open(f'{work}/series/{seed}/looks.json'))
    side, cropped = looks['sizePx'], own['cropPx']
    first = (side - cropped) // 2
    cut = lambda plane: np.ascontiguousarray(plane.reshape(-1, side, side)[:, first:first + cropped, first:first + cropped]).reshape(-1, cropped**2)
    likelihood, known, seens, targets, before = Likelihood(model), [], [], [], None
    state = Filter(model, cropped**2)
    doubted, last = np.zeros(cropped**2, np.float32), None
    for date in looks['dates']:
        read = lambda part, kind: cut(np.fromfile(f'{work}/series/{seed}/{date}-{part}', kind))
        seen, ground = read('seen.u8', np.uint8)[0] == 1, class_of[read('ground.u8', np.uint8)[0]]
        said = likelihood.of(read('cover.u8', np.uint8), read('input.i8', np.int8) / 30, seen.reshape(cropped, cropped), date)
        filtered = state.step(0 if last is None else ordinal(date) - ordinal(last), said, torch.from_numpy(seen))
        before = ground if before is None else before
        doubted = np.maximum(doubted, np.where(seen & (ground == before), 1 - filtered[:, 0].numpy(), 0))
        known.append(np.concatenate([said.numpy(), filtered.numpy()], 1).astype(np.float16))
        seens.append(seen)
        targets.append(np.where(ground == before, 0, 1 + ground).astype(np.int64))
        last = date
    changed = np.stack(targets).any(0)
    rng = np.random.default_rng(seed)
    strata = [changed, ~changed & (doubted > 0.15), ~changed & (doubted <= 0.15)]
    at, weight = [], []
    for stratum, wanted in zip(map(np.flatnonzero, strata), own['samples']):
        some = rng.choice(stratum, min(wanted, len(stratum)), replace=False)
        at.append(some)
        weight.append(np.full(len(some), len(stratum) / max(1, len(some)), np.float32))
    at = np.concatenate(at)
    pick = lambda parts: np.stack([part[at] for part in parts], 1)
    return pick(known), pick(seens), pick(targets), np.concatenate(weight), looks['dates']


def packed(seed):
    """The same with the looks that saw each pixel alone, first, and what the unit sees of them; and a mask of them."""
    says = [model[key] for key in ('layers', 'grounds', 'guises', 'rates')] + [model['look'][key] for key in ('contextPx', 'smooth', 'floor')] + [own[key] for key in ('cropPx', 'samples', 'looks')]
    says.append(open(os.path.join(here, 'series_filter.py')).read())
    kept = f'{work}/series/{seed}/memory-{hashlib.sha256(json.dumps(says).encode()).hexdigest()[:12]}.npz'
    if os.path.exists(kept):
        return list(np.load(kept).values())
    known, seen, target, weight, dates = sequences(seed)
    order = np.argsort(~seen, 1, kind='stable')
    days = np.take_along_axis(np.broadcast_to([ordinal(date) for date in dates], seen.shape), order, 1)
    season = np.stack([season_of(date) for date in dates])[order].astype(np.float16)
    since = np.maximum(np.diff(days, axis=1, prepend=days[:, :1]), 0).astype(np.float16)
    parts = [np.take_along_axis(known, order[..., None], 1), season, since, np.take_along_axis(target, order, 1)]
    mask = np.arange(seen.shape[1]) < seen.sum(1)[:, None]
    pad = lambda part: np.pad(part[:, :own['looks']], [(0, 0), (0, max(0, own['looks'] - part.shape[1]))] + [(0, 0)] * (part.ndim - 2))
    out = [pad(part) for part in [*parts, mask]] + [weight]
    np.savez(kept, *out)
    return out


def encoded(known, season, since):
    """As pipeline/change/series-memory.ts."""
    return torch.cat([known[..., :grounds] / 4, known[..., grounds:].clamp(min=1e-5).log() / 5, season, since.log1p()[..., None] / 4], -1)


class Memory(nn.Module):
    def __init__(self):
        super().__init__()
        self.unit = nn.GRU(grounds + 2 * classes + 6, own['hidden'], batch_first=True)
        self.answer = nn.Linear(own['hidden'], classes + 1)
        self.trust = nn.Parameter(torch.ones(classes + 1))
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)

    def forward(self, seen):
        return self.answer(self.unit(seen)[0]) + self.trust * 5 * seen[..., grounds:grounds + classes + 1]


def batch_of(data, at):
    known, season, since, target, mask, weight = (torch.from_numpy(np.ascontiguousarray(part[at])) for part in data)
    return encoded(known.float(), season.float(), since.float()), target, mask * weight[:, None]


def loss_of(scores, target, weight):
    return (nn.functional.cross_entropy(scores.flatten(0, 1), target.flatten(), reduction='none').view(target.shape) * weight).sum() / weight.sum()


def report(net, data):
    with torch.no_grad():
        parts = [batch_of(data, np.arange(at, min(at + 2000, len(data[0])))) for at in range(0, len(data[0]), 2000)]
        total = sum(float(weight.sum()) for _, _, weight in parts)
        mean = lambda scores_of: sum(float(loss_of(scores_of(seen), target, weight)) * float(weight.sum()) for seen, target, weight in parts) / total
        alone = lambda seen: 5 * seen[..., grounds:grounds + classes + 1]
        print('log loss on the seed left out: filter alone', round(mean(alone), 4), 'with memory', round(mean(net), 4), flush=True)


def main():
    parts = [packed(seed) for seed in own['seeds']]
    data = [np.concatenate([part[k] for part in parts]) for k in range(len(parts[0]))]
    left_out = packed(recipe['heldOutSeed'])
    net = Memory()
    optimiser = torch.optim.AdamW(net.parameters(), own['rate'], weight_decay=own['decay'])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, own['rate'], total_steps=own['steps'], pct_start=0.15)
    for _ in range(own['steps']):
        seen, target, weight = batch_of(data, rng.choice(len(data[0]), own['batch'], replace=False))
        loss = loss_of(net(seen), target, weight)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    report(net, left_out)
    numbers = lambda tensor: [round(float(value), 4) for value in tensor]
    layer = lambda weights, bias: {'weights': [numbers(row) for row in weights], 'bias': numbers(bias)}
    model['memory'] = {
        'input': layer(net.unit.weight_ih_l0, net.unit.bias_ih_l0),
        'state': layer(net.unit.weight_hh_l0, net.unit.bias_hh_l0),
        'answer': layer(net.answer.weight, net.answer.bias),
        'trust': numbers(net.trust),
    }
    model['rates'] = model.pop('rates')
    json.dump(model, open(path, 'w'), ensure_ascii=False, indent=1)


def parity(file):
    """Random likelihoods of 6 pixels in 12 looks, some unseen, and the probability of change by filter and memory."""
    net, memory = Memory(), model['memory']
    tensor = lambda part: torch.tensor(part)
    net.load_state_dict({
        'unit.weight_ih_l0': tensor(memory['input']['weights']), 'unit.bias_ih_l0': tensor(memory['input']['bias']),
        'unit.weight_hh_l0': tensor(memory['state']['weights']), 'unit.bias_hh_l0': tensor(memory['state']['bias']),
        'answer.weight': tensor(memory['answer']['weights']), 'answer.bias': tensor(memory['answer']['bias']), 'trust': tensor(memory['trust']),
    })
    pixels, dates = 6, [f'2025-{month:02d}-{day:02d}' for month in range(3, 9) for day in (3, 21)]
    favourite = rng.integers(0, grounds, (2, pixels))
    state, looks, history = Filter(model, pixels), [], [[] for _ in range(pixels)]
    for position, date in enumerate(dates):
        values = rng.integers(140, 235, (pixels, grounds))
        values[np.arange(pixels), favourite[position // 6]] = 255
        # the product begins with the first look that saw a pixel, the training with the first of all
        seen = (rng.random(pixels) > 0.2) | (position == 0)
        said = torch.from_numpy((values - values.max(1, keepdims=True)) * step).float()
        filtered = state.step(0 if position == 0 else ordinal(date) - ordinal(dates[position - 1]), said, torch.from_numpy(seen))
        changed = []
        for pixel in range(pixels):
            if not seen[pixel]:
                changed.append(None)
                continue
            history[pixel].append((date, torch.cat([said[pixel], filtered[pixel]])))
            days = [ordinal(day) for day, _ in history[pixel]]
            inputs = encoded(
                torch.stack([known for _, known in history[pixel]]),
                torch.from_numpy(np.stack([season_of(day) for day, _ in history[pixel]])),
                torch.tensor(np.diff(days, prepend=days[0])).float(),
            )
            with torch.no_grad():
                changed.append(round(1 - float(torch.softmax(net(inputs[None])[0, -1], 0)[0]), 5))
        looks.append({'date': date, 'likelihood': values.tolist(), 'seen': seen.astype(int).tolist(), 'changed': changed})
    json.dump({'of': 'models/training/series_memory.py --parity', 'looks': looks}, open(file, 'w'))


step = 0.05
if __name__ == '__main__':
    parity(sys.argv[2]) if sys.argv[1:2] == ['--parity'] else main()
