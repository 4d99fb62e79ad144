"""Stage `data`: put both dates of every place on one grid, as L1C/L2A DN, and write what the teacher reads.

In:  ../shared/data (see its README). Out: work/scenes/<place>.npz with `dn` uint16 [date,6,H,W] (DN = reflectance x 10000, bands of
recipe.json), `has` bool [6] (which bands the place has), `calm` bool [H,W] (the three quarters of the ground that differ least
between two dates) and `segment` int32 [H,W] (plots, from the first date); work/teacher/<place>-<date>.f32 float32 [9,H,W] with
list.json; work/data.json with the sha256 of every file that was read.
"""
import glob, hashlib, json, os
import numpy as np
import rasterio
import torch
import torch.nn.functional as F
from scipy import ndimage
from skimage.registration import phase_cross_correlation
from skimage.segmentation import felzenszwalb
from setup import cities, recipe, shared, work

TEN = ['B02', 'B03', 'B04', 'B08', 'B05', 'B06', 'B07', 'B8A', 'B11', 'B12']
TEACHER = ['B02', 'B03', 'B04', 'B05', 'B06', 'B07', 'B08', 'B11', 'B12']
STUDENT = ['B02', 'B03', 'B04', 'B08', 'B11', 'B12']
hashes = {}


def read(path):
    hashes[os.path.relpath(path, shared)] = hashlib.sha256(open(path, 'rb').read()).hexdigest()
    with rasterio.open(path) as file:
        return file.read().astype(np.float32), list(file.descriptions)


def resize(a, size):
    """Bilinear [C,H,W] -> [C,*size]; both dates cover the same bounds, so a plain resize registers them to ~1 px."""
    return F.interpolate(torch.from_numpy(a)[None], size=size, mode='bilinear', align_corners=False)[0].numpy()


def shift(a, dy, dx):
    """Sample `a` [C,H,W] at (row+dy, col+dx), bilinear, edges replicated."""
    h, w = a.shape[1:]
    rows, cols = torch.meshgrid(torch.arange(h) + dy, torch.arange(w) + dx, indexing='ij')
    at = torch.stack([(cols * 2 + 1) / w - 1, (rows * 2 + 1) / h - 1], -1)[None].float()
    return F.grid_sample(torch.from_numpy(a)[None], at, padding_mode='border', align_corners=False)[0].numpy()


def log_gradient(a):
    gy, gx = np.gradient(np.log(np.maximum(a, 1)))
    return np.hypot(gy, gx)


def measure_shift(a, b, block=128, step=64):
    """Median (dy, dx), in px, of block-wise phase correlation on the log-gradient of red and near infrared."""
    found = []
    window = np.outer(np.hanning(block), np.hanning(block))
    for k in (2, 3):
        ga, gb = log_gradient(a[k]), log_gradient(b[k])
        for r in range(0, a.shape[1] - block + 1, step):
            for c in range(0, a.shape[2] - block + 1, step):
                s = phase_cross_correlation(window * ga[r:r + block, c:c + block], window * gb[r:r + block, c:c + block],
                                            upsample_factor=20)[0]
                if np.abs(s).max() < 6:
                    found.append(s)
    return -np.median(np.array(found), 0) if found else np.zeros(2)


def city(name):
    tens = sorted(glob.glob(f'{shared}/s2_pairs/{name}/*_10m.tif'))
    dates = []
    for ten in tens:
        fine, fine_names = read(ten)
        coarse, coarse_names = read(ten.replace('_10m', '_20m'))
        size = dates[0].shape[1:] if dates else fine.shape[1:]
        by_name = dict(zip(fine_names + coarse_names, [*resize(fine, size), *resize(coarse, size)]))
        dates.append(np.stack([by_name[b] for b in TEN]))
    dy, dx = measure_shift(*dates)
    if np.hypot(dy, dx) >= 0.25:
        dates[1] = shift(dates[1], dy, dx)
    print(f'{name}: {dates[0].shape} shift {dy:.2f} {dx:.2f} px', flush=True)
    return dates, TEN


def calm_ground(a, b):
    """Standardised residuals of date 2 on date 1, all bands, smoothed; True for the lower 75 % of the ranks."""
    total = 0
    for x, y in zip(a, b):
        slope, offset = np.polyfit(x.ravel()[::5], y.ravel()[::5], 1)
        d = y - slope * x - offset
        total = total + (d / (1.48 * np.median(np.abs(d)) + 1)) ** 2
    total = ndimage.gaussian_filter(total, 1.5)
    return total < np.quantile(total, 0.75)


def plots(dn):
    """Fields, roofs and the like: a graph segmentation of log blue, red and near infrared (Felzenszwalb and Huttenlocher 2004)."""
    image = np.log(np.maximum(dn[[0, 2, 3]].astype(float), 1))
    low, high = np.quantile(image, [0.02, 0.98], axis=(1, 2), keepdims=True)
    image = np.clip((image - low) / np.maximum(high - low, 1e-3), 0, 1)
    return felzenszwalb(np.moveaxis(image, 0, -1), scale=40, sigma=0.5, min_size=8).astype(np.int32)


def series(folder, names):
    dates, bands = [], None
    for name in names:
        a, bands = read(f'{shared}/{folder}/{name}.tif')
        dates.append(a)
    return dates, bands


def main():
    os.makedirs(f'{work}/scenes', exist_ok=True)
    os.makedirs(f'{work}/teacher', exist_ok=True)
    places = {name: city(name) for name in cities}
    places |= {folder: series(folder, names) for folder, names in recipe['stableSeries'].items()}
    todo = []
    for place, (dates, bands) in places.items():
        index = [bands.index(b) if b in bands else -1 for b in STUDENT]
        student = np.stack([np.stack([d[i] if i >= 0 else np.zeros_like(d[0]) for i in index]) for d in dates])
        has = np.array([i >= 0 for i in index])
        calm = calm_ground(*student) if len(dates) == 2 else np.zeros(student.shape[2:], bool)
        np.savez(f'{work}/scenes/{place}.npz', dn=np.clip(student, 0, 28000).astype(np.uint16), has=has, calm=calm,
                 segment=plots(student[0]))
        if all(b in bands for b in TEACHER):
            for k, d in enumerate(dates):
                h, w = (s - s % 2 for s in d.shape[1:])
                np.stack([d[bands.index(b)][:h, :w] for b in TEACHER]).astype('<f4').tofile(f'{work}/teacher/{place}-{k}.f32')
                todo.append({'file': f'{place}-{k}', 'height': h, 'width': w})
    json.dump(todo, open(f'{work}/teacher/list.json', 'w'))
    json.dump(hashes, open(f'{work}/data.json', 'w'), indent=1)


if __name__ == '__main__':
    main()
