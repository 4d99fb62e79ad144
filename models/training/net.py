"""The network: one encoder shared by both dates, cover of each date, and change into a class.

Forward: before, after float32 [B,6,H,W] normalised, H and W multiples of 16
      -> cover logits of each date [B,6,H,W], change logits [B,7,H,W] (0 = no change, 1+c = changed into class c).
"""
import torch
from torch import nn
import torch.nn.functional as F


def conv(i, o, k=3, stride=1):
    return nn.Sequential(nn.Conv2d(i, o, k, stride, k // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a = conv(n, n)
        self.b = nn.Sequential(nn.Conv2d(n, n, 3, 1, 1, bias=False), nn.BatchNorm2d(n))

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


def up(x):
    return F.interpolate(x, scale_factor=2.0, mode='nearest')


class Encoder(nn.Module):
    """U-Net on the half-resolution grid; returns features at 1/2 and 1/4."""

    def __init__(self, bands, w):
        super().__init__()
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), conv(4 * bands, w[0]), Residual(w[0]))
        self.down = nn.ModuleList(nn.Sequential(conv(a, b, 3, 2), Residual(b)) for a, b in zip(w, w[1:]))
        self.deep = Residual(w[-1])
        self.side = nn.ModuleList(conv(b, a, 1) for a, b in zip(w, w[1:]))
        self.merge = nn.ModuleList(Residual(a) for a in w[:-1])

    def forward(self, x):
        levels = [self.stem(x)]
        for down in self.down:
            levels.append(down(levels[-1]))
        f = self.deep(levels[-1])
        kept = []
        for k in reversed(range(len(self.side))):
            f = self.merge[k](levels[k] + up(self.side[k](f)))
            kept.append(f)
        return kept[-1], kept[-2]


class Net(nn.Module):
    def __init__(self, bands=6, classes=6, w=(20, 32, 48, 64)):
        super().__init__()
        self.encoder = Encoder(bands, w)
        self.cover = nn.Sequential(nn.Conv2d(w[0], 4 * classes, 1), nn.PixelShuffle(2))
        self.at_half = conv(3 * w[0], 32, 1)
        self.at_quarter = nn.Sequential(conv(3 * w[1], 32, 1), Residual(32))
        self.spectral = nn.Sequential(nn.PixelUnshuffle(2), conv(8 * bands, 32))
        self.join = nn.Sequential(conv(96, 32), Residual(32))
        self.change = nn.Sequential(nn.Conv2d(32, 4 * (classes + 1), 1), nn.PixelShuffle(2))

    def forward(self, before, after):
        h1, q1 = self.encoder(before)
        h2, q2 = self.encoder(after)
        half = self.at_half(torch.cat([h1, h2, (h1 - h2).abs()], 1))
        quarter = up(self.at_quarter(torch.cat([q1, q2, (q1 - q2).abs()], 1)))
        spectral = self.spectral(torch.cat([after - before, (after - before).abs()], 1))
        change = self.change(self.join(torch.cat([half, quarter, spectral], 1)))
        return self.cover(h1), self.cover(h2), change


class Export(nn.Module):
    """What the product runs: arg-max and cast inside. Outputs before, after, into uint8 [1,H,W]; change float32 [1,H,W]."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, before, after):
        c1, c2, change = self.net(before, after)
        p = torch.softmax(change, 1)
        code = lambda logits: torch.argmax(logits, 1).to(torch.uint8)
        return code(c1), code(c2), 1 - p[:, 0], code(change[:, 1:])
