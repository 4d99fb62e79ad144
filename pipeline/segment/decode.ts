import { z } from 'zod';
import { AppError } from '../errors.ts';

const code = z.number().int().min(0).max(254);
const roles = ['before', 'after', 'change', 'into', 'cover'] as const;

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
    role: z.enum(['before', 'after', 'into', 'cover']),
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
    for (let k = 0; k < before.probabilities.length; k++) {
      const at = k % pixels;
      change[at] = (change[at] ?? 0) - (before.probabilities[k] ?? 0) * (after.probabilities[k] ?? 0);
    }
    for (let k = 0; k < pixels; k++) change[k] = Math.min(1, Math.max(0, change[k] ?? 0));
  } else for (let k = 0; k < pixels; k++) change[k] = before.classes[k] === after.classes[k] ? 0 : 1;
  return {
    width: crop.width,
    height: crop.height,
    classesBefore: before.classes,
    classesAfter: after.classes,
    change,
    into: after.classes,
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
  const count = output.classes.length;
  const codes = [...new Set(output.classes)].sort((a, b) => a - b);
  const planeOf = output.classes.map((mapped) => codes.indexOf(mapped));
  const { data, rowStep, colStep, classStep } = scoreSteps(output, raw, crop);
  const probabilities = new Float32Array(codes.length * pixels);
  const classes = new Uint8Array(pixels);
  const scores = new Float64Array(count);
  const merged = new Float64Array(codes.length);
  for (let k = 0; k < pixels; k++) {
    const at = Math.floor(k / crop.width) * rowStep + (k % crop.width) * colStep;
    for (let c = 0; c < count; c++) scores[c] = Number(data[at + c * classStep] ?? 0);
    if (output.activation === 'softmax') softmax(scores);
    merged.fill(0);
    for (let c = 0; c < count; c++) {
      const plane = planeOf[c] ?? 0;
      merged[plane] = (merged[plane] ?? 0) + (scores[c] ?? 0);
    }
    let best = 0;
    for (let plane = 0; plane < codes.length; plane++) {
      probabilities[plane * pixels + k] = merged[plane] ?? 0;
      if ((merged[plane] ?? 0) > (merged[best] ?? 0)) best = plane;
    }
    classes[k] = codes[best] ?? 0;
  }
  return { classes, probabilities, codes };
}

function softmax(scores: Float64Array): void {
  let largest = -Infinity;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) sum += scores[c] = Math.exp((scores[c] ?? 0) - largest);
  for (let c = 0; c < scores.length; c++) scores[c] = (scores[c] ?? 0) / sum;
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
