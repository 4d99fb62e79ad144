"""Scenes of one place in memory, at one of three scales, and windows of them."""
import functools, json
import numpy as np
from scaling import quantiles
from setup import recipe, work

CLASSES = len(recipe['classes'])


@functools.lru_cache(None)
def sizes():
    return {t['file']: (t['height'], t['width']) for t in json.load(open(f'{work}/teacher/list.json'))}


def teacher(name, shape):
    """Probabilities of the teacher as our classes, sharpened: float32 [date,6,H,W], or None where it did not run."""
    if f'{name}-0' not in sizes():
        return None
    out = np.zeros((shape[0], CLASSES, *shape[2:]), np.float32)
    for k in range(shape[0]):
        h, w = sizes()[f'{name}-{k}']
        p = np.fromfile(f'{work}/teacher/{name}-{k}.u8', np.uint8).reshape(9, h, w) / np.float32(255)
        for source, target in enumerate(recipe['teacherToClass']):
            out[k, target, :h, :w] += p[source]
    out = np.pad(out[:, :, :h, :w], [(0, 0), (0, 0), (0, shape[2] - h), (0, shape[3] - w)], 'edge')
    out **= recipe['teacherPower']
    return out / np.maximum(out.sum(1, keepdims=True), 1e-6)


def coarser(a, factor):
    """Block mean of the last two axes; what does not fill a block is dropped."""
    h, w = (s // factor * factor for s in a.shape[-2:])
    return a[..., :h, :w].reshape(*a.shape[:-2], h // factor, factor, w // factor, factor).mean((-3, -1), dtype=np.float32)


class Place:
    """`dn` uint16 [n,6,h,w], `cover` uint8 [n,6,h,w] (255 = certain) or None, `calm` bool, `segment` int32 [h,w], `q` float32 [n,6,33].

    Statistics are those of the whole scene; pixels are those of its upper rows (training) or of the lower ones (held out).
    """

    def __init__(self, name, is_held_out=False, factor=1):
        z = np.load(f'{work}/scenes/{name}.npz')
        self.name, self.has, self.factor = name, z['has'], factor
        self.stable = name in recipe['stableSeries']
        dn = z['dn']
        self.q = np.stack([quantiles(d[:, ::2, ::2].astype(np.float32) / 10000) for d in dn])
        cut = int(dn.shape[2] * (1 - recipe['heldOutRowsFraction']))
        rows = slice(None) if self.stable else slice(cut, None) if is_held_out else slice(0, cut)
        cover = teacher(name, dn.shape)
        calm, self.segment = z['calm'][rows], z['segment'][rows][::factor, ::factor]
        if cover is not None:
            cover = self.settle(cover[:, :, rows], calm)
            self.cover = np.round((coarser(cover, factor) if factor > 1 else cover) * 255).astype(np.uint8)
        else:
            self.cover = None
        self.dn = np.round(coarser(dn[:, :, rows], factor)).astype(np.uint16) if factor > 1 else dn[:, :, rows]
        self.calm = calm[::factor, ::factor]
        self.height, self.width = self.dn.shape[2:]

    def settle(self, cover, calm):
        """Where the ground stayed the same, both dates have one cover: the mean of what the teacher said of each."""
        if self.stable:
            return np.repeat(cover.mean(0, keepdims=True), len(cover), 0)
        same = calm | (cover[0].argmax(0) == cover[1].argmax(0))
        return np.where(same, cover.mean(0), cover)

    def corner(self, row, col, height, width):
        """Corner of a window of this size that holds (row, col) as near its middle as the scene allows."""
        return (int(np.clip(row - height // 2, 0, self.height - height)),
                int(np.clip(col - width // 2, 0, self.width - width)))

    def reflectance(self, date, rows, cols):
        return self.dn[date, :, rows, cols].astype(np.float32) * np.float32(1e-4)

    def probability(self, date, rows, cols):
        if self.cover is None:
            return np.zeros((CLASSES, rows.stop - rows.start, cols.stop - cols.start), np.float32)
        return self.cover[date, :, rows, cols].astype(np.float32) * np.float32(1 / 255)
