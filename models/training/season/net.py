"""Fit the network of a year's curves and write it as `tianwatch-curve-net/1`: README.md beside this file."""
import struct

import numpy as np
import torch
from torch import nn

CLIP = 5.0


def clock(steps):
    """Where in the year a step is, [step][5]; as in pipeline/season/curve-net.ts."""
    at = (np.arange(steps) + 0.5) / steps
    turn = 2 * np.pi * at
    return np.stack([np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn), 2 * at - 1], 1).astype(np.float32)


class Net(nn.Module):
    def __init__(self, channels, width, kernel, layers, classes):
        super().__init__()
        sizes = [channels + 5, *[width] * layers]
        self.convs = nn.ModuleList(nn.Conv1d(a, b, kernel, padding=kernel // 2) for a, b in zip(sizes, sizes[1:]))
        self.dense = nn.ModuleList([nn.Linear(2 * width, width), nn.Linear(width, classes)])

    def forward(self, x):
        for conv in self.convs:
            x = torch.relu(conv(x))
        return self.dense[1](torch.relu(self.dense[0](torch.cat([x.mean(2), x.max(2).values], 1))))


def fit_net(rows, labels, fit):
    """rows [sample][channel * steps] as `seasonFeatures` gives them; labels `winter|summer` of the largest share of a parcel.

    `grain` names the labels that count as grain, `grainFractions` how much of each parcel carried it: strips of several farmers
    are one label, whatever the others sowed, so the sum over labels learns from the ground.
    """
    torch.set_num_threads(1)
    torch.manual_seed(fit["seed"])
    random = np.random.default_rng(fit["seed"])
    steps = fit["steps"]
    rows = rows.reshape(len(rows), -1, steps)
    channels = rows.shape[1]
    some = rows[:: max(1, len(rows) // 20000)].astype(np.float64)
    mean, deviation = some.mean((0, 2)).astype(np.float32), some.std((0, 2)).astype(np.float32) + np.float32(1e-6)
    classes, wanted = np.unique(labels, return_inverse=True)
    wanted = torch.from_numpy(wanted)
    is_grain = torch.from_numpy(np.isin(classes, fit["grain"]))
    has_grain = torch.from_numpy((np.array(fit["grainFractions"]) >= 0.5).astype(np.float32))
    hours = np.broadcast_to(clock(steps).T, (fit["batch"], 5, steps))
    net = Net(channels, fit["width"], fit["kernel"], fit["layers"], len(classes))
    optimiser = torch.optim.AdamW(net.parameters(), fit["rate"], weight_decay=fit["decay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, fit["rate"], total_steps=fit["iterations"])
    total = 0.0
    for k in range(fit["iterations"]):
        at = random.integers(len(rows), size=fit["batch"])
        x = (rows[at] - mean[:, None]) / deviation[:, None]
        # what a look's haze and a sensor's gain leave in all looks of a parcel
        x += random.normal(0, fit["jitter"], (len(at), channels, 1))
        x = np.concatenate([np.clip(x, -CLIP, CLIP), hours], 1).astype(np.float32)
        shares = torch.log_softmax(net(torch.from_numpy(x)), 1)
        grain, other = (torch.logsumexp(shares[:, some], 1) for some in (is_grain, ~is_grain))
        by_ground = has_grain[at] * grain + (1 - has_grain[at]) * other
        loss = nn.functional.nll_loss(shares, wanted[at]) - fit["groundWeight"] * by_ground.mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += float(loss.detach())
        if k % 1000 == 999:
            print(k + 1, "loss", round(total / 1000, 4), flush=True)
            total = 0.0
    write_net(net, [str(name) for name in classes], (mean, deviation), fit)


def write_net(net, classes, scale, fit):
    head = " ".join(classes).encode()
    head += b" " * (-len(head) % 4)
    sizes = [len(head), len(scale[0]), fit["steps"], fit["width"], fit["kernel"], fit["layers"]]
    with open(fit["out"], "wb") as file:
        file.write(b"TWCURVES" + struct.pack("<6I", *sizes) + head)
        for part in scale:
            file.write(part.astype("<f4").tobytes())
        for layer in net.convs:
            # [to][tap][from]: what one step asks for lies together
            file.write(layer.weight.detach().numpy().transpose(0, 2, 1).astype("<f4").tobytes())
            file.write(layer.bias.detach().numpy().astype("<f4").tobytes())
        for layer in net.dense:
            file.write(layer.weight.detach().numpy().astype("<f4").tobytes())
            file.write(layer.bias.detach().numpy().astype("<f4").tobytes())


def read_net(path):
    """What `write_net` wrote: network, mean, deviation, clock."""
    with open(path, "rb") as file:
        data = file.read()
    head, channels, steps, width, kernel, layers = struct.unpack("<6I", data[8:32])
    classes = data[32:32 + head].decode().split()
    numbers = np.frombuffer(data, "<f4", offset=32 + head)
    at = 0

    def take(*shape):
        nonlocal at
        at += int(np.prod(shape))
        return torch.from_numpy(numbers[at - int(np.prod(shape)):at].reshape(shape).copy())

    mean, deviation = take(channels).numpy(), take(channels).numpy()
    net = Net(channels, width, kernel, layers, len(classes))
    with torch.no_grad():
        for layer in net.convs:
            layer.weight.copy_(take(layer.out_channels, kernel, layer.in_channels).permute(0, 2, 1))
            layer.bias.copy_(take(layer.out_channels))
        for layer in net.dense:
            layer.weight.copy_(take(layer.out_features, layer.in_features))
            layer.bias.copy_(take(layer.out_features))
    return net, mean, deviation, clock(steps)
