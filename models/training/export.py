"""Stage `export`: the averaged weights as ONNX, with a reference tile for the parity test.

Out: ../weights/<name>.onnx; work/<name>/parity.npz-like raw files (inputs and torch outputs) for parity.mjs.
"""
import json, os
import numpy as np
import onnx
import torch
from net import Export, Net
from samples import Samples
from setup import here, recipe, work

folder = f"{work}/{recipe['name']}"
target = os.path.join(here, '../weights', recipe['name'] + '.onnx')


def load():
    net = Net(len(recipe['bands']), len(recipe['classes']), recipe['widths'])
    net.load_state_dict(torch.load(f'{folder}/checkpoint.pt')['mean'])
    return net.eval()


def main():
    # eval mode and the reference before the export: the exporter may leave children in train mode
    model = Export(load()).eval()
    held_out = Samples(recipe['seed'] + 2, True, 96).batch(1)
    before, after = (torch.from_numpy(a) for a in held_out[:2])
    with torch.no_grad():
        reference = model(before, after)
    names = ['before_class', 'after_class', 'change', 'into_class']
    sides = {2: 'height', 3: 'width'}
    torch.onnx.export(model, (before, after), target, input_names=['before', 'after'], output_names=names, opset_version=13,
                      dynamic_axes={'before': sides, 'after': sides, **{n: {1: 'height', 2: 'width'} for n in names}})
    graph = onnx.load(target)
    onnx.checker.check_model(graph)
    for node in graph.graph.node:
        node.doc_string = ''  # the exporter writes where its source lies
    onnx.save(graph, target)
    for name, value in zip(['before', 'after', *names], [before, after, *reference]):
        value.numpy().tofile(f'{folder}/parity-{name}.raw')
    json.dump({'size': before.shape[2:]}, open(f'{folder}/parity.json', 'w'))
    print(os.path.getsize(target), 'bytes')


if __name__ == '__main__':
    main()
