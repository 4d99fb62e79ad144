"""The network: one encoder, run once a date; cover of that date; change into a class from the features of two dates.

Images are float32 [B,6,H,W] normalised, H and W multiples of 8. Every width is a multiple of 16: that is what the vector units of
today's processors want, both here and in onnxruntime. Context: 64 px of the image for cover, 76 px for change.
"""
import copy
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
    """U-Net of 1/2, 1/4 and 1/8; image -> cover logits [B,classes,H,W], features at 1/2 and at 1/4."""

    def __init__(self, bands, classes, w):
        super().__init__()
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), conv(4 * bands, w[0]), Residual(w[0]))
        self.down = nn.ModuleList(nn.Sequential(conv(a, b, 3, 2), Residual(b)) for a, b in zip(w, w[1:]))
        self.deep = Residual(w[-1])
        self.side = nn.ModuleList(conv(b, a, 1) for a, b in zip(w, w[1:]))
        self.merge = nn.ModuleList(Residual(a) for a in w[:-1])
        self.cover = nn.Sequential(nn.Conv2d(w[0], 4 * classes, 1), nn.PixelShuffle(2))

    def forward(self, x):
        levels = [self.stem(x)]
        for down in self.down:
            levels.append(down(levels[-1]))
        f = self.deep(levels[-1])
        kept = []
        for k in reversed(range(len(self.side))):
            f = self.merge[k](levels[k] + up(self.side[k](f)))
            kept.append(f)
        return self.cover(kept[-1]), kept[-1], kept[-2]


class Head(nn.Module):
    """Features of both dates and both images -> change logits [B,1+classes,H,W]: 0 = no change, 1+c = changed into class c."""

    def __init__(self, bands, classes, w, n):
        super().__init__()
        self.at_half = conv(3 * w[0], n, 1)
        self.at_quarter = nn.Sequential(conv(3 * w[1], n, 1), Residual(n))
        self.spectral = nn.Sequential(nn.PixelUnshuffle(2), conv(8 * bands, n))
        self.join = nn.Sequential(conv(3 * n, n), Residual(n))
        self.change = nn.Sequential(nn.Conv2d(n, 4 * (classes + 1), 1), nn.PixelShuffle(2))

    def forward(self, before, after, half1, quarter1, half2, quarter2):
        half = self.at_half(torch.cat([half1, half2, (half1 - half2).abs()], 1))
        quarter = up(self.at_quarter(torch.cat([quarter1, quarter2, (quarter1 - quarter2).abs()], 1)))
        spectral = self.spectral(torch.cat([after - before, (after - before).abs()], 1))
        return self.change(self.join(torch.cat([half, quarter, spectral], 1)))


class Net(nn.Module):
    """before, after -> cover logits of each date, change logits."""

    def __init__(self, bands=6, classes=6, widths=(32, 48, 80), head=32):
        super().__init__()
        self.encoder = Encoder(bands, classes, widths)
        self.head = Head(bands, classes, widths, head)

    def forward(self, before, after):
        cover, half, quarter = self.encoder(torch.cat([before, after]))
        (half1, half2), (quarter1, quarter2) = half.chunk(2), quarter.chunk(2)
        return *cover.chunk(2), self.head(before, after, half1, quarter1, half2, quarter2)


def code(logits):
    return torch.argmax(logits, 1).to(torch.uint8)


def probabilities(logits):
    """Softmax over dimension 1, spelled out: onnxruntime's own takes a third of the encoder's time where the classes are not last."""
    e = torch.exp(logits - torch.amax(logits, 1, keepdim=True))
    return e / e.sum(1, keepdim=True)


def settled(first, second, still):
    """Cover of both dates as probabilities: where nothing changed, with probability `still` [B,1,H,W], both see one ground and take the mean."""
    mean = (first + second) * 0.5
    return first + still * (mean - first), second + still * (mean - second)


def merge_unshuffle(layers):
    """[PixelUnshuffle(2), conv of 3, ...] -> the same as one convolution of 6 with stride 2, which needs no copy of the image."""
    _, (conv, norm, relu), *rest = layers
    o, i = conv.weight.shape[:2]
    merged = nn.Conv2d(i // 4, o, 6, 2, 2, bias=False)
    # [o, c, dy, dx, ky, kx] -> row 2 ky + dy, column 2 kx + dx
    merged.weight = nn.Parameter(conv.weight.detach().view(o, i // 4, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(o, i // 4, 6, 6))
    return nn.Sequential(merged, norm, relu, *rest)


def for_export(net):
    """The same function as `net`, in the form that onnxruntime runs fastest."""
    same = copy.deepcopy(net)
    same.encoder.stem, same.head.spectral = merge_unshuffle(same.encoder.stem), merge_unshuffle(same.head.spectral)
    return same.eval()


def steps(values, step):
    """float >= 0 -> uint8 in steps of `step`; what lies above 255 steps is held there."""
    return torch.clamp(torch.round(values / step), 0, 255).to(torch.uint8)


class ExportEncoder(nn.Module):
    """image -> cover uint8 [1,classes,H,W] (255 = certain), features uint8 at 1/2 and 1/4: once a scene, whatever the number of pairs.

    `half`, `quarter`: what one step of a feature is worth, [1,channels,1,1]; as bytes a scene's features are a quarter to keep.
    """

    def __init__(self, net, half, quarter):
        super().__init__()
        self.net, self.half, self.quarter = net, half, quarter

    def forward(self, image):
        cover, half, quarter = self.net.encoder(image)
        return torch.round(probabilities(cover) * 255).to(torch.uint8), steps(half, self.half), steps(quarter, self.quarter)


class ExportHead(nn.Module):
    """both images and their features -> change float32 [1,H,W], into uint8 [1,H,W]."""

    def __init__(self, net, half, quarter):
        super().__init__()
        self.net, self.half, self.quarter = net, half, quarter

    def forward(self, before, after, half1, quarter1, half2, quarter2):
        features = half1.float() * self.half, quarter1.float() * self.quarter, half2.float() * self.half, quarter2.float() * self.quarter
        change = self.net.head(before, after, *features)
        return 1 - probabilities(change)[:, 0], code(change[:, 1:])


class FloatEncoder(nn.Module):
    """As ExportEncoder with features as they are, for quantise.py."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, image):
        cover, half, quarter = self.net.encoder(image)
        return torch.round(probabilities(cover) * 255).to(torch.uint8), half, quarter


class FloatHead(nn.Module):
    """As ExportHead with features as they are, for quantise.py."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, *inputs):
        change = self.net.head(*inputs)
        return 1 - probabilities(change)[:, 0], code(change[:, 1:])


def is_any_of(cover, priors, classes):
    """Whether the class that is most probable where no class is likelier beforehand (cover without `priors`) is one of `classes`; [B,H,W]."""
    best = torch.argmax(cover * torch.exp(-priors)[None, :, None, None], 1)
    return sum((best == c).to(torch.uint8) for c in classes)


class ExportPair(nn.Module):
    """before, after -> both covers uint8 (`settled`), change float32, into uint8, field uint8 (1 where either date by itself shows one of
    the classes `fields`; without such classes no such plane), [1,H,W] each: what a card of kind `change` runs."""

    def __init__(self, net, fields=()):
        super().__init__()
        self.net, self.fields = net, fields

    def forward(self, before, after):
        c1, half1, quarter1 = self.net.encoder(before)
        c2, half2, quarter2 = self.net.encoder(after)
        change = self.net.head(before, after, half1, quarter1, half2, quarter2)
        still = probabilities(change)[:, :1]
        p1, p2 = probabilities(c1), probabilities(c2)
        first, second = settled(p1, p2, still)
        planes = code(first), code(second), 1 - still[:, 0], code(change[:, 1:])
        if not self.fields:
            return planes
        return *planes, torch.maximum(*(is_any_of(p, self.net.priors, self.fields) for p in (p1, p2)))
