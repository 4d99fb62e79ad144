import type { ModelOutput } from '../pipeline/segment/decode.ts';
import type { ImageInput } from '../pipeline/segment/tensor.ts';
import type { ModelCard } from './card.ts';

/** What a network says of one of its tensors; a side that is a name or below 1 takes any size. */
export type TensorMeta =
  | { readonly name: string; readonly isTensor: false }
  | {
      readonly name: string;
      readonly isTensor: true;
      readonly type: string;
      readonly shape: readonly (number | string)[];
    };

const outputTypes = {
  scores: ['float32'],
  classes: ['uint8', 'int32', 'int64'],
  probability: ['float32', 'uint8'],
} as const;

/** Everything in which the network's own tensors differ from the card, in words. */
export function findMisfits(
  card: ModelCard,
  inputs: readonly TensorMeta[],
  outputs: readonly TensorMeta[],
): readonly string[] {
  const { tensors, layout } = card.input;
  const extra = inputs.filter(({ name }) => !tensors.includes(name));
  return [
    ...extra.map(({ name }) => `the network also wants the input ${name}`),
    ...tensors.flatMap((name) => findInputMisfits(card.input, name, inputs)),
    ...card.outputs.flatMap((output) => findOutputMisfits(output, layout, outputs)),
  ];
}

function findInputMisfits(input: ImageInput, name: string, inputs: readonly TensorMeta[]): string[] {
  const meta = inputs.find((candidate) => candidate.name === name);
  if (!meta) return [`the card names the input ${name}, the network has ${inputs.map((one) => one.name).join(', ')}`];
  if (!meta.isTensor || meta.type !== 'float32')
    return [`input ${name} is ${meta.isTensor ? meta.type : 'no tensor'}, the card says float32`];
  if (meta.shape.length !== 4) return [`input ${name} has the shape [${meta.shape.join(', ')}], not four sides`];
  const [batch, ...rest] = meta.shape;
  const [channels, ...sides] = input.layout === 'NCHW' ? rest : [rest[2], rest[0], rest[1]];
  const misfits: string[] = [];
  if (isFixed(batch) && batch !== 1) misfits.push(`input ${name} wants batches of ${batch}, tiles come one by one`);
  if (isFixed(channels) && channels !== input.bands.length)
    misfits.push(
      `input ${name} has ${channels} channels, the card gives ${input.bands.length} bands (${input.layout}): ${input.bands.map((band) => band.name).join(', ')}`,
    );
  const wanted = input.isFixedSize ? `${input.tilePx} px` : 'any size';
  for (const side of sides)
    if (isFixed(side) && !(input.isFixedSize && side === input.tilePx))
      misfits.push(`input ${name} is fixed at ${side} px, the card says ${wanted}`);
  return misfits;
}

function findOutputMisfits(output: ModelOutput, layout: string, outputs: readonly TensorMeta[]): string[] {
  if (output.kind === 'constant') return [];
  const { tensor, kind } = output;
  const meta = outputs.find((candidate) => candidate.name === tensor);
  if (!meta)
    return [`the card names the output ${tensor}, the network has ${outputs.map((one) => one.name).join(', ')}`];
  if (!meta.isTensor || !outputTypes[kind].some((type) => type === meta.type))
    return [
      `output ${tensor} is ${meta.isTensor ? meta.type : 'no tensor'}, ${kind} are ${outputTypes[kind].join(' or ')}`,
    ];
  if (kind !== 'scores') return [];
  const classes = layout === 'NCHW' ? meta.shape[1] : meta.shape[3];
  if (!isFixed(classes) || classes === output.classes.length) return [];
  return [`output ${tensor} has ${classes} classes, the card maps ${output.classes.length}`];
}

function isFixed(side: number | string | undefined): side is number {
  return typeof side === 'number' && side > 0;
}
