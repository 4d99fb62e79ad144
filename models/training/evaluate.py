"""Stage `evaluate`: threshold from pasted change on held-out strips, then figures on places that were not learnt from.

The masks are read after the threshold is fixed. Of a fold the threshold alone is found here: what it left out is judged by the whole
decision (scripts/evaluate.ts --fold k). The final network has seen the images (never the masks) of all cities, and its city figures
say so. Out: work/<name>/evaluation.json.
"""
import json, os
import numpy as np
import rasterio
import torch
from place import Place, teacher
from predict import load, predict
from samples import Samples
from setup import cities, fold, folder, left_out, recipe, seed, shared, work

CLASSES = recipe['classes']
INTO = [CLASSES.index(c) for c in ('built', 'bare')]
CROPS = CLASSES.index('crops')
NO_SWIR = np.array([True] * 4 + [False] * 2)


def f1(hit, said, true):
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    return dict(precision=precision, recall=recall, f1=2 * precision * recall / max(precision + recall, 1e-9))


@torch.no_grad()
def threshold(net):
    """Best F1 on pasted change of the held-out strips (1 % steps), the calibration error there and a reliability table."""
    samples = Samples(seed + 3, True, 96)
    p, y = [], []
    for _ in range(40):
        b = samples.batch(8)
        change = 1 - torch.softmax(net(torch.from_numpy(b[0]), torch.from_numpy(b[1]))[2], 1)[:, 0].numpy()
        p.append(change[b[5] >= 0]), y.append(b[5][b[5] >= 0] > 0)
    p, y = np.concatenate(p), np.concatenate(y)
    steps = np.arange(0.05, 0.96, 0.01)
    scores = [f1((y & (p >= t)).sum(), (p >= t).sum(), y.sum())['f1'] for t in steps]
    bins = np.minimum((p * 10).astype(int), 9)
    table = [dict(said=float(p[bins == k].mean()), found=float(y[bins == k].mean()), share=float((bins == k).mean()))
             for k in range(10) if (bins == k).any()]
    ece = sum(abs(t['said'] - t['found']) * t['share'] for t in table)
    return dict(threshold=round(float(steps[int(np.argmax(scores))]), 2), pastedF1=float(np.max(scores)), pastedEce=ece,
                pastedShare=float(y.mean()), reliability=table)


def scene(name):
    return np.load(f'{work}/scenes/{name}.npz')['dn'].astype(np.float32) / 10000


def city_figures(net, t, places):
    """Masked cities: pooled and single F1 of change into built or bare, the same unfiltered, with four bands, with each date scaled
    by itself, and at other thresholds; km² flagged in 1000 km² of unchanged crop land at recall .40."""
    pooled, curve, on_crops, result = {}, {}, [], {}
    for name in places:
        z = scene(name)
        with rasterio.open(f'{shared}/s2_pairs/{name}/{name}_urban_change_mask.tif') as file:
            mask = file.read(1) == 2
        h, w = (min(a, b) for a, b in zip(mask.shape, z.shape[2:]))
        mask = mask[:h, :w]
        counts = lambda yes: np.array([(yes & mask).sum(), yes.sum(), mask.sum()], float)
        for key, options in (('pooled', {}), ('fourBands', dict(has=NO_SWIR)), ('eachDateByItself', dict(is_matched=False))):
            p, into = (a[:h, :w] for a in predict(net, z[0], z[1], **options)[:2])
            urban = np.isin(into, INTO)
            pooled[key] = pooled.get(key, 0) + counts((p >= t) & urban)
            if key != 'pooled':
                continue
            result[name] = f1(*counts((p >= t) & urban))
            pooled['anyClass'] = pooled.get('anyClass', 0) + counts(p >= t)
            for s in np.arange(0.1, 0.95, 0.1).round(1):
                curve[float(s)] = curve.get(float(s), 0) + counts((p >= s) & urban)
            crops = teacher(name, z.shape).mean(0).argmax(0)[:h, :w] == CROPS
            on_crops.append((np.where(urban, p, 0).ravel(), mask.ravel(), crops.ravel()))
    p, mask, crops = (np.concatenate(a) for a in zip(*on_crops))
    at = np.quantile(p[mask], 0.6)
    alarms = float((p[crops & ~mask] >= max(at, 1e-6)).mean() * 1000) if crops.any() else None
    return dict(cities=result, **{k: f1(*v) for k, v in pooled.items()}, otherThresholds={k: f1(*v) for k, v in curve.items()},
                cropAlarmsAtRecall40=dict(km2In1000=alarms, threshold=float(at), cropShare=float(crops.mean())))


def cover_figures(net, places):
    """Agreement with the teacher of each date, every seventh pixel: mean IoU of the six classes, F1 of each."""
    said, truth = [], []
    for name in places:
        z = scene(name)
        _, _, c1, c2 = predict(net, z[0], z[1], is_matched=False)
        for c, p in zip((c1, c2), teacher(name, z.shape)):
            said.append(c.ravel()[::7]), truth.append(p.argmax(0).ravel()[::7])
    said, truth = np.concatenate(said), np.concatenate(truth)
    iou = [((said == c) & (truth == c)).sum() / max(((said == c) | (truth == c)).sum(), 1) for c in range(len(CLASSES))]
    return dict(mIoU=float(np.mean(iou)), f1={n: 2 * i / (1 + i) for n, i in zip(CLASSES, map(float, iou))},
                share={n: float((truth == c).mean()) for c, n in enumerate(CLASSES)})


def series_figures(net, t, name):
    place, shares, urban = Place(name), [], []
    n, everything = len(place.dn), (slice(0, place.height), slice(0, place.width))
    for i in range(n):
        for j in range(i + 1, n):
            p, into, _, _ = predict(net, place.reflectance(i, *everything), place.reflectance(j, *everything), place.has)
            shares.append(float((p >= t).mean())), urban.append(float(((p >= t) & np.isin(into, INTO)).mean()))
    return dict(pairs=len(shares), median=float(np.median(shares)), worst=max(shares), urbanMean=float(np.mean(urban)),
                isLearntFrom=name not in left_out)


def shifted_figures(net, t, places):
    """One image against itself, moved: share of pixels flagged."""
    share = lambda z, d: float((predict(net, z[:, :, d:], z[:, :, :-d])[0] >= t).mean())
    return {f'{d} px': float(np.mean([share(scene(n)[0], d) for n in places])) for d in (1, 2)}


def taizhou_figures(net, t):
    """Landsat digital numbers, stretched to the reflectance that the card expects."""
    expected = json.load(open(f'{folder}/expected.json'))
    e = np.array([[expected[b]['p2'], expected[b]['p98']] for b in recipe['bands']], np.float32)
    dates = []
    for file in sorted(f for f in os.listdir(f'{shared}/taizhou_landsat') if 'label' not in f):
        with rasterio.open(f'{shared}/taizhou_landsat/{file}') as opened:
            a = opened.read().astype(np.float32)
        q = np.quantile(a.reshape(6, -1), [0.02, 0.98], axis=1)
        unit = (a - q[0][:, None, None]) / (q[1] - q[0])[:, None, None]
        dates.append((unit * (e[:, 1] - e[:, 0])[:, None, None] + e[:, 0][:, None, None]).astype(np.float32))
    with rasterio.open(f'{shared}/taizhou_landsat/taizhou_labels.tif') as opened:
        label = opened.read(1)
    yes = predict(net, *dates)[0][label > 0] >= t
    return f1((yes & (label[label > 0] == 2)).sum(), yes.sum(), (label == 2).sum())


def main():
    net = load()
    result = threshold(net)
    t = result['threshold']
    if fold is None:
        places = recipe['maskedCities']
        result.update(isSeen=not set(places) <= set(left_out), places=places, **city_figures(net, t, places))
        result['cover'] = cover_figures(net, [c for c in cities if c in left_out] or places)
        result |= {s: series_figures(net, t, s) for s in recipe['stableSeries']}
        result['shiftedStablePair'] = shifted_figures(net, t, places)
        result['taizhou'] = taizhou_figures(net, t)
    json.dump(result, open(f'{folder}/evaluation.json', 'w'), indent=1)
    print(json.dumps(result, indent=1))


if __name__ == '__main__':
    main()
