"""Training samples without any change mask: real pairs, one image twice, stable series; grown fields and pasted regions; landscapes.

Labels of change: -1 ignored, 0 no change, 1+c changed into class c. Everything is drawn from the generator that is handed in.
"""
import numpy as np
from scipy import ndimage
from landscape import Landscapes, shifted
from paste import paste
from place import CLASSES, Place
from scaling import joint_log, match, scene_scale
from season import Seasons
from setup import recipe, train_cities, train_series

SAME_GROUND = [recipe['classes'].index(c) for c in ('trees', 'grass-shrub', 'crops')]
REBUILT = [recipe['classes'].index(c) for c in ('built', 'bare')]
HAZE = np.array([1, .8, .6, .35, .1, .05], np.float32)
rates = recipe['samples']


class Samples:
    def __init__(self, seed, is_held_out=False, crop=None):
        self.rng = np.random.default_rng(seed)
        self.size = crop or recipe['cropPx']
        self.scales = [[p for n in train_cities for p in [Place(n, is_held_out, f)] if min(p.height, p.width) >= self.size]
                       for f in ((1,) if is_held_out else (1, 2, 3))]
        self.series = [] if is_held_out else [p for n in train_series for p in [Place(n)] if min(p.height, p.width) >= 96]
        self.seasons = Seasons(is_held_out)
        self.landscapes = None if is_held_out else Landscapes()
        self.spots = [self.find_spots(places) for places in self.scales]

    def find_spots(self, places):
        """Per class, per scene: up to 4000 pixels (row, col) that the teacher is fairly sure of."""
        table = [[] for _ in range(CLASSES)]
        for place in places:
            for date, cover in enumerate(place.cover):
                best, sure = cover.argmax(0), cover.max(0) > 0.42 * 255
                for c in range(CLASSES):
                    at = np.argwhere((best == c) & sure)
                    if len(at) > 20:
                        table[c].append((place, date, self.rng.permutation(at)[:4000]))
        return table

    def spot(self, scale, shares):
        """A place, date and pixel: class first, then scene, then pixel, so that rare cover is seen."""
        found = []
        while not found:
            found = self.spots[scale][self.rng.choice(CLASSES, p=shares)]
        # scenes with little of the class come less often, but they come
        weight = np.sqrt([len(at) for _, _, at in found])
        place, date, at = found[self.rng.choice(len(found), p=weight / weight.sum())]
        return place, date, *at[self.rng.integers(len(at))]

    def base(self):
        """Two dates before pasting: where from, reflectance, cover, and where 'no change' may be said."""
        rng, n, kinds = self.rng, self.size, rates['kinds']
        draw = rng.random() * (1 if self.series else 1 - kinds['series'])
        scale = int(rng.choice(3, p=rates['scales'])) if len(self.scales) > 1 else 0
        if draw >= 1 - kinds['series']:
            place, scale = self.series[rng.integers(len(self.series))], 0
            k1, k2 = rng.choice(len(place.dn), 2, replace=False)
            row, col = rng.integers(place.height), rng.integers(place.width)
        else:
            place, k1, row, col = self.spot(scale, rates['spotClasses'])
            k2 = k1 if draw < kinds['sameImage'] else 1 - k1
        row, col = row + rng.integers(-n // 2, n // 2), col + rng.integers(-n // 2, n // 2)
        r, c = place.corner(row, col, min(n, place.height), min(n, place.width))
        at = slice(r, min(r + n, place.height)), slice(c, min(c + n, place.width))
        x1, x2 = place.reflectance(k1, *at), place.reflectance(k2, *at)
        p1, p2 = place.probability(k1, *at), place.probability(k2, *at)
        calm, segment = place.calm[at], place.segment[at]
        short = [(0, n - s) for s in segment.shape]
        if any(s[1] for s in short):
            x1, x2, p1, p2 = (np.pad(a, [(0, 0), *short], 'symmetric') for a in (x1, x2, p1, p2))
            calm, segment = (np.pad(a, short, 'symmetric') for a in (calm, segment))
        return place, scale, k1, k2, x1, x2, p1, p2, self.stable(place, k1, k2, x1, x2, p1, p2, calm), segment

    def stable(self, place, k1, k2, x1, x2, p1, p2, calm):
        if k1 == k2 or (place.stable and place.cover is not None):
            return np.ones(calm.shape, bool)
        if place.stable:
            return ndimage.binary_erosion((x1[1] > x1[3]) == (x2[1] > x2[3]), border_value=1)
        agreed = (p1.argmax(0) == p2.argmax(0)) & (p1.max(0) > 0.5) & (p2.max(0) > 0.5)
        return agreed | calm

    def source(self, scale):
        """Other ground for paste(): a window around a pixel of a class that is wanted."""
        def draw(height, width, unlike):
            shares = np.array(rates['pastedClasses'])
            if self.rng.random() < 0.8:
                shares[unlike] = 0
            place, k, row, col = self.spot(scale, shares / shares.sum())
            if height > place.height or width > place.width:
                return None
            r, c = place.corner(row, col, height, width)
            at = slice(r, r + height), slice(c, c + width)
            return place.reflectance(k, *at), place.probability(k, *at), place.q[k]
        return draw

    def jitter(self, x, low, gain, strength):
        """Gain, offset and haze per band; the statistics go through the same change, as they would in a scene."""
        rng = self.rng
        a = np.exp(rng.normal(0, 0.06 * strength, 6) + rng.normal(0, 0.15 * strength)).astype(np.float32)
        b = (rng.normal(0, 0.005 * strength, 6) + rng.exponential(0.02 * strength) * HAZE).astype(np.float32)
        return x * a[:, None, None] + b[:, None, None], low * a + b, gain * float(a[:4].mean())

    def normalise(self, q1, q2, x1, x2, is_matched):
        """Joint-log with statistics a little off, as those of another cut of the same scene would be."""
        rng = self.rng
        (low1, gain1), (low2, gain2) = scene_scale(q1), scene_scale(q2)
        off, squeeze = (rng.normal(0, 0.06, 6) * gain1).astype(np.float32), float(np.exp(rng.normal(0, 0.2)))
        low1, gain1 = low1 + off, gain1 * squeeze
        low2, gain2 = (low1, gain1) if is_matched else (low2 + off * gain2 / gain1, gain2 * squeeze)
        if rng.random() < 0.6:
            left, low, gain = self.jitter(x2, low2, gain2, 0.25 if is_matched else 0.7)
            # what matching leaves over stays visible; without matching the scene's own statistics take it away
            x2, low2, gain2 = (left, low2, gain2) if is_matched else (left, low, gain)
        return joint_log(x1, low1, gain1), joint_log(x2, low2, gain2)

    def labels(self, stable, foreign, p1, p2, n1, n2):
        c1, c2 = p1.argmax(0), p2.argmax(0)
        sure = (p1.max(0) > 0.35) & (p2.max(0) > 0.35)
        far = np.abs(n1 - n2)[:4].mean(0)
        inside = (foreign > 0.5) & sure
        label = np.where(stable, 0, -1)
        label[foreign > 0.1] = -1
        label[inside & (c1 == c2) & np.isin(c1, SAME_GROUND)] = 0
        changed = inside & (((c1 != c2) & (far > 0.2)) | ((c1 == c2) & np.isin(c1, REBUILT) & (far > 0.5)))
        label[changed] = 1 + c2[changed]
        return label

    def sample(self):
        """before, after [6,n,n] normalised; cover targets [6,n,n] of both, their weights [2,n,n]; change label [n,n]."""
        rng = self.rng
        if self.landscapes is not None and rng.random() < rates['landscape']['share']:
            return self.simulated(self.landscapes)
        place, scale, k1, k2, x1, x2, p1, p2, stable, segment = self.base()
        q1, q2 = place.q[k1], place.q[k2]
        if k1 == k2 and rng.random() < rates['season']:
            x2 = self.seasons.grow(rng, x2, q2[:, 1], p2, segment)
        is_matched = rng.random() < rates['matched']
        if is_matched and k1 != k2:
            x2, q2 = match(x2, q2, q1), q1
        foreign = np.zeros(stable.shape, np.float32)
        if rng.random() < (0.5 if place.stable else rates['pasted']) and place.cover is not None:
            foreign = paste(rng, x2, p2, q2, segment, self.source(scale))
        if rng.random() < 0.7:
            dy, dx = rng.uniform(-1, 1, 2)
            x2, foreign = shifted(x2, dy, dx), shifted(foreign[None], dy, dx)[0]
        if k1 == k2:
            x2 = x2 + rng.standard_normal(x2.shape, np.float32) * np.float32(0.004)
        n1, n2 = self.normalise(q1, q2, x1, x2, is_matched)
        label = self.labels(stable, foreign, p1, p2, n1, n2)
        n1[~place.has], n2[~place.has] = 0, 0
        if rng.random() < rates['withoutSwir']:
            n1[4:], n2[4:] = 0, 0
        weight = np.full((2, *stable.shape), float(place.cover is not None), np.float32)
        weight[1, (foreign > 0.1) & (foreign < 0.9)] = 0
        if rng.random() < 0.5 and not (label > 0).any():
            n1, n2, p1, p2, weight = n2, n1, p2, p1, weight[::-1]
        return self.turn(n1, n2, p1, p2, weight, label)

    def simulated(self, landscapes):
        """The same from a simulated landscape: truth in the place of the teacher and of pasted change."""
        rng = self.rng
        x1, x2, p1, p2, label, cloud, q1, q2 = landscapes.window(rng, self.size)
        is_matched = rng.random() < rates['matched']
        if is_matched:
            x2, q2 = match(x2, q2, q1), q1
        n1, n2 = self.normalise(q1, q2, x1, x2, is_matched)
        if rng.random() < 0.5:
            # as the product hands over what it masked
            n1[:, cloud[0]], n2[:, cloud[1]] = 0, 0
        if rng.random() < rates['withoutSwir']:
            n1[4:], n2[4:] = 0, 0
        return self.turn(n1, n2, p1, p2, (~cloud).astype(np.float32), label)

    def turn(self, *arrays):
        k, flip = self.rng.integers(4), self.rng.random() < 0.5
        out = [np.rot90(a, k, (-2, -1)) for a in arrays]
        return [np.ascontiguousarray(a[..., ::-1] if flip else a) for a in out]

    def batch(self, count):
        return [np.stack(a) for a in zip(*(self.sample() for _ in range(count)))]

    def simulated_batch(self, landscapes, count):
        return [np.stack(a) for a in zip(*(self.simulated(landscapes) for _ in range(count)))]
