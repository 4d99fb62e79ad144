"""Change that never happened: pieces of other ground pasted into date 2, in the shape of plots, roads, roofs and works."""
import numpy as np
from scipy import ndimage
from scaling import scene_scale

FEATHER = 3


def drawn_shape(rng, n):
    """A turned rectangle, an ellipse or a strip: bool [h,w] and its corner in an n x n window."""
    if rng.random() < 0.25:
        a, b = rng.uniform(0.8, 2.0), np.exp(rng.uniform(np.log(6), np.log(n / 4)))
    else:
        a, b = np.exp(rng.uniform(np.log(1.4), np.log(n / 6), 2))
    turn, reach = rng.uniform(0, np.pi), int(np.ceil(np.hypot(a, b))) + 1
    y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1]
    u, v = (x * np.cos(turn) + y * np.sin(turn)) / a, (y * np.cos(turn) - x * np.sin(turn)) / b
    inside = np.maximum(np.abs(u), np.abs(v)) < 1 if rng.random() < 0.7 else u * u + v * v < 1
    r, c = rng.integers(0, n, 2) - reach
    return inside, int(r), int(c)


def plot_shape(rng, segment):
    """A plot of the place itself, as its owner would build on it; None where the plot at the drawn pixel is too large."""
    n = len(segment)
    r, c = rng.integers(0, n, 2)
    inside = segment == segment[r, c]
    rows, cols = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    inside = inside[rows[0]:rows[-1] + 1, cols[0]:cols[-1] + 1]
    if inside.sum() > 2500 or max(inside.shape) > n // 2:
        return None
    return inside, int(rows[0]), int(cols[0])


def shape(rng, segment):
    """Weights 0..1 [h,w] with a feathered edge, and the window (rows, cols) that they lie in."""
    n = len(segment)
    found = plot_shape(rng, segment) if rng.random() < 0.5 else None
    inside, r, c = found or drawn_shape(rng, n)
    alpha = ndimage.gaussian_filter(np.pad(inside, FEATHER).astype(np.float32), rng.uniform(0.3, 0.8), truncate=3)
    r, c = r - FEATHER, c - FEATHER
    top, left = max(0, -r), max(0, -c)
    alpha = alpha[top:n - r, left:n - c]
    r, c = r + top, c + left
    return alpha, slice(r, r + alpha.shape[0]), slice(c, c + alpha.shape[1])


def paste(rng, x2, p2, q_to, segment, draw_source):
    """3-12 pieces into x2 [6,n,n] and p2 [6,n,n], in place; returns how much of each pixel is foreign, 0..1 [n,n].

    draw_source(height, width, unlike) -> reflectance, probabilities of a window of that size of other ground, mostly not of class
    `unlike`, and its scene's quantiles.
    Opacity and brightness vary, so that pasted change is no starker than real change.
    """
    foreign = np.zeros(segment.shape, np.float32)
    low_to, gain_to = scene_scale(q_to)
    for _ in range(rng.integers(3, 13)):
        alpha, rows, cols = shape(rng, segment)
        if alpha.size == 0 or alpha.max() < 0.5:
            continue
        drawn = draw_source(*alpha.shape, (p2[:, rows, cols] * alpha).sum((1, 2)).argmax())
        if drawn is None:
            continue
        s, p, q = drawn
        low, gain = scene_scale(q)
        # haze (the low end) is the scene's, brightness mostly the ground's: move the first, part of the second
        s = (s - low[:, None, None]) * np.float32((gain_to / gain) ** rng.uniform(0, 1)) + low_to[:, None, None]
        opacity = np.float32(1 if rng.random() < 0.5 else rng.uniform(0.5, 1))
        x2[:, rows, cols] += alpha * opacity * (s - x2[:, rows, cols])
        p2[:, rows, cols] += alpha * (p - p2[:, rows, cols])
        foreign[rows, cols] = np.maximum(foreign[rows, cols] * (1 - alpha), alpha)
    return foreign
