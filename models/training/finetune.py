"""Stage `finetune`: the shipped network goes on learning from verdicts and labels of people.

    npm run train -- --stage finetune --before a.tif --after b.tif --labels labels.geojson    (or --places places.json)

Needs nothing of the recipe's data: ../weights/<name>.pt holds the shipped weights in the form that can be trained. Where somebody said
something, change is learnt from it; everywhere else the network is held to what it said before (distillation: Li & Hoiem 2016,
doi:10.1109/TPAMI.2017.2773081), so that a handful of verdicts does not undo what is known. A fifth of the labelled ground, in blocks, is
held out and judged before and after. Out: work/<name>-finetuned/: checkpoint.pt, finetune.json, ONNX and a card for --model.
"""
import hashlib, json, os, subprocess, sys
import numpy as np
import torch
import torch.nn.functional as F
from export import export
from net import Net
from setup import here, recipe, seed, work

name = f"{recipe['name']}-finetuned"
folder, data = f'{work}/{name}', f'{work}/finetune/data'
ITERATIONS, SIDE, BATCH, RATE, BLOCK = int(os.environ.get('FINETUNE_ITERATIONS', 200)), 96, 4, 2e-4, 64
# how much what the network said before counts beside the labels: cover of both dates, change
KEEP = (1.0, 1.0, 10.0)


def new_net():
    net = Net(len(recipe['bands']), len(recipe['classes']), recipe['widths'], recipe['headWidth'])
    state = torch.load(f"{here}/../weights/{recipe['name']}.pt")
    net.register_buffer('priors', torch.zeros(len(recipe['classes'])))
    net.load_state_dict(state)
    return net


def read(k, place):
    h, w = place['height'], place['width']
    x = [np.fromfile(f'{data}/{k}-{side}.f32', np.float32).reshape(-1, h, w) for side in ('before', 'after')]
    labels = np.fromfile(f'{data}/{k}-labels.u8', np.uint8).reshape(h, w)
    pad = [(0, max(0, SIDE - h)), (0, max(0, SIDE - w))]
    x, labels = [np.pad(a, [(0, 0), *pad], 'symmetric') for a in x], np.pad(labels, pad)
    rows, cols = np.indices(labels.shape) // BLOCK
    held = np.random.default_rng(seed).random((rows.max() + 1, cols.max() + 1)) < 0.2
    return dict(x=x, labels=labels, held=held[rows, cols])


def target(labels):
    """Label of the change head: -1 nobody said, 0 no change, 1 + c into class c; -2 changed into nobody says what."""
    return np.where(labels == 0, -1, np.where(labels == 1, 0, np.where(labels == 2, -2, labels.astype(int) - 2)))


def loss_of(logits, label):
    known, some = label >= 0, label == -2
    log_p = F.log_softmax(logits, 1)
    loss = F.nll_loss(log_p, label.clamp(min=-1), ignore_index=-1, reduction='sum') if known.any() else 0
    # changed, into whatever: 1 - p(no change)
    if some.any():
        loss = loss - torch.log1p(-log_p[:, 0].exp().clamp(max=1 - 1e-6))[some].sum()
    return loss / max(1, int((known | some).sum()))


@torch.no_grad()
def whole(net, x):
    h, w = x[0].shape[1:]
    tensors = [F.pad(torch.from_numpy(a)[None], (0, -w % 8, 0, -h % 8)) for a in x]
    return (1 - torch.softmax(net(*tensors)[2], 1)[0, 0, :h, :w]).numpy()


def judge(net, places, threshold):
    """F1 of change on labelled pixels learnt from and held out; share of the other pixels that is flagged."""
    counts = {key: np.zeros(3) for key in ('learnt', 'heldOut')}
    flagged, other = 0, 0
    for place in places:
        yes = whole(net, place['x']) >= threshold
        said, labels = place['labels'] > 0, place['labels'] > 1
        for key, where in (('learnt', said & ~place['held']), ('heldOut', said & place['held'])):
            counts[key] += [(yes & labels & where).sum(), (yes & where).sum(), (labels & where).sum()]
        flagged, other = flagged + (yes & ~said).sum(), other + (~said).sum()
    f1 = lambda hit, said, true: float(2 * hit / max(said + true, 1))
    return dict(learntF1=f1(*counts['learnt']), heldOutF1=f1(*counts['heldOut']), flaggedElsewhere=float(flagged / max(other, 1)))


def main():
    subprocess.run(['node', '--import', 'tsx', f'{here}/finetune-data.ts', *sys.argv[1:]], check=True, cwd=here)
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    places = [read(k, place) for k, place in enumerate(json.load(open(f'{data}/list.json')))]
    spots = [(k, *at) for k, place in enumerate(places) for at in np.argwhere((place['labels'] > 0) & ~place['held'])]
    changed = [s for s in spots if places[s[0]]['labels'][s[1], s[2]] > 1]
    if not spots:
        sys.exit('No labelled pixel lies on the observed ground of these pairs.')
    card = json.load(open(f"{here}/../cards/{recipe['name']}.json"))
    threshold = card['thresholds']['network']
    old, net = new_net().eval(), new_net()
    # running means and variances stay those of the broad training: a few crops of one place would move them
    net.eval()
    before = judge(old, places, threshold)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-4)
    for it in range(ITERATIONS):
        crops = []
        for sample in range(BATCH):
            if sample % 2:
                # any ground, to be reminded of
                k = int(rng.integers(len(places)))
                row, col = (int(rng.integers(size)) for size in places[k]['labels'].shape)
            else:
                pool = changed if changed and rng.random() < 0.5 else spots
                k, row, col = pool[rng.integers(len(pool))]
            h, w = places[k]['labels'].shape
            r, c = (int(np.clip(at - rng.integers(SIDE), 0, size - SIDE)) for at, size in ((row, h), (col, w)))
            at = slice(r, r + SIDE), slice(c, c + SIDE)
            label = target(np.where(places[k]['held'][at], 0, places[k]['labels'][at]))
            turn, flip = int(rng.integers(4)), rng.random() < 0.5
            arrays = [np.rot90(a, turn, (-2, -1)) for a in (*(x[(slice(None), *at)] for x in places[k]['x']), label)]
            crops.append([np.ascontiguousarray(a[..., ::-1] if flip else a) for a in arrays])
        x1, x2, label = (torch.from_numpy(np.stack(a)) for a in zip(*crops))
        for group in optimiser.param_groups:
            group['lr'] = RATE * min(1, (it + 1) / 20) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * it / ITERATIONS)))
        with torch.no_grad():
            kept = old(x1, x2)
        said = net(x1, x2)
        loss = loss_of(said[2], label)
        quiet = (label == -1).float()
        for now, was, where, keep in zip(said, kept, (1, 1, quiet), KEEP):
            drift = (was.softmax(1) * (was.log_softmax(1) - now.log_softmax(1))).sum(1)
            loss = loss + keep * (drift * where).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
    after = judge(net, places, threshold)
    torch.save(dict(mean=net.state_dict()), f'{folder}/checkpoint.pt')
    report = dict(iterations=ITERATIONS, labelledPixels=len(spots), changedPixels=len(changed), before=before, after=after)
    json.dump(report, open(f'{folder}/finetune.json', 'w'), indent=1)
    print(json.dumps(report, indent=1))
    crops = []
    for place in places:
        for _ in range(8):
            r, c = (int(rng.integers(size - SIDE + 1)) for size in place['labels'].shape)
            crops.append([np.ascontiguousarray(x[None, :, r:r + SIDE, c:c + SIDE]) for x in place['x']])
    export(net, crops, folder, name)
    write_card(card, report)


def write_card(card, report):
    """The shipped card with these weights. Fusion and thresholds stay, so new figures are for `tianwatch evaluate` to find."""
    def weights(suffix):
        content = open(f'{folder}/{name}{suffix}.onnx', 'rb').read()
        return dict(file=f'{name}{suffix}.onnx', sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))

    card.update(id=name, weights=weights(''), status='experimental')
    card['series'].update(encoder=weights('-encoder'), head=weights('-head'))
    card['metrics'] = [dict(name=f'F1 of change on labelled pixels held out, network alone, {when}', value=round(report[when]['heldOutF1'], 4),
                            on='labels it was trained with, a fifth of the ground held out') for when in ('before', 'after')]
    card['decisions'] = [f"trained further on {report['labelledPixels']} labelled pixels, {report['changedPixels']} of them changed; fusion and thresholds are those of {recipe['name']}",
                         *card['decisions']]
    json.dump(card, open(f'{folder}/{name}.json', 'w'), indent=2, ensure_ascii=False)
    print(f'{folder}/{name}.json')


if __name__ == '__main__':
    main()
