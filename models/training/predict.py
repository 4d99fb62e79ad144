"""The trained network over whole scenes, as the product runs it: statistics of the scene, date 2 matched to date 1."""
import json, os
import numpy as np
import torch
import torch.nn.functional as F
from net import Net, probabilities, settled
from scaling import joint_log, match, quantiles, scene_scale
from setup import base_folder, folder, recipe


def add_priors(net):
    """What priors.py found for the base, kept as `priors` [classes] and added to the last convolution of cover, whose channels are [class][2][2];
    nothing where it is absent."""
    path = f'{base_folder}/priors.json'
    priors = json.load(open(path))['priors'] if os.path.exists(path) else {}
    net.register_buffer('priors', torch.tensor([priors.get(c, 0.0) for c in recipe['classes']]))
    with torch.no_grad():
        net.encoder.cover[0].bias += net.priors.repeat_interleave(4)
    return net


def load(with_priors=True):
    net = Net(len(recipe['bands']), len(recipe['classes']), recipe['widths'], recipe['headWidth'])
    net.load_state_dict(torch.load(f'{folder}/checkpoint.pt')['mean'])
    return (add_priors(net) if with_priors else net).eval().to(memory_format=torch.channels_last)


@torch.no_grad()
def predict(net, r1, r2, has=None, is_matched=True, wants_cover=False):
    """reflectance [6,H,W] of both dates -> change 0..1, class changed into, cover before, cover after; [H,W] each.

    Without matching each date is scaled by itself, as a series is that pays for one pass a scene. With `wants_cover` the log odds of cover
    of each date by itself alone, [6,H,W].
    """
    q1, q2 = quantiles(r1), quantiles(r2)
    scale = scene_scale(q1)
    x = [joint_log(r1, *scale), joint_log(match(r2, q2, q1), *scale) if is_matched else joint_log(r2, *scene_scale(q2))]
    if has is not None:
        for a in x:
            a[~has] = 0
    h, w = r1.shape[1:]
    x = [F.pad(torch.from_numpy(a)[None], (0, -w % 8, 0, -h % 8)).contiguous(memory_format=torch.channels_last) for a in x]
    c1, c2, change = net(*x)
    if wants_cover:
        return c1[0, :, :h, :w].numpy(), c2[0, :, :h, :w].numpy()
    p = torch.softmax(change, 1)[0, :, :h, :w]
    covers = settled(probabilities(c1), probabilities(c2), probabilities(change)[:, :1])
    return (1 - p[0]).numpy(), p[1:].argmax(0).numpy(), *(c.argmax(1)[0, :h, :w].numpy() for c in covers)
