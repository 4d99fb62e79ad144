"""Crop seasons onto real fields: a date 2 that differs from date 1 by nothing but what grew (simulated, said so in the card)."""
import os
import numpy as np
from setup import recipe, shared

OPEN = [recipe['classes'].index(c) for c in ('crops', 'grass-shrub')]
STUDENT = ['B2', 'B3', 'B4', 'B8', 'B11', 'B12']


class Seasons:
    """Real series of single pixels: Arkansas for training, California for what is held out."""

    def __init__(self, is_held_out=False):
        state = 'california' if is_held_out else 'arkansas'
        z = np.load(os.path.join(shared, f'crop_series_us/{state}_2021_dekads.npz'), allow_pickle=True)
        self.x = z['X'][:, :, [list(z['bands']).index(b) for b in STUDENT]].astype(np.float32) / 10000
        self.valid = z['valid'] & (self.x.min(2) > 0.002) & (self.x.max(2) < 0.7)
        keep = np.flatnonzero((self.valid.sum(1) > 8) & (z['label'] > 0))
        self.x, self.valid = self.x[keep], self.valid[keep]

    def ratios(self, rng, count):
        """Per-band ratios [count,6] of two dates of one pixel each."""
        out = np.ones((count, 6), np.float32)
        for k, i in enumerate(rng.integers(len(self.x), size=count)):
            a, b = rng.choice(np.flatnonzero(self.valid[i]), 2, replace=False)
            out[k] = np.clip(self.x[i, b] / self.x[i, a], 0.3, 3.5)
        return out

    def grow(self, rng, x, low, p, segment):
        """Every plot that the teacher calls crops or open grass goes to another date of its own; fields of one crop go together.

        x [6,h,w] reflectance, low [6] haze of the scene, p [6,h,w] cover, segment [h,w]; returns x with new seasons.
        """
        _, plot = np.unique(segment, return_inverse=True)
        plot = plot.reshape(segment.shape)
        share = np.bincount(plot.ravel(), p[OPEN].sum(0).ravel()) / np.bincount(plot.ravel())
        kinds = self.ratios(rng, 6)
        each = kinds[rng.integers(len(kinds), size=len(share))] * np.exp(rng.normal(0, 0.05, (len(share), 6)))
        each[(share < 0.5) | (rng.random(len(share)) < 0.25)] = 1
        ratio = np.moveaxis(each.astype(np.float32)[plot], -1, 0)
        ground = np.maximum(x - low[:, None, None], 0)
        return np.clip(x + ground * (ratio - 1), 0, 0.9)
