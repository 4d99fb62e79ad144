"""Stage `quantise`: the network in 8-bit integers (QDQ): <name>-int8-encoder.onnx, <name>-int8-head.onnx and <name>-int8.onnx, the pair.

Convolutions, sums and joins run on uint8 activations (one scale a tensor) and int8 weights (one scale an output channel); the
convolutions that see an image and those that make log odds stay float32. Ranges come from ranges.mjs: the float graphs in
onnxruntime-node over held-out tiles, a third of them simulated; of a recipe without real places all. Features go from encoder to head as the bytes they are, in the pair too.
"""
import json, os, subprocess
import numpy as np
import onnx
import torch
from onnx import TensorProto
from integer_graph import integer_graph, pair_of
from landscape import Landscapes
from net import FloatEncoder, FloatHead, for_export
from predict import load
from sampler import Samples
from setup import folder, here, name, part, recipe, seed

target = os.path.join(here, '../weights') if part == 'final' else folder
SIDE, BATCHES, BANDS = 96, 12, len(recipe['bands'])


def write_tiles():
    """Both dates of held-out samples: work/<name>/tiles.f32, [date][tile][BANDS][SIDE][SIDE]."""
    samples, landscapes = Samples(seed + 5, True, SIDE), Landscapes(True)
    batches = [samples.simulated_batch(landscapes, 4) if k % 3 == 0 else samples.batch(4) for k in range(BATCHES)]
    np.stack([np.concatenate([b[date] for b in batches]) for date in (0, 1)]).tofile(f'{folder}/tiles.f32')


def export_float(net):
    image = torch.zeros(1, BANDS, SIDE, SIDE)
    encoder, head = FloatEncoder(net).eval(), FloatHead(net).eval()
    with torch.no_grad():
        _, half, quarter = encoder(image)
    image_sides, plane = {2: 'height', 3: 'width'}, {1: 'height', 2: 'width'}
    by = lambda k: {2: f'height/{k}', 3: f'width/{k}'}
    features = {'half_before': by(2), 'quarter_before': by(4), 'half_after': by(2), 'quarter_after': by(4)}
    for path, model, inputs, axes, outputs in (
            ('encoder', encoder, [image], {'image': image_sides}, {'cover': image_sides, 'half': by(2), 'quarter': by(4)}),
            ('head', head, [image, image, half, quarter, half, quarter], {'before': image_sides, 'after': image_sides, **features},
             {'change': plane, 'into_class': plane})):
        torch.onnx.export(model, tuple(inputs), f'{folder}/float-{path}.onnx', input_names=list(axes), output_names=list(outputs),
                          opset_version=13, dynamic_axes={**axes, **outputs})


def with_every_tensor(path):
    """The same graph with every float tensor inside as an output, for ranges.mjs."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    known = {o.name for o in model.graph.output}
    for value in model.graph.value_info:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT and value.name not in known:
            model.graph.output.append(onnx.helper.make_tensor_value_info(value.name, TensorProto.FLOAT, None))
    onnx.save(model, path.replace('.onnx', '-ranges.onnx'))


def main():
    write_tiles()
    net = load().to(memory_format=torch.contiguous_format)
    export_float(for_export(net))
    for part_name in ('encoder', 'head'):
        with_every_tensor(f'{folder}/float-{part_name}.onnx')
    subprocess.run(['node', f'{here}/ranges.mjs', folder, str(BANDS), str(SIDE)], check=True)
    ranges = json.load(open(f'{folder}/ranges.json'))
    encoder = integer_graph(onnx.load(f'{folder}/float-encoder.onnx'), ranges['encoder'], outputs=('half', 'quarter'))
    for feature in ('half', 'quarter'):
        for date in ('before', 'after'):
            ranges['head'][f'{feature}_{date}'] = ranges['encoder'][feature]
    head = integer_graph(onnx.load(f'{folder}/float-head.onnx'), ranges['head'],
                         inputs=('half_before', 'quarter_before', 'half_after', 'quarter_after'))
    fields = [recipe['classes'].index(c) for c in recipe['fusion'].get('classes', ())]
    for suffix, model in (('-encoder', encoder), ('-head', head), ('', pair_of(encoder, head, net.priors.numpy(), fields))):
        onnx.checker.check_model(model)
        path = f'{target}/{name}-int8{suffix}.onnx'
        onnx.save(model, path)
        print(os.path.basename(path), os.path.getsize(path), 'bytes')


if __name__ == '__main__':
    main()
