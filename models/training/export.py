"""Stage `export`: the averaged weights as ONNX, opset 13, height and width free, with a reference tile for the parity test.

Out, in ../weights (of a fold: in work/<name>): <name>.onnx, the pair graph that a card of kind `change` runs, and the same network in
two, for series: <name>-encoder.onnx (once a scene) and <name>-head.onnx (once a pair), which hand over features as bytes.
work/<name>/parity-*.raw: inputs and torch outputs.
"""
import json, os
import numpy as np
import onnx
import torch
from landscape import Landscapes
from net import ExportEncoder, ExportHead, ExportPair, for_export
from predict import load
from sampler import Samples
from setup import folder, here, name, part, recipe, seed

target = os.path.join(here, '../weights') if part == 'final' else folder
HALF, QUARTER = ({2: f'height/{k}', 3: f'width/{k}'} for k in (2, 4))
IMAGE, PLANE = {2: 'height', 3: 'width'}, {1: 'height', 2: 'width'}
IMAGES = {'before': IMAGE, 'after': IMAGE}
FIELDS = [recipe['classes'].index(c) for c in recipe['fusion'].get('classes', ())]
PLANES = {k: PLANE for k in ('before_class', 'after_class', 'change', 'into_class', *(['field'] if FIELDS else []))}


def write(path, model, inputs, input_axes, output_axes):
    torch.onnx.export(model, tuple(inputs), path, input_names=list(input_axes), output_names=list(output_axes), opset_version=13,
                      dynamic_axes={**input_axes, **output_axes})
    graph = onnx.load(path)
    onnx.checker.check_model(graph)
    for node in graph.graph.node:
        node.doc_string = ''  # the exporter writes where its source lies
    onnx.save(graph, path)
    print(os.path.basename(path), os.path.getsize(path), 'bytes')


@torch.no_grad()
def feature_steps(net, images):
    """What a step of each feature is worth, so that 255 of them reach the 99.99 % quantile over these images: half, quarter."""
    found = [[f.transpose(0, 1).flatten(1) for f in net.encoder(torch.from_numpy(image))[1:]] for image in images]
    return [torch.tensor(np.quantile(torch.cat(f, 1).numpy(), 0.9999, axis=1) / 255).clamp(min=1e-6).float()[None, :, None, None] for f in zip(*found)]


def export(net, pairs, target, name):
    """Three graphs of `net` into the folder `target`; `pairs`: batches of before and after to take the steps of features from.

    Returns the first pair of the first batch and what torch makes of it: before and after, then the planes of the pair graph.
    """
    net = net.to(memory_format=torch.contiguous_format).eval()
    half, quarter = feature_steps(net, [image for pair in pairs for image in pair])
    before, after = (torch.from_numpy(np.ascontiguousarray(a[:1])) for a in pairs[0])
    # eval mode and the reference before the export: the exporter may leave children in train mode
    with torch.no_grad():
        reference = ExportPair(net, FIELDS).eval()(before, after)
    net = for_export(net)
    pair, encoder, head = ExportPair(net, FIELDS).eval(), ExportEncoder(net, half, quarter).eval(), ExportHead(net, half, quarter).eval()
    with torch.no_grad():
        _, half1, quarter1 = encoder(before)
        _, half2, quarter2 = encoder(after)
    write(f'{target}/{name}.onnx', pair, [before, after], IMAGES, PLANES)
    write(f'{target}/{name}-encoder.onnx', encoder, [before], {'image': IMAGE}, {'cover': IMAGE, 'half': HALF, 'quarter': QUARTER})
    features = {'half_before': HALF, 'quarter_before': QUARTER, 'half_after': HALF, 'quarter_after': QUARTER}
    write(f'{target}/{name}-head.onnx', head, [before, after, half1, quarter1, half2, quarter2], {**IMAGES, **features},
          {'change': PLANE, 'into_class': PLANE})
    return [before, after, *reference]


def main():
    net = load()
    samples, steps, landscapes = Samples(seed + 2, True, 96), Samples(seed + 4, True, 96), Landscapes(True)
    pairs = [samples.batch(1)[:2], *(steps.simulated_batch(landscapes, 8)[:2] if k % 3 == 0 else steps.batch(8)[:2] for k in range(24))]
    values = export(net, pairs, target, name)
    for part_name, value in zip([*IMAGES, *PLANES], values):
        value.numpy().tofile(f'{folder}/parity-{part_name}.raw')
    json.dump({'size': values[0].shape[2:]}, open(f'{folder}/parity.json', 'w'))
    if part == 'final':
        # what stage `finetune` goes on from
        torch.save(net.state_dict(), f'{target}/{name}.pt')


if __name__ == '__main__':
    main()
