"""Stage `simulate`: pairs with a known change, as GeoTIFF, for the product's whole decision: thresholds without the urban masks.

The held-out strips of the training places and places that were left out (recipe.fusion), twice: `<city>-pair` has the two real dates, `<city>-season` one date twice, its fields
grown to another season. Both get pasted change, a sub-pixel shift and another light. Out: work/<name>/simulated/data/s2_pairs/<place>/ in the
shape of the shared city pairs, with masks of 0 = not scored, 1 = no change, 2 = changed into built or bare, 3 = into something else; so
`TIANWATCH_SHARED=models/training/work/<name>/simulated npx tsx scripts/evaluate.ts --model <card>` reads them.
"""
import os
import numpy as np
import rasterio
from affine import Affine
from paste import paste
from place import Place
from samples import REBUILT, Samples, shifted
from scaling import joint_log, match, quantiles, scene_scale
from setup import folder, left_out, recipe, seed, shared

BANDS = ['B02', 'B03', 'B04', 'B08', 'B11', 'B12']
# a made-up place: nothing is georeferenced that was not there
PROFILE = dict(driver='GTiff', crs='EPSG:32631', transform=Affine(10, 0, 500000, 0, -10, 5000000))


def write(path, bands, names, date):
    with rasterio.open(path, 'w', **PROFILE, count=len(bands), height=bands.shape[1], width=bands.shape[2], dtype=bands.dtype) as file:
        file.write(bands)
        if date:
            file.descriptions = names
            file.update_tags(TIFFTAG_DATETIME=f'{date} 10:00:00')


def simulate(samples, place, is_season):
    rng = samples.rng
    everything = slice(0, place.height), slice(0, place.width)
    k1, k2 = (0, 0) if is_season else (0, 1)
    x1, x2 = place.reflectance(k1, *everything), place.reflectance(k2, *everything)
    p1, p2 = place.probability(k1, *everything), place.probability(k2, *everything)
    stable = samples.stable(place, k1, k2, x1, x2, p1, p2, place.calm)
    if is_season:
        x2 = samples.seasons.grow(rng, x2, place.q[k2][:, 1], p2, place.segment)
        x2 = x2 + rng.standard_normal(x2.shape, np.float32) * np.float32(0.004)
    foreign = np.zeros(stable.shape, np.float32)
    n = samples.size
    for r in range(0, place.height - n + 1, n):
        for c in range(0, place.width - n + 1, n):
            if rng.random() < 0.5:
                at = slice(r, r + n), slice(c, c + n)
                foreign[at] = paste(rng, x2[(slice(None), *at)], p2[(slice(None), *at)], place.q[k2], place.segment[at], samples.source(0))
    dy, dx = rng.uniform(-0.7, 0.7, 2)
    x2, foreign = shifted(x2, dy, dx), shifted(foreign[None], dy, dx)[0]
    x2, _, _ = samples.jitter(x2, place.q[k2][:, 1], 1.0, 0.7)
    q1, q2 = quantiles(x1), quantiles(x2)
    label = samples.labels(stable, foreign, p1, p2, joint_log(x1, *scene_scale(q1)), joint_log(match(x2, q2, q1), *scene_scale(q1)))
    mask = np.where(label == 0, 1, np.where(label < 0, 0, np.where(np.isin(label - 1, REBUILT), 2, 3))).astype(np.uint8)
    return x1, x2, mask


def main():
    samples = Samples(seed + 4, True, 96)
    target = f'{folder}/simulated/data'
    os.makedirs(f'{target}/s2_pairs', exist_ok=True)
    if not os.path.exists(f'{target}/taizhou_landsat'):
        os.symlink(os.path.abspath(f'{shared}/taizhou_landsat'), f'{target}/taizhou_landsat')
    for place in samples.scales[0] + [Place(n) for n in recipe['fusion']['unseenPlaces'] if n in left_out]:
        for is_season in (False, True):
            x1, x2, mask = simulate(samples, place, is_season)
            name = f"{place.name}-{'season' if is_season else 'pair'}"
            os.makedirs(f'{target}/s2_pairs/{name}', exist_ok=True)
            for x, date in ((x1, '20200301'), (x2, '20210601')):
                dn = np.clip(np.round(x * 10000), 1, 28000).astype(np.uint16)
                write(f'{target}/s2_pairs/{name}/{name}_{date}_10m.tif', dn, BANDS, f'{date[:4]}:{date[4:6]}:{date[6:]}')
            write(f'{target}/s2_pairs/{name}/{name}_simulated_mask.tif', mask[None], None, None)
            print(name, mask.shape, 'changed', round(float((mask == 2).mean()), 4), 'not scored', round(float((mask == 0).mean()), 4), flush=True)


if __name__ == '__main__':
    main()
