/** ONNX files of a few nodes, written by hand: protobuf of onnx.proto, IR 7, opset 13. */

type Field = readonly [number: number, value: number | string | Uint8Array | readonly number[]];

interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}
interface Weight {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
}
interface Port {
  readonly name: string;
  /** a string is a side of any size */
  readonly shape: readonly (number | string)[];
}
interface Graph {
  readonly nodes: readonly Node[];
  readonly weights: readonly Weight[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/**
 * One 1×1 convolution: `image` float32 [1,bands,H,W] → `scores` float32 [1,classes,H,W].
 *
 * @param weights `[class][band]`
 */
export function convolutionNetwork(weights: readonly (readonly number[])[], bias = weights.map(() => 0)): Uint8Array {
  const [classes, bands] = [weights.length, weights[0]?.length ?? 0];
  return onnxFile({
    nodes: [{ op: 'Conv', inputs: ['image', 'weight', 'bias'], outputs: ['scores'] }],
    weights: [
      { name: 'weight', dims: [classes, bands, 1, 1], values: weights.flat() },
      { name: 'bias', dims: [classes], values: bias },
    ],
    inputs: [{ name: 'image', shape: [1, bands, 'height', 'width'] }],
    outputs: [{ name: 'scores', shape: [1, classes, 'height', 'width'] }],
  });
}

/**
 * Change as one 1×1 convolution of |after − before|: both float32 [1,bands,H,W] → `change` float32 [1,1,H,W], 0..1.
 *
 * @param weights one a band
 */
export function differenceNetwork(weights: readonly number[], bias: number): Uint8Array {
  const image = [1, weights.length, 'height', 'width'];
  return onnxFile({
    nodes: [
      { op: 'Sub', inputs: ['after', 'before'], outputs: ['difference'] },
      { op: 'Abs', inputs: ['difference'], outputs: ['distance'] },
      { op: 'Conv', inputs: ['distance', 'weight', 'bias'], outputs: ['logit'] },
      { op: 'Sigmoid', inputs: ['logit'], outputs: ['change'] },
    ],
    weights: [
      { name: 'weight', dims: [1, weights.length, 1, 1], values: weights },
      { name: 'bias', dims: [1], values: [bias] },
    ],
    inputs: [
      { name: 'before', shape: image },
      { name: 'after', shape: image },
    ],
    outputs: [{ name: 'change', shape: [1, 1, 'height', 'width'] }],
  });
}

function onnxFile({ nodes, weights, inputs, outputs }: Graph): Uint8Array {
  const graph = message([
    ...nodes.map((node): Field => [1, nodeMessage(node)]),
    [2, 'test'],
    ...weights.map((weight): Field => [5, weightMessage(weight)]),
    ...inputs.map((port): Field => [11, portMessage(port)]),
    ...outputs.map((port): Field => [12, portMessage(port)]),
  ]);
  const opset = message([[2, 13]]);
  return message([
    [1, 7],
    [7, graph],
    [8, opset],
  ]);
}

function nodeMessage({ op, inputs, outputs }: Node): Uint8Array {
  return message([...inputs.map((name): Field => [1, name]), ...outputs.map((name): Field => [2, name]), [4, op]]);
}

function weightMessage({ name, dims, values }: Weight): Uint8Array {
  const floats = new Uint8Array(Float32Array.from(values).buffer);
  return message([...dims.map((side): Field => [1, side]), [2, 1], [8, name], [9, floats]]);
}

function portMessage({ name, shape }: Port): Uint8Array {
  const sides = shape.map((side): Field => [1, message([typeof side === 'number' ? [1, side] : [2, side]])]);
  const tensor = message([
    [1, 1],
    [2, message(sides)],
  ]);
  return message([
    [1, name],
    [2, message([[1, tensor]])],
  ]);
}

function message(fields: readonly Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number << 3), ...varint(value)];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : Uint8Array.from(value);
      return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

function varint(value: number): number[] {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
