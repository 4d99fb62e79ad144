"""Stage `train`: seeded, one thread, resumes from work/<name>/checkpoint.pt; same iteration, same batch, kill or not.

Out: work/<name>/checkpoint.pt and log.jsonl (one line a checkpoint: losses, held-out figures).
"""
import json, math, os, time
import numpy as np
import torch
import torch.nn.functional as F
from net import Net
from samples import Samples
from setup import recipe, work

folder = f"{work}/{recipe['name']}"
last = torch.channels_last


def losses(net, batch, cover_weight):
    x1, x2, p1, p2, w, label = batch
    c1, c2, change = net(x1, x2)
    cover = 0
    for logits, p in ((c1, p1), (c2, p2)):
        each = -(F.log_softmax(logits, 1) * p * cover_weight[None, :, None, None]).sum(1) * w
        cover = cover + each.sum() / w.sum().clamp(min=1) / 2
    return cover, F.cross_entropy(change, label, ignore_index=-1), (c1, c2, change)


def tensors(batch):
    x = [torch.from_numpy(a) for a in batch]
    return [a.contiguous(memory_format=last) for a in x[:2]] + x[2:5] + [x[5].long()]


@torch.no_grad()
def validate(net, batches, cover_weight):
    """Held-out strips with pasted change: losses, cover agreement with the teacher, P/R/F1 of change at 0.5."""
    net.eval()
    total, hit, said, true, right, seen = np.zeros(2), 0, 0, 0, 0, 0
    for batch in batches:
        cover, change, (c1, _, logits) = losses(net, batch, cover_weight)
        total += [cover.item(), change.item()]
        label = batch[5]
        p = 1 - torch.softmax(logits, 1)[:, 0]
        use = label >= 0
        hit += ((p > 0.5) & (label > 0) & use).sum().item()
        said += ((p > 0.5) & use).sum().item()
        true += (label > 0).sum().item()
        right += (c1.argmax(1) == batch[2].argmax(1)).sum().item()
        seen += c1[:, 0].numel()
    net.train()
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    return dict(cover=total[0] / len(batches), change=total[1] / len(batches), teacher=right / seen, precision=precision,
                recall=recall, f1=2 * precision * recall / max(precision + recall, 1e-9))


def save(path, state):
    torch.save(state, path + '.part')
    os.replace(path + '.part', path)


def main():
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(recipe['seed'])
    net = Net(len(recipe['bands']), len(recipe['classes']), recipe['widths']).to(memory_format=last)
    mean = Net(len(recipe['bands']), len(recipe['classes']), recipe['widths']).to(memory_format=last)
    mean.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe['learningRate'], weight_decay=recipe['weightDecay'])
    start, path, end = 0, f'{folder}/checkpoint.pt', recipe['iterations']
    if os.path.exists(path):
        state = torch.load(path)
        start = state['iteration']
        net.load_state_dict(state['net']), mean.load_state_dict(state['mean']), optimiser.load_state_dict(state['optimiser'])
    samples = Samples(recipe['seed'])
    held_out = Samples(recipe['seed'] + 1, True, 96)
    checks = [tensors(held_out.batch(6)) for _ in range(16)]
    # by class balance of what is drawn: rare cover counts more, softly
    cover_weight = torch.tensor([1.0, 1.0, 1.2, 1.2, 0.8, 1.2])
    saved, began, sums = time.time(), time.time(), np.zeros(3)
    for it in range(start, end):
        for group in optimiser.param_groups:
            group['lr'] = recipe['learningRate'] * min(1, (it + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * it / end)))
        samples.rng = np.random.default_rng([recipe['seed'], it])
        cover, change, _ = losses(net, tensors(samples.batch(recipe['batch'])), cover_weight)
        optimiser.zero_grad(set_to_none=True)
        (0.5 * cover + change * 3).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        keep = min(0.997, (it + 1) / (it + 20))
        with torch.no_grad():
            for a, b in zip(mean.state_dict().values(), net.state_dict().values()):
                a.copy_(a * keep + b * (1 - keep)) if a.is_floating_point() else a.copy_(b)
        sums += [cover.item(), change.item(), 1]
        if time.time() - saved > 60 * recipe['checkpointMinutes'] or it + 1 == end:
            figures = validate(mean, checks, cover_weight)
            line = dict(iteration=it + 1, minutes=(time.time() - began) / 60, trainCover=sums[0] / sums[2],
                        trainChange=sums[1] / sums[2], **figures)
            line = {k: round(v, 4) for k, v in line.items()}
            print(json.dumps(line), flush=True)
            open(f'{folder}/log.jsonl', 'a').write(json.dumps(line) + '\n')
            save(path, dict(iteration=it + 1, net=net.state_dict(), mean=mean.state_dict(), optimiser=optimiser.state_dict()))
            saved, sums = time.time(), np.zeros(3)


if __name__ == '__main__':
    main()
