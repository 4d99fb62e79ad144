import { z } from 'zod';
import { AppError } from '../errors.ts';

const code = z.number().int().min(0).max(254);
const roles = ['before', 'after', 'change', 'into', 'cover', 'field'] as const;

/** One output of a network, or a constant for what it does not say. */
export const outputSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('scores').describe('float32 [1,C,H,W] (or [1,H,W,C] with layout NHWC): a value a class'),
    role: z.enum(['before', 'after', 'into', 'cover']),
    tensor: z.string().min(1),
    activation: z.enum(['none', 'softmax']).describe('none: probabilities already; softmax: logits'),
    classes: z.array(code).min(1).describe("code in the class map of each of the model's own classes, in order"),
  }),
  z.strictObject({
    kind: z.literal('classes').describe("uint8 or int64 [1,H,W] or [1,1,H,W]: index of the model's own class"),
    role: z
      .enum(['before', 'after', 'into', 'cover', 'field'])
      .describe('field: 1 where either date shows ground that seasons change, see `fusion`; classes [0, 1]'),
    tensor: z.string().min(1),
    classes: z.array(code).min(1).describe("code in the class map of each of the model's own classes, in order"),
  }),
  z.strictObject({
    kind: z.literal('probability').describe('float32 or uint8 [1,H,W] or [1,1,H,W]: probability of change of any kind'),
    role: z.literal('change'),
    tensor: z.string().min(1),
    activation: z.enum(['none', 'sigmoid']),
    multiply: z.number().positive().default(1).describe('to reach 0..1, e.g. 0.004 for uint8 × 250'),
  }),
  z.strictObject({
    kind: z.literal('constant').describe('what a model without this output means, e.g. into = built'),
    role: z.enum(['before', 'after', 'into']),
    code,
  }),
]);
export type ModelOutput = z.infer<typeof outputSchema>;
export type OutputRole = (typeof roles)[number];

/** Output tensors by name, as the session gives them. */
export interface RawOutput {
  readonly data: Float32Array | Uint8Array | Int32Array | BigInt64Array;
  readonly dims: readonly number[];
}
export type RawOutputs = Readonly<Record<string, RawOutput>>;

/** Cover of one date, cropped to the window: `[row][col]`, probabilities `[class][row][col]` where the model gives scores. */
export interface Cover {
  readonly classes: Uint8Array;
  readonly probabilities: Float32Array | null;
  /** class map code of each plane of `probabilities` */
  readonly codes: readonly number[];
}

/** What the network says of a window, `[row][col]`. */
export interface Evidence {
  readonly width: number;
  readonly height: number;
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  /** probability of change of any kind, 0..1 */
  readonly change: Float32Array;
  readonly into: Uint8Array;
  /** 1 = judged as a field by `fuseEvidence`; null: the model leaves it to the classes */
  readonly field: Uint8Array | null;
}

/** The window inside the tensor: its top left `width` × `height` px. */
export interface Crop {
  readonly width: number;
  readonly height: number;
  readonly layout: 'NCHW' | 'NHWC';
}

/**
 * Outputs of a change model.
 *
 * @throws AppError MODEL_MISMATCH where an output lacks or has another shape than the card says
 */
export function decodeChange(outputs: readonly ModelOutput[], raw: RawOutputs, crop: Crop): Evidence {
  const find = (role: OutputRole) => outputs.find((output) => output.role === role);
  const cover = (role: OutputRole) => {
    const output = find(role);
    return output ? decodeCover(output, raw, crop).classes : undefined;
  };
  const change = find('change');
  if (change?.kind !== 'probability') throw mismatch('change', 'a probability', 'none');
  const classesAfter = cover('after') ?? new Uint8Array(crop.width * crop.height);
  return {
    width: crop.width,
    height: crop.height,
    classesBefore: cover('before') ?? new Uint8Array(crop.width * crop.height),
    classesAfter,
    change: decodeProbability(change, raw, crop),
    into: cover('into') ?? classesAfter,
    field: cover('field') ?? null,
  };
}

/**
 * Change of a segmentation model run on both dates: 1 − Σ p(before = c) · p(after = c), or 0 and 1 where it gives
 * classes alone. Weak by itself (F1 0.10-0.12 on real pairs): it is evidence for the fused decision, never the decision.
 */
export function differCovers(before: Cover, after: Cover, crop: Crop): Evidence {
  const pixels = crop.width * crop.height;
  const change = new Float32Array(pixels);
  if (before.probabilities && after.probabilities) {
    change.fill(1);
    for (let start = 0; start < before.probabilities.length; start += pixels)
      for (let k = 0; k < pixels; k++)
        change[k] = change[k]! - before.probabilities[start + k]! * after.probabilities[start + k]!;
    for (let k = 0; k < pixels; k++) change[k] = Math.min(1, Math.max(0, change[k]!));
  } else for (let k = 0; k < pixels; k++) change[k] = before.classes[k] === after.classes[k] ? 0 : 1;
  return {
    width: crop.width,
    height: crop.height,
    classesBefore: before.classes,
    classesAfter: after.classes,
    change,
    into: after.classes,
    field: null,
  };
}

/**
 * Cover from one output; the model's own classes that share a code of the class map are added up.
 *
 * @throws AppError MODEL_MISMATCH on another shape, or a class index that the card does not map
 */
export function decodeCover(output: ModelOutput, raw: RawOutputs, crop: Crop): Cover {
  const pixels = crop.width * crop.height;
  if (output.kind === 'constant')
    return { classes: new Uint8Array(pixels).fill(output.code), probabilities: null, codes: [output.code] };
  if (output.kind === 'probability') throw mismatch(output.tensor, 'classes or scores', 'a probability');
  if (output.kind === 'scores') return decodeScores(output, raw, crop);
  const plane = cropPlane(output.tensor, raw, crop);
  const classes = new Uint8Array(pixels);
  for (let k = 0; k < pixels; k++) {
    const mapped = output.classes[plane[k] ?? -1];
    if (mapped === undefined)
      throw mismatch(output.tensor, `class indices below ${output.classes.length}`, String(plane[k]));
    classes[k] = mapped;
  }
  return { classes, probabilities: null, codes: [...new Set(output.classes)] };
}

function decodeScores(output: Extract<ModelOutput, { kind: 'scores' }>, raw: RawOutputs, crop: Crop): Cover {
  const pixels = crop.width * crop.height;
  const codes = [...new Set(output.classes)].sort((a, b) => a - b);
  const planeOf = output.classes.map((mapped) => codes.indexOf(mapped));
  const { data, rowStep, colStep, classStep } = scoreSteps(output, raw, crop);
  const probabilities = new Float32Array(codes.length * pixels);
  const classes = new Uint8Array(pixels);
  const line = (): Float64Array => new Float64Array(crop.width);
  const [scores, merged, scratch] = [output.classes.map(line), codes.map(line), line()];
  for (let row = 0; row < crop.height; row++) {
    for (const [c, own] of scores.entries())
      for (let col = 0, at = row * rowStep + c * classStep; col < crop.width; col++, at += colStep)
        own[col] = Number(data[at]);
    if (output.activation === 'softmax') softmax(scores, scratch);
    for (const plane of merged) plane.fill(0);
    for (const [c, own] of scores.entries()) addTo(merged[planeOf[c]!]!, own);
    for (const [plane, values] of merged.entries()) probabilities.set(values, plane * pixels + row * crop.width);
    markLargest(merged, codes, classes.subarray(row * crop.width, (row + 1) * crop.width));
  }
  return { classes, probabilities, codes };
}

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}

/** Code of the largest plane of each pixel, ties to the first. */
function markLargest(planes: readonly Float64Array[], codes: readonly number[], out: Uint8Array): void {
  const most = planes[0]!.slice();
  out.fill(codes[0]!);
  for (const [plane, values] of planes.entries()) {
    const code = codes[plane]!;
    for (let i = 0; i < out.length; i++) {
      if (!(values[i]! > most[i]!)) continue;
      most[i] = values[i]!;
      out[i] = code;
    }
  }
}

/** In place, plane by plane. @param scratch as long as a plane */
function softmax(planes: readonly Float64Array[], scratch: Float64Array): void {
  const most = scratch.fill(-Infinity);
  for (const plane of planes) for (let i = 0; i < most.length; i++) most[i] = Math.max(most[i]!, plane[i]!);
  for (const plane of planes) for (let i = 0; i < most.length; i++) plane[i] = Math.exp(plane[i]! - most[i]!);
  const sums = scratch.fill(0);
  for (const plane of planes) addTo(sums, plane);
  for (const plane of planes) for (let i = 0; i < sums.length; i++) plane[i] = plane[i]! / sums[i]!;
}

function scoreSteps(output: { tensor: string; classes: readonly number[] }, raw: RawOutputs, crop: Crop) {
  const { data, dims } = named(output.tensor, raw);
  const [channels, height, width] = crop.layout === 'NCHW' ? dims.slice(1) : [dims[3], dims[1], dims[2]];
  if (dims.length !== 4 || channels !== output.classes.length)
    throw mismatch(output.tensor, `${output.classes.length} classes`, `a tensor [${dims.join(', ')}]`);
  if ((height ?? 0) < crop.height || (width ?? 0) < crop.width)
    throw mismatch(output.tensor, `at least ${crop.height} × ${crop.width} px`, `[${dims.join(', ')}]`);
  return crop.layout === 'NCHW'
    ? { data, rowStep: width ?? 0, colStep: 1, classStep: (width ?? 0) * (height ?? 0) }
    : { data, rowStep: (width ?? 0) * (channels ?? 0), colStep: channels ?? 0, classStep: 1 };
}

function decodeProbability(
  output: Extract<ModelOutput, { kind: 'probability' }>,
  raw: RawOutputs,
  crop: Crop,
): Float32Array {
  const change = cropPlane(output.tensor, raw, crop);
  for (let k = 0; k < change.length; k++) {
    const value = (change[k] ?? 0) * output.multiply;
    const probability = output.activation === 'sigmoid' ? 1 / (1 + Math.exp(-value)) : value;
    change[k] = Math.min(1, Math.max(0, probability));
  }
  return change;
}

/** A one-channel output, cropped. */
function cropPlane(tensor: string, raw: RawOutputs, crop: Crop): Float32Array {
  const { data, dims } = named(tensor, raw);
  const sides = crop.layout === 'NHWC' && dims.at(-1) === 1 && dims.length === 4 ? dims.slice(1, 3) : dims.slice(-2);
  const [height = 0, width = 0] = sides;
  if (data.length !== width * height || height < crop.height || width < crop.width)
    throw mismatch(tensor, `one plane of at least ${crop.height} × ${crop.width} px`, `[${dims.join(', ')}]`);
  const plane = new Float32Array(crop.width * crop.height);
  for (let row = 0; row < crop.height; row++)
    for (let col = 0; col < crop.width; col++)
      plane[row * crop.width + col] = Number(data[row * width + col] ?? Number.NaN);
  return plane;
}

function named(tensor: string, raw: RawOutputs): RawOutput {
  const output = raw[tensor];
  if (!output) throw mismatch(tensor, 'this output', `only ${Object.keys(raw).join(', ')}`);
  return output;
}

function mismatch(tensor: string, wanted: string, found: string): AppError {
  return new AppError(
    'MODEL_MISMATCH',
    `The card expects ${wanted} from output ${tensor}; the network gives ${found}.`,
    'Correct `outputs` in the card.',
    { tensor, wanted, found },
  );
}
