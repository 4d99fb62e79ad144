"""A float graph in 8-bit integers, written as QuantizeLinear and DequantizeLinear around what onnxruntime then runs on integers."""
import copy
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FIRST_AND_LAST = ('stem.0', 'spectral.0', 'cover.0', 'change.0')


class Scales:
    """One scale a tensor; tensors that are joined, or only copied, have one together."""

    def __init__(self, ranges):
        self.ranges, self.leader = ranges, {}

    def find(self, tensor):
        while tensor in self.leader:
            tensor = self.leader[tensor]
        return tensor

    def join(self, *tensors):
        first = self.find(tensors[0])
        for other in map(self.find, tensors[1:]):
            if other != first:
                self.ranges[first] = [min(self.ranges[first][0], self.ranges[other][0]), max(self.ranges[first][1], self.ranges[other][1])]
                self.leader[other] = first

    def of(self, tensor):
        """Step and zero point; what is never negative begins at 0, so that clipping to bytes is the ReLU before it."""
        low, high = self.ranges[self.find(tensor)]
        low, high = min(0.0, low), max(0.0, high)
        step = np.float32(max((high - low) / 255, 1e-8))
        return step, np.uint8(np.round(-low / step))


def integer_graph(model, ranges, inputs=(), outputs=()):
    """`ranges`: tensor -> [low, high]; `inputs` and `outputs` are handed over as bytes."""
    graph = model.graph
    weights = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    users, fixed = {}, {n.output[0] for n in graph.node if n.op_type == 'Constant'}
    ranges = {tensor: range_ for tensor, range_ in ranges.items() if tensor not in fixed}
    for node in graph.node:
        for tensor in node.input:
            users.setdefault(tensor, []).append(node)
    scales, nodes, made = Scales(ranges), [], {}
    is_integer = lambda n: ((n.op_type == 'Conv' and not any(part in n.name for part in FIRST_AND_LAST)) or n.op_type in ('Add', 'Resize')
                            or (n.op_type == 'Concat' and any(is_integer(u) for u in users.get(n.output[0], []))))

    def kept(node):
        """What of an integer node becomes bytes: its ReLU, where that is its only user."""
        after = users.get(node.output[0], [])
        return after[0].output[0] if len(after) == 1 and after[0].op_type == 'Relu' else node.output[0]

    for node in graph.node:
        if is_integer(node) and node.op_type in ('Concat', 'Resize'):
            tensors = [t for t in node.input if t in ranges]
            scales.join(*tensors, node.output[0])
    is_byte = set(inputs)

    def keep(name, array):
        made.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def parameters(tensor):
        step, zero = scales.of(tensor)
        return [keep(f'{tensor}.step', np.array(step)), keep(f'{tensor}.zero', np.array(zero))]

    def byte_name(tensor):
        return tensor if tensor in inputs or tensor in outputs else f'{tensor}.byte'

    def to_bytes(source, tensor):
        nodes.append(helper.make_node('QuantizeLinear', [source, *parameters(tensor)], [byte_name(tensor)], f'{tensor}.to-bytes'))
        is_byte.add(tensor)

    def value(tensor):
        """One dequantised copy a user: the pattern onnxruntime looks for."""
        out = f'{tensor}.value{len(nodes)}'
        nodes.append(helper.make_node('DequantizeLinear', [byte_name(tensor), *parameters(tensor)], [out], out + '.node'))
        return out

    def weight(node):
        source, w_name, b_name = node.input
        w = weights[w_name]
        step = (np.abs(w).reshape(len(w), -1).max(1) / 127).clip(1e-8).astype(np.float32)
        of_bias = step * scales.of(source)[0]
        rows = [(w_name, np.round(w / step[:, None, None, None]).astype(np.int8), step, np.zeros(len(w), np.int8)),
                (f'{node.name}.{b_name}', np.round(weights[b_name] / of_bias).astype(np.int32), of_bias, np.zeros(len(w), np.int32))]
        for k, (key, whole, each, zero) in enumerate(rows):
            parts = [keep(f'{key}.int', whole), keep(f'{key}.step', each), keep(f'{key}.zero', zero)]
            nodes.append(helper.make_node('DequantizeLinear', parts, [f'{node.name}.{k}'], f'{node.name}.{k}.node', axis=0))
        return [f'{node.name}.0', f'{node.name}.1']

    done = set()
    for node in graph.node:
        if node.op_type == 'Relu' and node.output[0] in done:
            continue
        copied = copy.deepcopy(node)
        if is_integer(node):
            for tensor in node.input:
                if tensor in ranges and tensor not in is_byte:
                    to_bytes(tensor, tensor)
            tail = weight(node) if node.op_type == 'Conv' else None
            copied.input[:] = [value(t) if t in is_byte else t for t in node.input]
            if tail:
                copied.input[1:] = tail
            tensor = kept(node)
            if tensor != node.output[0]:
                # a ReLU: the bytes begin at 0
                ranges[scales.find(tensor)][0] = 0.0
            done.add(tensor)
            copied.output[0] = f'{tensor}.float'
            nodes.append(copied)
            to_bytes(f'{tensor}.float', tensor)
            continue
        copied.input[:] = [value(t) if t in is_byte else t for t in node.input]
        nodes.append(copied)
    for i in graph.initializer:
        if any(i.name in n.input for n in nodes):
            made.setdefault(i.name, i)
    as_port = lambda port, names: (helper.make_tensor_value_info(port.name, TensorProto.UINT8, [d.dim_value or d.dim_param for d in port.type.tensor_type.shape.dim])
                                   if port.name in names else port)
    built = helper.make_graph(nodes, 'integer', [as_port(p, inputs) for p in graph.input], [as_port(p, outputs) for p in graph.output], list(made.values()))
    return finished(built)


def finished(graph):
    for node in graph.node:
        node.doc_string = ''
    return helper.make_model(graph, ir_version=7, opset_imports=[helper.make_opsetid('', 13)])


def field_of(cover, priors, fields):
    """As net.is_any_of, by the largest value of the fields against the largest of the others; `cover`: date -> its probabilities."""
    others = [c for c in range(len(priors)) if c not in fields]
    numbers = [numpy_helper.from_array(v, f'field/{n}') for n, v in (('even', np.exp(-priors).astype(np.float32)[None, :, None, None]),
                                                                     ('own', np.array(fields, np.int64)), ('others', np.array(others, np.int64)))]
    steps = []
    for date, own in cover.items():
        steps += [('Mul', [own, 'field/even'], f'{date}-even', {})]
        for kind in ('own', 'others'):
            steps += [('Gather', [f'field/{date}-even', f'field/{kind}'], f'{date}-{kind}', {'axis': 1}), ('ReduceMax', [f'field/{date}-{kind}'], f'{date}-most-{kind}', {'axes': [1], 'keepdims': 0})]
        steps += [('Greater', [f'field/{date}-most-own', f'field/{date}-most-others'], date, {})]
    steps += [('Or', ['field/before', 'field/after'], 'either', {})]
    nodes = [helper.make_node(kind, inputs, [f'field/{name}'], f'field/{name}', **more) for kind, inputs, name, more in steps]
    return numbers, [*nodes, helper.make_node('Cast', ['field/either'], ['field'], 'field/cast', to=TensorProto.UINT8)]


def pair_of(encoder, head, priors, fields):
    """before, after -> before_class, after_class, change, into_class, and field where the recipe names fields: the encoder twice, then the head; the weights stand once."""
    nodes, planes = [], []
    # cover ends in probability -> times 255 -> round -> cast
    made = {o: n for n in encoder.graph.node for o in n.output}
    probability = made[made[made['cover'].input[0]].input[0]].input[0]
    needed = {probability, 'half', 'quarter'}
    kept = [n for n in reversed(encoder.graph.node) if needed.intersection(n.output) and not needed.update(n.input)][::-1]
    fixed = {i.name for i in encoder.graph.initializer}
    for date in ('before', 'after'):
        names = {'image': date, 'half': f'half_{date}', 'quarter': f'quarter_{date}'}
        rename = lambda t: t if t in fixed or t == '' else names.get(t, f'{date}/{t}')
        for node in kept:
            copied = copy.deepcopy(node)
            copied.name = f'{date}/{node.name}'
            copied.input[:], copied.output[:] = [rename(t) for t in node.input], [rename(t) for t in node.output]
            nodes.append(copied)
    # as net.settled
    numbers = [numpy_helper.from_array(np.array(v, t), n) for n, v, t in (('settled/one', 1, np.float32), ('settled/half', 0.5, np.float32), ('settled/axis', [1], np.int64))]
    cover = {date: f'{date}/{probability}' for date in ('before', 'after')}
    steps = [('Sub', ['settled/one', 'change'], 'still'), ('Unsqueeze', ['settled/still', 'settled/axis'], 'stillness'),
             ('Add', list(cover.values()), 'sum'), ('Mul', ['settled/sum', 'settled/half'], 'mean')]
    for date, own in cover.items():
        steps += [('Sub', ['settled/mean', own], f'{date}-off'), ('Mul', ['settled/stillness', f'settled/{date}-off'], f'{date}-moved'), ('Add', [own, f'settled/{date}-moved'], date)]
    last = [helper.make_node(kind, inputs, [f'settled/{name}'], f'settled/{name}') for kind, inputs, name in steps]
    for date in cover:
        last += [helper.make_node('ArgMax', [f'settled/{date}'], [f'{date}/best'], f'{date}/arg-max', axis=1, keepdims=0),
                 helper.make_node('Cast', [f'{date}/best'], [f'{date}_class'], f'{date}/cast', to=TensorProto.UINT8)]
        planes.append(helper.make_tensor_value_info(f'{date}_class', TensorProto.UINT8, [1, 'height', 'width']))
    if fields:
        more_numbers, more_nodes = field_of(cover, priors, fields)
        numbers, last = numbers + more_numbers, last + more_nodes
        planes.append(helper.make_tensor_value_info('field', TensorProto.UINT8, [1, 'height', 'width']))
    initialisers = {i.name: i for i in [*encoder.graph.initializer, *head.graph.initializer, *numbers]}
    images = [p for p in head.graph.input if p.name in ('before', 'after')]
    graph = helper.make_graph([*nodes, *head.graph.node, *last], 'pair', images, [*planes[:2], *head.graph.output, *planes[2:]], list(initialisers.values()))
    return finished(graph)
