"""Training samples at a few metres: simulated landscapes with their truth, and real images without labels, taken twice.

The same tuples as samples.py makes. Labels of change: -1 ignored, 0 no change, 1+c changed into class c.
"""
import glob
import numpy as np
import rasterio
import torch
import torch.nn.functional as F
from landscape import CLEAR, Landscapes, shifted
from scaling import joint_log, match, quantiles, scene_scale
from setup import recipe, shared

CLASSES = len(recipe['classes'])
BANDS = len(recipe['bands'])
NIR = recipe['bands'].index('nir')
HAZE = np.array([1, .8, .6, .35], np.float32)
rates = recipe['samples']
# what no field looks like
PASTED = [recipe['classes'].index(c) for c in ('built', 'bare', 'pond', 'water', 'greenhouse', 'building', 'construction', 'photovoltaic')]
RGBN = [2, 1, 0, 3]  # NAIP files are red, green, blue, near infrared; we are blue first


def resampled(x, factor):
    """As a scene of pixels `factor` times as wide, resampled to ours."""
    t = torch.from_numpy(x)[None]
    small = F.interpolate(t, scale_factor=1 / factor, mode='area')
    return F.interpolate(small, size=t.shape[2:], mode='bilinear', align_corners=False)[0].numpy()


class Photographs:
    """Real images without labels: each stands for reflectance through the quantiles that the landscapes have."""

    def __init__(self, like):
        self.images = []
        for name in recipe['unlabelled']:
            for path in sorted(glob.glob(f'{shared}/{name}/*.tif')):
                with rasterio.open(path) as file:
                    x = file.read([k + 1 for k in RGBN]).astype(np.float32) / 255
                    metres = file.transform.a
                q = quantiles(x[:, ::2, ::2])
                fine = F.interpolate(torch.from_numpy(match(x, q, like))[None], scale_factor=metres / 2, mode='bilinear', align_corners=False)
                self.images.append((fine[0].numpy(), like))


class Samples:
    def __init__(self, seed, is_held_out=False, crop=None):
        self.rng = np.random.default_rng(seed)
        self.size = crop or recipe['cropPx']
        self.is_held_out = is_held_out
        self.landscapes = Landscapes(is_held_out)
        self.photographs = [] if is_held_out else Photographs(self.landscapes.all[0].q[2]).images
        self.spots = {}
        # statistics of a scene whose clouds nobody masked
        self.cloudy = {id(land): np.stack([quantiles(d[:, ::4, ::4].astype(np.float32) * np.float32(1e-4)) for d in land.dn]) for land in self.landscapes.all}

    def spot(self, landscapes, land, before, after):
        """A pixel that is wanted: changed into a class, or of a class, whatever its share; or any."""
        rng, draw = self.rng, self.rng.random()
        if draw < rates['onChange']:
            first, second = land.cover[before, ::4, ::4], land.cover[after, ::4, ::4]
            changed = first != second
            into = np.unique(second[changed])
            if len(into):
                at = np.argwhere(changed & (second == into[rng.integers(len(into))])) * 4
                return at[rng.integers(len(at))]
        elif draw < rates['onChange'] + rates['onClass']:
            if id(land) not in self.spots:
                planes = [land.cover[k][::4, ::4] for k in (0, len(land.cover) - 1)]
                self.spots[id(land)] = [np.concatenate([np.argwhere(p == c) * 4 for p in planes]) for c in range(CLASSES)]
            at = self.spots[id(land)][rng.integers(CLASSES)]
            if len(at):
                return at[rng.integers(len(at))]
        return rng.integers(land.size, size=2)

    def looks(self, land):
        """Two looks, as often as not of one season in two years."""
        rng, n = self.rng, len(land.dn)
        if rng.random() < rates['landscape']['sameSeason']:
            pair = [(2, n - 2), (3, n - 1), (2, n - 1), (3, n - 2)][rng.integers(4)]
        else:
            pair = rng.choice(n, 2, replace=False)
        return pair if rng.random() < 0.5 else pair[::-1]

    def window(self, landscapes):
        rng, n = self.rng, self.size
        land = landscapes.all[rng.integers(len(landscapes.all))]
        before, after = self.looks(land)
        row, col = self.spot(landscapes, land, before, after) + rng.integers(-n // 2, n // 2, 2)
        r, c = (int(np.clip(v - n // 2, 0, land.size - n)) for v in (row, col))
        at = slice(r, r + n), slice(c, c + n)
        x = [land.dn[(k, slice(None), *at)].astype(np.float32) * np.float32(1e-4) for k in (before, after)]
        cover = [land.cover[(k, *at)].astype(np.int64) for k in (before, after)]
        cloud = np.stack([land.cloud[(k, *at)] != CLEAR for k in (before, after)])
        label = np.where(cover[0] != cover[1], 1 + cover[1], 0)
        # a cloud is no change, and hides what is
        label[cloud.any(0)] = 0
        q = self.cloudy[id(land)] if id(land) in self.cloudy and rng.random() < rates['unmasked'] else land.q
        return x[0], x[1], *cover, label, cloud, q[before], q[after]

    def jitter(self, x, low, gain, strength):
        """Gain, offset and haze per band; the statistics go through the same change, as they would in a scene."""
        rng = self.rng
        a = np.exp(rng.normal(0, 0.07 * strength, BANDS) + rng.normal(0, 0.15 * strength)).astype(np.float32)
        b = (rng.normal(0, 0.006 * strength, BANDS) + rng.exponential(0.02 * strength) * HAZE).astype(np.float32)
        return x * a[:, None, None] + b[:, None, None], low * a + b, gain * float(a[:3].mean())

    def finish(self, x1, x2, c1, c2, label, cloud, q1, q2, is_known=True):
        rng = self.rng
        if rng.random() < rates['coarser']:
            factor = float(rng.uniform(1.5, 4))
            x1, x2 = (resampled(x, factor) for x in (x1, x2))
        is_matched = rng.random() < rates['matched']
        if is_matched:
            x2, q2 = match(x2, q2, q1), q1
        if rng.random() < rates['misregistered']:
            most = rates['mostMisregisteredPx']
            dy, dx = rng.uniform(-most, most, 2)
            for part in (0.5, 0.5):
                x2 = shifted(x2, dy * part, dx * part)
        (low1, gain1), (low2, gain2) = scene_scale(q1), scene_scale(q2)
        off, squeeze = (rng.normal(0, 0.25, BANDS) * gain1).astype(np.float32), float(np.exp(rng.normal(0, 0.25)))
        low1, gain1 = low1 + off, gain1 * squeeze
        low2, gain2 = (low1, gain1) if is_matched else (low2 + off * gain2 / gain1, gain2 * squeeze)
        if rng.random() < 0.6:
            left, low, gain = self.jitter(x2, low2, gain2, 0.25 if is_matched else 0.7)
            x2, low2, gain2 = (left, low2, gain2) if is_matched else (left, low, gain)
        n1, n2 = joint_log(x1, low1, gain1), joint_log(x2, low2, gain2)
        if rng.random() < 0.3:
            n1[:, cloud[0]], n2[:, cloud[1]] = 0, 0
        if rng.random() < rates['withoutNir']:
            n1[NIR], n2[NIR] = 0, 0
        p1, p2 = ((c[None] == np.arange(CLASSES)[:, None, None]).astype(np.float32) for c in (c1, c2))
        weight = (~cloud).astype(np.float32) * is_known
        k, flip = rng.integers(4), rng.random() < 0.5
        out = [np.rot90(a, k, (-2, -1)) for a in (n1, n2, p1, p2, weight, label)]
        return [np.ascontiguousarray(a[..., ::-1] if flip else a) for a in out]

    def photograph(self):
        """One real image twice, seen through another air: no change but what is pasted from a landscape, and no word on its cover."""
        rng, n = self.rng, self.size
        image, q = self.photographs[rng.integers(len(self.photographs))]
        r, c = rng.integers(image.shape[1] - n), rng.integers(image.shape[2] - n)
        x = image[:, r:r + n, c:c + n]
        other = x + rng.standard_normal(x.shape, np.float32) * np.float32(0.004)
        nothing, label = np.zeros((n, n), np.int64), np.zeros((n, n), np.int64)
        if rng.random() < rates['pasted']:
            # without it the look of a photograph alone would say "no change"
            _, drawn, _, cover = self.window(self.landscapes)[:4]
            inside = np.isin(cover, PASTED)
            other[:, inside], label[inside] = drawn[:, inside], 1 + cover[inside]
        return self.finish(x, other, nothing, nothing, label, np.zeros((2, n, n), bool), q, q, False)

    def sample(self, landscapes=None):
        if self.photographs and landscapes is None and self.rng.random() < rates['unlabelled']:
            return self.photograph()
        return self.finish(*self.window(landscapes or self.landscapes))

    def batch(self, count):
        return [np.stack(a) for a in zip(*(self.sample() for _ in range(count)))]

    def simulated_batch(self, landscapes, count):
        return [np.stack(a) for a in zip(*(self.sample(landscapes) for _ in range(count)))]
