"""Stage `train`: seeded, one thread, resumes from work/<name>/checkpoint.pt; same iteration, same batch, kill or not.

A final training and a fold begin with the weights and the iteration count of the base, on a schedule of their own.

Out: work/<name>/checkpoint.pt and log.jsonl (one line a checkpoint: losses, held-out figures). Convolutions run in bfloat16, which
processors with AVX-512 BF16 do about twice as fast; weights, statistics and losses stay float32.
"""
import json, math, os, time
import numpy as np
import torch
import torch.nn.functional as F
from landscape import Landscapes
from net import Net
from sampler import Samples
from setup import base_folder, folder, iterations, part, recipe, seed

last = torch.channels_last
CROPS = recipe['classes'].index('crops')
weights = recipe['lossWeights']


def new_net():
    return Net(len(recipe['bands']), len(recipe['classes']), recipe['widths'], recipe['headWidth']).to(memory_format=last)


def losses(net, batch):
    x1, x2, p1, p2, w, label = batch
    with torch.autocast('cpu', dtype=torch.bfloat16):
        outputs = net(x1, x2)
    c1, c2, change = (a.float() for a in outputs)
    by_class = torch.tensor(weights['classes'])[None, :, None, None]
    cover = 0
    for logits, p, each_weight in ((c1, p1, w[:, 0]), (c2, p2, w[:, 1])):
        each = -(F.log_softmax(logits, 1) * p * by_class).sum(1) * each_weight
        cover = cover + each.sum() / each_weight.sum().clamp(min=1) / 2
    return cover, F.cross_entropy(change, label, ignore_index=-1), (c1, c2, change)


def tensors(batch):
    x = [torch.from_numpy(a) for a in batch]
    return [a.contiguous(memory_format=last) for a in x[:2]] + x[2:5] + [x[5].long()]


@torch.no_grad()
def validate(net, batches):
    """Held-out samples: losses, agreement with the teacher (of landscapes: the truth), P/R/F1 of change at 0.5, and the share of
    unchanged crop land that is flagged where 70 % of the change is found."""
    net.eval()
    total, right, p, y, on_crops, crop, into = np.zeros(2), [], [], [], [], np.zeros(3), []
    for batch in batches:
        cover, change, (c1, _, logits) = losses(net, batch)
        total += [cover.item(), change.item()]
        use = batch[5] >= 0
        truth, said = batch[2].argmax(1), c1.argmax(1)
        p.append((1 - torch.softmax(logits, 1)[:, 0])[use]), y.append(batch[5][use] > 0), on_crops.append((truth == CROPS)[use])
        seen = batch[4][:, 0] > 0
        right.append((said == truth)[seen].float().mean().item())
        crop += [((said == CROPS) & (truth == CROPS) & seen).sum().item(), ((said == CROPS) & seen).sum().item(), ((truth == CROPS) & seen).sum().item()]
        into.append((logits[:, 1:].argmax(1) + 1 == batch[5])[batch[5] > 0])
    net.train()
    p, y, on_crops = torch.cat(p), torch.cat(y), torch.cat(on_crops)
    hit, said, true = ((p > 0.5) & y).sum().item(), (p > 0.5).sum().item(), y.sum().item()
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    at = np.quantile(p[y].numpy(), 0.3)
    return dict(cover=total[0] / len(batches), change=total[1] / len(batches), teacher=float(np.mean(right)),
                cropsF1=2 * crop[0] / (crop[1] + crop[2]), precision=precision, recall=recall,
                f1=2 * precision * recall / max(precision + recall, 1e-9), into=torch.cat(into).float().mean().item(),
                cropAlarmsAtRecall70=(p[~y & on_crops] >= at).float().mean().item())


def save(path, state):
    torch.save(state, path + '.part')
    os.replace(path + '.part', path)


def rate(done, progress):
    """Warm-up over 100 iterations, then a cosine down to 1 %."""
    return recipe['learningRate'] * (1 if part == 'base' else recipe.get('warmRate', 1)) * min(1, (done + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def follow(mean, net, it):
    """Running mean of the weights: what is validated and shipped."""
    keep = min(0.997, (it + 1) / (it + 20))
    with torch.no_grad():
        for a, b in zip(mean.state_dict().values(), net.state_dict().values()):
            a.copy_(a * keep + b * (1 - keep)) if a.is_floating_point() else a.copy_(b)


def main():
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(seed)
    net, mean = new_net(), new_net()
    mean.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe['learningRate'], weight_decay=recipe['weightDecay'])
    start, path, spent, reached, begun = 0, f'{folder}/checkpoint.pt', 0.0, 0.0, 0
    from_base = part != 'base' and 'base' in recipe['iterations'] and not os.path.exists(path)
    if from_base or os.path.exists(path):
        state = torch.load(f'{base_folder}/checkpoint.pt' if from_base else path)
        start, spent, reached, begun = (state['iteration'], 0.0, 0.0, state['iteration']) if from_base else (
            state['iteration'], state['minutes'], state['progress'], state.get('begun', 0))
        net.load_state_dict(state['net']), mean.load_state_dict(state['mean']), optimiser.load_state_dict(state['optimiser'])
    if not os.path.exists(path):
        json.dump(recipe, open(f'{folder}/recipe.json', 'w'))
    end = begun + iterations
    samples = Samples(seed)
    held_out = Samples(seed + 1, True, 96)
    checks = [tensors(held_out.batch(8)) for _ in range(16)]
    landscapes = Landscapes(True)
    held_out.size = 128
    simulated = [tensors(held_out.simulated_batch(landscapes, 8)) for _ in range(8)]
    began = saved = time.time()
    sums = np.zeros(3)
    for it in range(start, end):
        progress = reached + (1 - reached) * (it - start) / (end - start)
        for group in optimiser.param_groups:
            group['lr'] = rate(it - begun, progress)
        samples.rng = np.random.default_rng([seed, it])
        cover, change, _ = losses(net, tensors(samples.batch(recipe['batch'])))
        optimiser.zero_grad(set_to_none=True)
        (weights['cover'] * cover + weights['change'] * change).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        follow(mean, net, it)
        sums += [cover.item(), change.item(), 1]
        if time.time() - saved > 60 * recipe['checkpointMinutes'] or it + 1 == end:
            minutes = spent + (time.time() - began) / 60
            line = dict(iteration=it + 1, minutes=minutes, cpuMinutes=time.process_time() / 60, trainCover=sums[0] / sums[2],
                        trainChange=sums[1] / sums[2], **validate(mean, checks),
                        **{f'simulated_{k}': v for k, v in validate(mean, simulated).items()})
            line = {k: round(v, 5) for k, v in line.items()}
            print(json.dumps(line), flush=True)
            open(f'{folder}/log.jsonl', 'a').write(json.dumps(line) + '\n')
            reached_now = reached + (1 - reached) * (it + 1 - start) / (end - start)
            save(path, dict(iteration=it + 1, begun=begun, minutes=minutes, progress=reached_now, net=net.state_dict(), mean=mean.state_dict(), optimiser=optimiser.state_dict()))
            saved, sums = time.time(), np.zeros(3)


if __name__ == '__main__':
    main()
