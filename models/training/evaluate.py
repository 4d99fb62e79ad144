"""Stage `evaluate`: threshold from pasted change on held-out strips, then figures on places that were never seen.

The masks are read here alone, after the threshold is fixed. Out: work/<name>/evaluation.json.
"""
import json, os
import numpy as np
import rasterio
import torch
import torch.nn.functional as F
from export import folder, load
from samples import Place, Samples
from scaling import joint_log, match, quantiles, scene_scale
from setup import recipe, shared, work

INTO = [recipe['classes'].index(c) for c in ('built', 'bare')]


@torch.no_grad()
def predict(net, r1, r2, has=None):
    """reflectance [6,H,W] of both dates -> probability of change, class changed into, cover before, after; [H,W] each."""
    q1, q2 = quantiles(r1), quantiles(r2)
    low, gain = scene_scale(q1)
    x = [joint_log(a, low, gain) for a in (r1, match(r2, q2, q1))]
    if has is not None:
        for a in x:
            a[~has] = 0
    h, w = r1.shape[1:]
    x = [F.pad(torch.from_numpy(a)[None], (0, -w % 16, 0, -h % 16)) for a in x]
    c1, c2, change = net(*x)
    p = torch.softmax(change, 1)[0, :, :h, :w]
    return (1 - p[0]).numpy(), p[1:].argmax(0).numpy(), c1.argmax(1)[0, :h, :w].numpy(), c2.argmax(1)[0, :h, :w].numpy()


def f1(hit, said, true):
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    return dict(precision=precision, recall=recall, f1=2 * precision * recall / max(precision + recall, 1e-9))


@torch.no_grad()
def threshold(net):
    """Best F1 on pasted change of the held-out strips of the training cities (1 % steps), with a reliability table."""
    samples = Samples(recipe['seed'] + 3, True, 96)
    p, y = [], []
    for _ in range(60):
        b = samples.batch(6)
        change = 1 - torch.softmax(net(torch.from_numpy(b[0]), torch.from_numpy(b[1]))[2], 1)[:, 0].numpy()
        p.append(change[b[5] >= 0]), y.append(b[5][b[5] >= 0] > 0)
    p, y = np.concatenate(p), np.concatenate(y)
    steps = np.arange(0.05, 0.96, 0.01)
    scores = [f1((y & (p >= t)).sum(), (p >= t).sum(), y.sum())['f1'] for t in steps]
    bins = np.minimum((p * 10).astype(int), 9)
    ece = sum(abs(p[bins == k].mean() - y[bins == k].mean()) * (bins == k).mean() for k in range(10) if (bins == k).any())
    return round(float(steps[int(np.argmax(scores))]), 2), float(np.max(scores)), float(ece), float(y.mean())


def main():
    net = load()
    t, f1_pasted, ece, share = threshold(net)
    result = dict(threshold=t, pastedF1=f1_pasted, pastedEce=ece, pastedShare=share, cities={})
    pooled, every, four, curve = np.zeros(3), np.zeros(3), np.zeros(3), {}
    no_swir = np.array([True] * 4 + [False] * 2)
    agree = []
    for name in recipe['evaluateCities']:
        place = Place.__new__(Place)
        z = np.load(f'{work}/scenes/{name}.npz')['dn'].astype(np.float32) / 10000
        p, into, c1, c2 = predict(net, z[0], z[1])
        with rasterio.open(f'{shared}/s2_pairs/{name}/{name}_urban_change_mask.tif') as file:
            mask = file.read(1) == 2
        h, w = (min(a, b) for a, b in zip(mask.shape, p.shape))
        mask, p, into = mask[:h, :w], p[:h, :w], into[:h, :w]
        urban = np.isin(into, INTO)
        counts = lambda yes: np.array([(yes & mask).sum(), yes.sum(), mask.sum()], float)
        one = counts((p >= t) & urban)
        pooled += one
        every += counts(p >= t)
        p4, into4, _, _ = predict(net, z[0], z[1], no_swir)
        four += counts((p4[:h, :w] >= t) & np.isin(into4[:h, :w], INTO))
        for s in np.arange(0.1, 0.95, 0.1):
            curve.setdefault(round(float(s), 1), np.zeros(3))
            curve[round(float(s), 1)] += counts((p >= s) & urban)
        cover = Place.teacher(name, z.shape)
        agree += [np.stack([c.ravel()[::7], t.argmax(0).ravel()[::7]]) for c, t in ((c1, cover[0]), (c2, cover[1]))]
        result['cities'][name] = f1(*one)
    result['pooled'], result['pooledAnyClass'], result['pooledFourBands'] = f1(*pooled), f1(*every), f1(*four)
    result['otherThresholds'] = {k: f1(*v) for k, v in curve.items()}
    said, teacher = np.concatenate(agree, 1)
    iou = [((said == c) & (teacher == c)).sum() / max(((said == c) | (teacher == c)).sum(), 1) for c in range(6)]
    result['coverMiou'] = float(np.mean(iou))
    result['coverF1'] = {n: 2 * i / (1 + i) for n, i in zip(recipe['classes'], map(float, iou))}
    for series in recipe['stableSeries']:
        place = Place(series, False)
        shares, urban = [], []
        n = len(place.reflectance)
        for i in range(n):
            for j in range(i + 1, n):
                p, into, _, _ = predict(net, place.reflectance[i], place.reflectance[j], place.has)
                shares.append(float((p >= t).mean())), urban.append(float(((p >= t) & np.isin(into, INTO)).mean()))
        result[series] = dict(pairs=len(shares), median=float(np.median(shares)), worst=max(shares), urbanMean=float(np.mean(urban)))
    shifted = {}
    for d in (1, 2):
        flagged = []
        for name in recipe['evaluateCities']:
            z = np.load(f'{work}/scenes/{name}.npz')['dn'][0].astype(np.float32) / 10000
            p, *_ = predict(net, z[:, :, d:], z[:, :, :-d])
            flagged.append((p >= t).mean())
        shifted[f'{d} px'] = float(np.mean(flagged))
    result['shiftedStablePair'] = shifted
    with rasterio.open(f'{shared}/taizhou_landsat/taizhou_labels.tif') as file:
        label = file.read(1)
    files = sorted(f for f in os.listdir(f'{shared}/taizhou_landsat') if 'label' not in f)
    expected = json.load(open(f'{folder}/expected.json'))
    dates = []
    for f in files:
        with rasterio.open(f'{shared}/taizhou_landsat/{f}') as file:
            a = file.read().astype(np.float32)
        q = np.quantile(a.reshape(6, -1), [0.02, 0.98], axis=1)
        e = np.array([[expected[b]['p2'], expected[b]['p98']] for b in recipe['bands']], np.float32)
        dates.append(((a - q[0][:, None, None]) / (q[1] - q[0])[:, None, None] * (e[:, 1] - e[:, 0])[:, None, None] + e[:, 0][:, None, None]).astype(np.float32))
    p, into, _, _ = predict(net, *dates)
    yes = p[label > 0] >= t
    result['taizhou'] = f1((yes & (label[label > 0] == 2)).sum(), yes.sum(), (label == 2).sum())
    json.dump(result, open(f'{folder}/evaluation.json', 'w'), indent=1)
    print(json.dumps(result, indent=1))


if __name__ == '__main__':
    main()
