"""Training samples without any change mask: real pairs, one image twice, stable series, with pasted regions.

Labels of change: -1 ignored, 0 no change, 1+c changed into class c. Everything is drawn from the generator that is handed in.
"""
import json
import numpy as np
from scipy import ndimage
from scaling import joint_log, match, quantiles, scene_scale
from setup import recipe, work

CLASSES = len(recipe['classes'])
SEEN_PAIR, TWICE, SERIES = 0, 1, 2
VEGETATION = [1, 2, 3]


class Place:
    """reflectance [n,6,H,W], cover probabilities [n,6,H,W] or None, quantiles [n,6,33]."""

    def __init__(self, name, held_out):
        z = np.load(f'{work}/scenes/{name}.npz')
        self.name, self.has = name, z['has']
        reflectance = z['dn'].astype(np.float32) / 10000
        self.q = np.stack([quantiles(d) for d in reflectance])
        self.stable = name in recipe['stableSeries']
        h = reflectance.shape[2]
        cut = int(h * (1 - recipe['heldOutRowsFraction'])) if not self.stable else h
        rows = slice(cut, h) if held_out else slice(0, cut)
        self.cover = self.teacher(name, reflectance.shape)
        if self.cover is not None:
            self.cover = self.cover[:, :, rows]
        self.reflectance = reflectance[:, :, rows]

    @staticmethod
    def teacher(name, shape):
        sizes = {t['file']: (t['height'], t['width']) for t in json.load(open(f'{work}/teacher/list.json'))}
        if f'{name}-0' not in sizes:
            return None
        out = np.zeros((shape[0], CLASSES, *shape[2:]), np.float32)
        for k in range(shape[0]):
            h, w = sizes[f'{name}-{k}']
            p = np.fromfile(f'{work}/teacher/{name}-{k}.u8', np.uint8).reshape(9, h, w) / 255
            for source, target in enumerate(recipe['teacherToClass']):
                out[k, target, :h, :w] += p[source]
        out = np.pad(out[:, :, :h, :w], [(0, 0), (0, 0), (0, shape[2] - h), (0, shape[3] - w)], 'edge')
        out **= recipe['teacherPower']
        return out / np.maximum(out.sum(1, keepdims=True), 1e-6)


class Samples:
    def __init__(self, seed, held_out=False, crop=None):
        self.rng = np.random.default_rng(seed)
        self.size = crop or recipe['cropPx']
        self.cities = [Place(n, held_out) for n in recipe['trainCities']]
        self.cities = [p for p in self.cities if min(p.reflectance.shape[2:]) >= self.size]
        self.series = [] if held_out else [Place(n, False) for n in recipe['stableSeries']]
        self.where = [[] for _ in range(CLASSES)]
        for i, p in enumerate(self.cities):
            for k in range(len(p.cover)):
                best, sure = p.cover[k].argmax(0), p.cover[k].max(0)
                for c in range(CLASSES):
                    r, q = np.nonzero((best == c) & (sure > 0.45))
                    if len(r):
                        take = self.rng.choice(len(r), min(len(r), 4000), replace=False)
                        self.where[c].append(np.stack([np.full(len(take), i), np.full(len(take), k), r[take], q[take]], 1))

    def spot(self):
        """A place, date and pixel: class first (uniform), then scene, then pixel, so that rare cover is seen."""
        c = self.rng.integers(CLASSES)
        while not self.where[c]:
            c = self.rng.integers(CLASSES)
        group = self.where[c][self.rng.integers(len(self.where[c]))]
        return (c, *group[self.rng.integers(len(group))])

    def window(self, place, row, col, size, factor):
        h, w = place.reflectance.shape[2:]
        side = size * factor
        r = int(np.clip(row - self.rng.integers(side), 0, max(0, h - side)))
        c = int(np.clip(col - self.rng.integers(side), 0, max(0, w - side)))
        return r, c, side

    def cut(self, a, r, c, side, factor):
        part = a[:, r:r + side, c:c + side]
        short = [(0, 0)] + [(0, side - s) for s in part.shape[1:]]
        if any(s[1] for s in short):
            part = np.pad(part, short, 'symmetric')
        if factor > 1:
            part = part.reshape(len(part), side // factor, factor, side // factor, factor).mean((2, 4))
        return part.copy()

    def base(self):
        """Two dates before pasting: reflectance, cover, statistics, and where 'no change' may be said."""
        rng, n = self.rng, self.size
        kind = rng.choice(3, p=[0.42, 0.38, 0.20]) if self.series else rng.choice(2)
        if kind == SERIES:
            place = self.series[rng.integers(len(self.series))]
            k1, k2 = rng.choice(len(place.reflectance), 2, replace=False)
            row, col = (rng.integers(s) for s in place.reflectance.shape[2:])
        else:
            _, i, k1, row, col = self.spot()
            place = self.cities[i]
            k2 = k1 if kind == TWICE else 1 - k1
        factor = 1 if kind == SERIES else int(rng.choice([1, 2, 3], p=[0.72, 0.2, 0.08]))
        while factor > 1 and n * factor > min(place.reflectance.shape[2:]):
            factor -= 1
        at = (*self.window(place, row, col, n, factor), factor)
        x1, x2 = self.cut(place.reflectance[k1], *at), self.cut(place.reflectance[k2], *at)
        if place.cover is None:
            p1 = p2 = np.zeros((CLASSES, n, n), np.float32)
        else:
            p1, p2 = self.cut(place.cover[k1], *at), self.cut(place.cover[k2], *at)
        if kind == SEEN_PAIR:
            same = p1.argmax(0) == p2.argmax(0)
            stable = same & (p1.max(0) > 0.5) & (p2.max(0) > 0.5)
            mean = (p1 + p2) / 2
            p1, p2 = np.where(stable, mean, p1), np.where(stable, mean, p2)
        elif kind == SERIES and place.cover is not None:
            p1 = p2 = self.cut(place.cover.mean(0), *at)
            stable = np.ones((n, n), bool)
        elif kind == SERIES:
            water = lambda x: x[1] > x[3]
            stable = ndimage.binary_erosion(water(x1) == water(x2), iterations=1, border_value=1)
        else:
            stable = np.ones((n, n), bool)
        return place, k1, k2, x1, x2, p1, p2, stable, factor

    def shape(self):
        """A random region as weights 0..1 [n,n]: a turned rectangle or an ellipse with a ragged, feathered edge."""
        rng, n = self.rng, self.size
        r, c = rng.uniform(0, n, 2)
        a, b = np.exp(rng.uniform(np.log(2.5), np.log(n / 5), 2))
        turn = rng.uniform(0, np.pi)
        y, x = np.mgrid[0:n, 0:n] + 0.5
        u = ((x - c) * np.cos(turn) + (y - r) * np.sin(turn)) / a
        v = ((y - r) * np.cos(turn) - (x - c) * np.sin(turn)) / b
        inside = np.maximum(np.abs(u), np.abs(v)) < 1 if rng.random() < 0.6 else u * u + v * v < 1
        return ndimage.gaussian_filter(inside.astype(np.float32), rng.uniform(0.3, 0.9))

    def paste(self, place, q_to, x2, p2, factor):
        """3-10 regions of other ground in date 2; returns how much of each pixel is foreign."""
        rng, n = self.rng, self.size
        foreign = np.zeros((n, n), np.float32)
        low_to, gain_to = scene_scale(q_to)
        for _ in range(rng.integers(3, 11)):
            c, i, k, row, col = self.spot()
            source = self.cities[i]
            while factor > 1 and n * factor > min(source.reflectance.shape[2:]):
                factor -= 1
            alpha = self.shape()
            if alpha.max() < 0.5:
                continue
            peak = np.unravel_index(alpha.argmax(), alpha.shape)
            h, w = source.reflectance.shape[2:]
            side = n * factor
            r0 = int(np.clip(row - peak[0] * factor, 0, h - side))
            c0 = int(np.clip(col - peak[1] * factor, 0, w - side))
            s, p = (self.cut(a, r0, c0, side, factor) for a in (source.reflectance[k], source.cover[k]))
            low, gain = scene_scale(source.q[k])
            # haze (the low end) is the scene's, brightness mostly the ground's: move the first, half of the second
            s = (s - low[:, None, None]) * (gain_to / gain) ** rng.uniform(0, 1) + low_to[:, None, None]
            if rng.random() < 0.4:
                alpha = ndimage.gaussian_filter(alpha * (p.argmax(0) == c), 0.5)
            x2 = x2 + alpha * (s - x2)
            p2 = p2 + alpha * (p - p2)
            foreign = np.maximum(foreign * (1 - alpha), alpha)
        return x2, p2, foreign

    def misregister(self, *arrays):
        if self.rng.random() < 0.3:
            return arrays
        d = self.rng.uniform(-1, 1, 2)
        order = 1
        return tuple(ndimage.shift(a, (0, *d), order=order, mode='nearest') for a in arrays)

    def jitter(self, x, low, gain, strength):
        """Gain, offset and haze per band; the statistics go through the same change, as they would in a scene."""
        rng = self.rng
        a = np.exp(rng.normal(0, 0.06 * strength, 6) + rng.normal(0, 0.15 * strength)).astype(np.float32)
        haze = (rng.exponential(0.02 * strength) * np.array([1, .8, .6, .35, .1, .05])).astype(np.float32)
        b = (rng.normal(0, 0.005 * strength, 6) + haze).astype(np.float32)
        return x * a[:, None, None] + b[:, None, None], low * a + b, gain * float(a[:4].mean())

    def sample(self):
        """before, after [6,n,n] normalised; cover targets [6,n,n] of both with weights [n,n]; change label [n,n]."""
        rng = self.rng
        place, k1, k2, x1, x2, p1, p2, stable, factor = self.base()
        matched = rng.random() < 0.8
        q1, q2 = place.q[k1], place.q[k2]
        if matched and k1 != k2:
            x2, q2 = match(x2, q2, q1), q1
        foreign = np.zeros(stable.shape, np.float32)
        if rng.random() < (0.5 if place.stable else 0.85) and place.cover is not None:
            x2, p2, foreign = self.paste(place, q2, x2, p2, factor)
        x2, p2, foreign = self.misregister(x2, p2, foreign[None])
        foreign = foreign[0]
        if k1 == k2:
            x2 = x2 + rng.normal(0, 0.004, x2.shape).astype(np.float32)
        (low1, gain1), (low2, gain2) = scene_scale(q1), scene_scale(q2)
        low1 = low1 + (rng.normal(0, 0.06, 6) * gain1).astype(np.float32)
        squeeze = float(np.exp(rng.normal(0, 0.2)))
        gain1 *= squeeze
        low2, gain2 = (low1, gain1) if matched else (low2, gain2 * squeeze)
        s1, s2 = (x1, low1, gain1), (x2, low2, gain2)
        if rng.random() < 0.6:
            x2j, _, _ = self.jitter(x2, low2, gain2, 0.25)  # what matching leaves over
            s2 = (x2j, low2, gain2)
        n1, n2 = joint_log(*s1), joint_log(*s2)
        label = np.where(stable, 0, -1)
        c1, c2 = p1.argmax(0), p2.argmax(0)
        sure = (p1.max(0) > 0.35) & (p2.max(0) > 0.35)
        differ = np.abs(n1 - n2)[:4].mean(0) > 0.3
        changed = (foreign > 0.5) & (c1 != c2) & sure & differ
        pheno = (foreign > 0.5) & (c1 == c2) & np.isin(c1, VEGETATION) & sure
        label[foreign > 0.1] = -1
        label[pheno] = 0
        label[changed] = 1 + c2[changed]
        if not place.has.all():
            n1[~place.has], n2[~place.has] = 0, 0
        if rng.random() < 0.3:
            n1[4:], n2[4:] = 0, 0
        weight = float(place.cover is not None)
        if rng.random() < 0.5 and not (label > 0).any():
            n1, n2, p1, p2 = n2, n1, p2, p1
        return self.turn(n1, n2, p1, p2, np.full(stable.shape, weight, np.float32), label)

    def turn(self, *arrays):
        k, flip = self.rng.integers(4), self.rng.random() < 0.5
        out = [np.rot90(a, k, (-2, -1)) for a in arrays]
        return [np.ascontiguousarray(a[..., ::-1] if flip else a) for a in out]

    def batch(self, count):
        return [np.stack(a) for a in zip(*(self.sample() for _ in range(count)))]
