"""Joint-log normalisation and histogram matching; pipeline/segment/scaling.ts does the same at run time."""
import numpy as np
from setup import recipe

FRACTIONS = np.array([0.002, *np.linspace(0.02, 0.98, 31), 0.998])
wanted = recipe.get('scaling', dict(high=0.98, gain=4.0, floor=-0.2))
LOW, HIGH = 1, int(np.abs(FRACTIONS - wanted['high']).argmin())
GAIN, FLOOR, CENTRE, SPREAD, LEAST = wanted['gain'], wanted['floor'], 0.8, 0.6, 0.02
# bands that are always there, so that losing the others changes nothing
REFERENCE = [recipe['bands'].index(b) for b in recipe.get('reference', ['blue', 'green', 'red', 'nir'])]


def quantiles(reflectance):
    """float [bands,H,W] -> [bands,33]."""
    return np.quantile(reflectance.reshape(len(reflectance), -1), FRACTIONS, axis=1).T.astype(np.float32)


def scene_scale(q):
    """Lower end per band [bands] and the one gain of all bands (reflectance)."""
    low = q[:, LOW]
    return low, max(LEAST, float(np.mean(q[REFERENCE, HIGH] - q[REFERENCE, LOW])))


def joint_log(reflectance, low, gain):
    u = np.maximum((reflectance - low[:, None, None]) / gain, FLOOR)
    return ((np.log1p(GAIN * u) - CENTRE) / SPREAD).astype(np.float32)


def match(reflectance, q_from, q_to):
    """Give date 2 the distribution of date 1, band by band: linear between quantiles, slope 1 outside."""
    out = np.empty_like(reflectance)
    for k, band in enumerate(reflectance):
        a, b = q_from[k].astype(np.float64), q_to[k]
        a = np.maximum.accumulate(a + np.arange(len(a)) * 1e-9)
        out[k] = np.interp(band, a, b)
        out[k] += np.minimum(band - a[0], 0) + np.maximum(band - a[-1], 0)
    return out
