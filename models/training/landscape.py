"""Windows of simulated landscapes whose truth is known: what no label of a real image shows (ponds, orchards, turf, works on fields)."""
import json
import numpy as np
from scipy import ndimage
from scaling import quantiles
from setup import recipe, work

CLASSES = len(recipe['classes'])
wanted = recipe['landscapes']
rates = recipe['samples']['landscape']
CLEAR = 0


class Landscape:
    """`dn` uint16 [look,6,n,n], `cover` and `cloud` uint8 [look,n,n], `owner` int32 [n,n], `phase` and `code` [1+changes,look],
    `shift` [look,2] (row, column: what the look shows at p lies at p + shift), `q` [look,6,33] of the clear ground."""

    def __init__(self, seed):
        facts = json.load(open(f'{work}/landscapes/{seed}.json'))
        n, looks = facts['sizePx'], len(facts['dates'])
        read = lambda part, dtype, shape: np.memmap(f'{work}/landscapes/{seed}-{part}', dtype, 'r', shape=shape)
        self.dn = read('dn.u16', np.uint16, (looks, facts['bands'], n, n))
        self.cover = read('class.u8', np.uint8, (looks, n, n))
        self.cloud = read('cloud.u8', np.uint8, (looks, n, n))
        self.owner = read('owner.i32', np.int32, (n, n))
        self.size, self.shift = n, np.array(facts['shifts'], np.float32)
        state = facts['state']
        names = ['before', 'site', 'final']
        self.phase = np.array([[0] * looks] + [[names.index(s['phase']) for s in row] for row in state])
        self.code = np.array([[0] * looks] + [[s['code'] for s in row] for row in state])
        self.q = np.stack([quantiles(d[:, c == CLEAR][:, None, ::4].astype(np.float32) / 10000) for d, c in zip(self.dn, self.cloud)])
        self.spots = {}

    def changed(self, before, after):
        """Numbers of the changes that are another ground on the second look: bool [1+changes]."""
        return (self.phase[:, before] != self.phase[:, after]) & (self.code[:, before] != self.code[:, after])

    def spot(self, rng, before, after):
        """A pixel of a change, each change as likely as every other; None where there is none."""
        if not self.spots:
            rows, cols = np.nonzero(self.owner)
            order = np.argsort(self.owner[rows, cols], kind='stable')
            numbers, starts = np.unique(self.owner[rows, cols][order], return_index=True)
            self.spots = dict(zip(numbers.tolist(), np.split(np.stack([rows, cols], 1)[order], starts[1:])))
        numbers = [k for k in np.flatnonzero(self.changed(before, after)).tolist() if k in self.spots]
        if not numbers:
            return None
        at = self.spots[numbers[rng.integers(len(numbers))]]
        return at[rng.integers(len(at))]


def blocks(a, factor):
    h, w = a.shape[-2:]
    return a.reshape(*a.shape[:-2], h // factor, factor, w // factor, factor).mean((-3, -1), dtype=np.float32) if factor > 1 else a


class Landscapes:
    def __init__(self, is_held_out=False):
        seeds = [s for s in wanted['seeds'] if (s in wanted['heldOutSeeds']) == is_held_out]
        self.all = [Landscape(s) for s in seeds]
        self.is_held_out = is_held_out

    def looks(self, rng):
        """Two looks, the first of them on the grid of the truth: most of them summers a year apart."""
        kinds = rates['pairs']
        draw = 0 if self.is_held_out else rng.random()
        if draw < kinds['summers']:
            return [(2, (5, 6, 7)), (6, (1, 2, 3))][0 if self.is_held_out else rng.integers(2)]
        if draw < kinds['summers'] + kinds['oneSummer']:
            return [(2, (1, 3)), (6, (5, 7))][rng.integers(2)]
        return [(0, (1, 2, 3, 5, 6, 7)), (4, (1, 3, 5, 7)), (2, (0, 4)), (6, (0, 4))][rng.integers(4)]

    def window(self, rng, size):
        """x1, x2 reflectance [6,n,n], p1, p2 cover [6,n,n], label [n,n] (-1 = unseen or mixed), cloud [2,n,n], q1, q2.

        Registered as the product does: the second look is moved by its true shift, with an error, from a quarter pixel on.
        """
        land = self.all[rng.integers(len(self.all))]
        fixed, others = self.looks(rng)
        other = others[rng.integers(len(others))]
        factor = 1 if self.is_held_out else int(rng.choice([1, 2, 3], p=rates['scales']))
        is_swapped = not self.is_held_out and rng.random() < (0.5 if fixed in (2, 6) and other in (5, 6, 7, 1, 2, 3) else 0.3)
        before, after = (other, fixed) if is_swapped else (fixed, other)
        n = size * factor
        spot = land.spot(rng, before, after) if rng.random() < rates['onChange'] else None
        row, col = rng.integers(land.size, size=2) if spot is None else spot + rng.integers(-n // 2, n // 2, 2)
        r, c = (int(np.clip(v - n // 2, 0, land.size - n)) for v in (row, col))
        at = slice(r, r + n), slice(c, c + n)
        x = {k: land.dn[(k, slice(None), *at)].astype(np.float32) * np.float32(1e-4) for k in (fixed, other)}
        cloud = {k: ndimage.binary_dilation(land.cloud[(k, *at)] != CLEAR, iterations=2) for k in (fixed, other)}
        move = -land.shift[other] if np.hypot(*land.shift[other]) >= 0.25 else np.zeros(2, np.float32)
        move = np.clip(move + rng.normal(0, 0.12, 2) * (rng.random() < 0.8), -0.95, 0.95)
        if rng.random() < rates['misregistered']:
            move = rng.uniform(-0.95, 0.95, 2)
        x[other] = shifted(x[other], *move)
        owner = land.owner[at]
        changed = land.changed(before, after)[owner]
        into = land.code[:, after][owner]
        p = {k: (land.cover[(k, *at)][None] == np.arange(CLASSES)[:, None, None]).astype(np.float32) for k in (fixed, other)}
        if factor > 1:
            x, p = ({k: blocks(v, factor) for k, v in d.items()} for d in (x, p))
            cloud = {k: blocks(v, factor) > 0 for k, v in cloud.items()}
            into = blocks((into[None] == np.arange(CLASSES)[:, None, None]) & changed[None], factor).argmax(0)
            share = blocks(changed, factor)
            label = np.where(share >= 0.5, 1 + into, np.where(share > 0.15, -1, 0))
        else:
            label = np.where(changed, 1 + into, 0)
        label[cloud[fixed] | cloud[other]] = -1
        clouds = np.stack([cloud[before], cloud[after]])
        return x[before], x[after], p[before], p[after], label, clouds, land.q[before], land.q[after]


def shifted(a, dy, dx):
    """Sample [C,h,w] at (row+dy, col+dx), |shift| < 1 px, bilinear, edges replicated."""
    for axis, d in ((1, dy), (2, dx)):
        if d == 0:
            continue
        other = np.roll(a, -1 if d > 0 else 1, axis)
        edge = [slice(None)] * 3
        edge[axis] = -1 if d > 0 else 0
        other[tuple(edge)] = a[tuple(edge)]
        a = a + np.float32(abs(d)) * (other - a)
    return a
