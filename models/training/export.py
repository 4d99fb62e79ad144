"""Stage `export`: the averaged weights as ONNX, opset 13, height and width free, with a reference tile for the parity test.

Out, in ../weights (of a fold: in work/<name>): <name>.onnx, the pair graph that a card of kind `change` runs, and the same network in
two, for series: <name>-encoder.onnx (once a scene) and <name>-head.onnx (once a pair). work/<name>/parity-*.raw: inputs and torch outputs.
"""
import json, os
import numpy as np
import onnx
import torch
from net import ExportEncoder, ExportHead, ExportPair
from predict import load
from samples import Samples
from setup import fold, folder, here, name, seed

target = folder if fold is not None else os.path.join(here, '../weights')
HALF, QUARTER = ({2: f'height/{k}', 3: f'width/{k}'} for k in (2, 4))
IMAGE, PLANE = {2: 'height', 3: 'width'}, {1: 'height', 2: 'width'}


def write(path, model, inputs, input_axes, output_axes):
    torch.onnx.export(model, tuple(inputs), path, input_names=list(input_axes), output_names=list(output_axes), opset_version=13,
                      dynamic_axes={**input_axes, **output_axes})
    graph = onnx.load(path)
    onnx.checker.check_model(graph)
    for node in graph.graph.node:
        node.doc_string = ''  # the exporter writes where its source lies
    onnx.save(graph, path)
    print(os.path.basename(path), os.path.getsize(path), 'bytes')


def main():
    net = load().to(memory_format=torch.contiguous_format)
    before, after = (torch.from_numpy(a) for a in Samples(seed + 2, True, 96).batch(1)[:2])
    # eval mode and the reference before the export: the exporter may leave children in train mode
    pair, encoder, head = (m(net).eval() for m in (ExportPair, ExportEncoder, ExportHead))
    with torch.no_grad():
        reference = pair(before, after)
        _, half1, quarter1 = encoder(before)
        _, half2, quarter2 = encoder(after)
    planes = {k: PLANE for k in ('before_class', 'after_class', 'change', 'into_class')}
    images = {'before': IMAGE, 'after': IMAGE}
    write(f'{target}/{name}.onnx', pair, [before, after], images, planes)
    write(f'{target}/{name}-encoder.onnx', encoder, [before], {'image': IMAGE}, {'cover': PLANE, 'half': HALF, 'quarter': QUARTER})
    features = {'half_before': HALF, 'quarter_before': QUARTER, 'half_after': HALF, 'quarter_after': QUARTER}
    write(f'{target}/{name}-head.onnx', head, [before, after, half1, quarter1, half2, quarter2], {**images, **features},
          {'change': PLANE, 'into_class': PLANE})
    for part, value in zip([*images, *planes], [before, after, *reference]):
        value.numpy().tofile(f'{folder}/parity-{part}.raw')
    json.dump({'size': before.shape[2:]}, open(f'{folder}/parity.json', 'w'))


if __name__ == '__main__':
    main()
