"""What `pipeline/change/series-look.ts` and `series-evidence.ts` say of looks, in torch: input of series_memory.py. Arrays are [pixel, ...]."""
import datetime
import numpy as np
import torch
import torch.nn.functional as functional

classes = 6
step_nats = 0.05
largest = 4.25
least_mass = 1e-6


def ordinal(date):
    return datetime.date.fromisoformat(date[:10]).toordinal()


def season_of(date):
    """Sine and cosine of the day of the year, once and twice a year."""
    angle = 2 * np.pi * datetime.date.fromisoformat(date[:10]).timetuple().tm_yday / 365.25
    return np.array([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)], np.float32)


class Likelihood:
    """Logarithm of the likelihood of each ground in one look, less that of the likeliest, as it is kept."""

    def __init__(self, model):
        self.layers = [(torch.tensor(part['weights']), torch.tensor(part['bias'])) for part in model['layers']]
        self.context, self.side = model['look']['contextPx'], model['look']['smooth']

    def _planes(self, cover, image, seen):
        size = seen.shape[0]
        own = np.concatenate([np.sqrt(cover.astype(np.float32) / 255), np.clip(image, -largest, largest).astype(np.float32)])
        weight = torch.from_numpy(seen.astype(np.float32))[None]
        own = torch.from_numpy(own).view(-1, size, size) * weight
        wide = 2 * self.context + 1
        box = lambda planes: functional.avg_pool2d(planes[None], wide, 1, self.context)[0] * wide**2
        number = box(weight).clamp(min=1)
        mean = box(own) / number
        deviation = (box(own**2) / number - mean**2).clamp(min=0).sqrt()
        return torch.cat([own, mean, deviation[classes:]]).view(-1, size * size)

    def _smoothed(self, scores, seen):
        size = seen.shape[0]
        scores, weight = scores.T.reshape(-1, 1, size, size), torch.from_numpy(seen.astype(np.float32))[None, None]
        kernel = torch.tensor([self.side, 1 - 2 * self.side, self.side])
        for shape, padding in (((1, 3), (0, 1)), ((3, 1), (1, 0))):
            sides = kernel.view(1, 1, *shape)
            sums, weights = (functional.conv2d(part, sides, padding=padding) for part in (scores * weight, weight))
            scores = torch.where(weight > 0, sums / weights.clamp(min=1e-6), torch.zeros_like(sums))
        return scores.view(len(scores), -1).T

    @torch.no_grad()
    def of(self, cover, image, seen, date):
        """cover [6, pixel] of 255, image [band, pixel], seen [row, col] → [pixel, ground], nats, 0 = likeliest."""
        at = torch.from_numpy(np.flatnonzero(seen))
        planes = self._planes(cover, image, seen)[:, at].T
        values = torch.cat([planes, torch.from_numpy(season_of(date)).expand(len(at), 4)], 1)
        for position, (weights, bias) in enumerate(self.layers):
            values = values @ weights.T + bias
            if position + 1 < len(self.layers):
                values = values.relu()
        scores = torch.zeros(seen.size, values.shape[1])
        scores[at] = values
        scores = self._smoothed(scores, seen)
        below = scores - scores.max(1, keepdim=True).values
        return ((below / step_nats).round() * step_nats).clamp(min=-255 * step_nats).contiguous()


class Filter:
    """Joint probability of the class before and the ground now in each pixel, as of `seriesEvidence`."""

    def __init__(self, model, pixels):
        grounds = model['grounds'] + model['guises']
        names, self.size = [ground['name'] for ground in grounds], len(grounds)
        of_class = np.array([ground['class'] for ground in grounds])
        self.output = [*range(len(model['grounds'])), *(names.index(guise['like']) for guise in model['guises'])]
        rates = np.zeros((self.size, self.size))
        for rate in model['rates']:
            for source in rate['from']:
                targets = [target for target in rate['to'] if target != source]
                for target in targets:
                    rates[names.index(source), names.index(target)] += rate['perYear'] / len(targets) / 365.25
        self.rates = rates - np.diag(rates.sum(1))
        self.floor = model['look']['floor']
        is_of = (of_class[None] == np.arange(classes)[:, None]).astype(np.float32)
        start = torch.from_numpy(is_of * np.array([ground['share'] for ground in grounds], np.float32))
        self.mass = start[None].repeat(pixels, 1, 1)
        self.to_class = torch.from_numpy(is_of.T.copy())

    def _passage(self, days):
        small = self.rates * days / 1024
        out = np.eye(self.size) + small + small @ small / 2
        for _ in range(10):
            out = out @ out
        return torch.from_numpy(out.astype(np.float32))

    @torch.no_grad()
    def step(self, days, likelihood, seen):
        """One look, `days` after the one before → [pixel, unchanged, into 6, before 6], probabilities."""
        if days > 0:
            alive = torch.where(self.mass < least_mass, 0, self.mass)
            self.mass = (alive.view(-1, self.size) @ self._passage(days)).view(self.mass.shape)
        weight = (self.floor + (1 - self.floor) * likelihood.exp())[:, self.output]
        mass = self.mass * weight[:, None]
        mass /= mass.sum((1, 2), keepdim=True)
        self.mass = torch.where(seen[:, None, None], mass, self.mass)
        joint = self.mass @ self.to_class
        same = torch.diagonal(joint, dim1=1, dim2=2)
        return torch.cat([same.sum(1, keepdim=True), joint.sum(1) - same, joint.sum(2)], 1)
