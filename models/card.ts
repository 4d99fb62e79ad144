import { z } from 'zod';
import { AppError } from '../pipeline/errors.ts';
import { fusionSchema } from '../pipeline/change/decide.ts';
import { categories } from '../pipeline/rule/reason.ts';
import { outputSchema } from '../pipeline/segment/decode.ts';
import { imageInputSchema, missingBand } from '../pipeline/segment/tensor.ts';
import type { BandName, ClassMap } from '../pipeline/types.ts';

const bilingual = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'wants 64 hex digits');
const name = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'wants lower-case letters, digits, dots and hyphens');

const weightFile = z.strictObject({
  file: z.string().min(1).describe('ONNX file, relative to the card'),
  sha256,
  bytes: z.number().int().positive(),
});

/** The same network in two graphs, so that n dates cost n passes of the encoder and pairs only those of the small head. */
const seriesSchema = z.strictObject({
  encoder: weightFile.describe(
    'once a date: `image` float32 [1,bands,H,W] → `cover` uint8 [1,class,H,W] (255 = certain) and each feature',
  ),
  head: weightFile.describe(
    'once a pair: `before`, `after` (images) and `<feature>_before`, `<feature>_after` → change and into, as in `outputs`',
  ),
  classes: z
    .array(z.number().int().min(0).max(254))
    .min(1)
    .describe('code in the class map of each plane of `cover`, in order'),
  features: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('tensor of the encoder'),
        channels: z.number().int().positive(),
        stridePx: z.number().int().positive().describe('pixels of the image a side of a feature: [1,channels,H/s,W/s]'),
      }),
    )
    .min(1)
    .describe('uint8, what the head needs of a date besides its image'),
});

/** The contract of a network with the product; `docs/formats.md` is generated from the descriptions. */
export const modelCardSchema = z
  .strictObject({
    format: z.literal('tianwatch-model-card/1'),
    id: name,
    version: z.string().min(1),
    kind: z.enum(['change', 'segmentation']).describe('change: both dates at once; segmentation: run on each date'),
    title: bilingual,
    status: z.enum(['first', 'experimental', 'stable', 'foreign']),
    weights: weightFile,
    series: seriesSchema
      .optional()
      .describe('the network as encoder and head, for series of dates; each date is scaled by itself'),
    classMap: z.string().min(1).describe('id of a class map in models/classes, or path of one relative to the card'),
    input: imageInputSchema,
    outputs: z.array(outputSchema).min(1),
    thresholds: z.strictObject({
      change: z.number().gt(0).max(1).describe('a pixel changed where the fused probability reaches this'),
      network: z.number().gt(0).max(1).optional().describe('the same for the network alone'),
      patches: z
        .partialRecord(z.enum(categories), z.number().gt(0).max(1))
        .optional()
        .describe('by category: a patch whose mean probability is below goes to review; never below `change`'),
    }),
    fusion: fusionSchema
      .optional()
      .describe('weights of the fused decision on some classes; elsewhere the geometric mean of all evidence'),
    metrics: z
      .array(z.strictObject({ name: z.string(), value: z.number(), on: z.string(), note: z.string().optional() }))
      .default([])
      .describe('measured, with the places they were measured on'),
    licence: z.string().min(1),
    trainingData: z.array(z.strictObject({ name: z.string(), licence: z.string(), use: z.string() })).default([]),
    knownFailures: z.array(bilingual).default([]),
    decisions: z.array(z.string()).default([]).describe('dated lines'),
  })
  .superRefine((card, context) => {
    for (const message of findContradictions(card)) context.addIssue({ code: 'custom', message });
  });
export type ModelCard = z.infer<typeof modelCardSchema>;

function findContradictions(card: z.input<typeof modelCardSchema> & Pick<ModelCard, 'input' | 'outputs'>): string[] {
  const said: string[] = [];
  const { bands, scaling, tensors, haloPx, tilePx, alignPx } = card.input;
  const roles = card.outputs.map((output) => output.role);
  const wanted = card.kind === 'change' ? 2 : 1;
  if (tensors.length !== wanted)
    said.push(`input.tensors: kind ${card.kind} takes ${wanted} names, the card gives ${tensors.length}`);
  if (card.kind === 'change' && !roles.includes('change')) said.push('outputs: kind change needs the role change');
  if (card.kind === 'segmentation' && (roles.length !== 1 || roles[0] !== 'cover'))
    said.push(`outputs: kind segmentation takes exactly one output of role cover, the card gives ${roles.join(', ')}`);
  if (card.kind === 'change' && roles.includes('cover')) said.push('outputs: role cover belongs to kind segmentation');
  if (card.kind !== 'change' && card.series) said.push('series: belongs to kind change');
  if (new Set(roles).size < roles.length) said.push(`outputs: a role stands twice in ${roles.join(', ')}`);
  if (new Set(bands.map((band) => band.name)).size < bands.length) said.push('input.bands: a band stands twice');
  if (bands.every((band) => band.optional)) said.push('input.bands: at least one band must be required');
  for (const [category, least] of Object.entries(card.thresholds.patches ?? {}))
    if (least < card.thresholds.change)
      said.push(`thresholds.patches: ${category} ${least} is laxer than change ${card.thresholds.change}`);
  if (tilePx <= 2 * haloPx) said.push(`input: tilePx ${tilePx} leaves nothing between two halos of ${haloPx} px`);
  if (tilePx % alignPx !== 0) said.push(`input: tilePx ${tilePx} is no multiple of alignPx ${alignPx}`);
  const { gsdM, ownGsdM = gsdM[0] } = card.input;
  if (gsdM[0] > gsdM[1]) said.push('input.gsdM: the smallest GSD stands first');
  if (ownGsdM < gsdM[0] || ownGsdM > gsdM[1]) said.push(`input.ownGsdM: ${ownGsdM} m is outside gsdM`);
  if (scaling.kind === 'mean-std' && (scaling.mean.length !== bands.length || scaling.std.length !== bands.length))
    said.push(`input.scaling: ${bands.length} bands want ${bands.length} values of mean and of std`);
  if (scaling.kind === 'joint-log') {
    const required = bands.filter((band) => !band.optional).map((band): string => band.name);
    for (const reference of scaling.reference)
      if (!required.includes(reference)) said.push(`input.scaling.reference: ${reference} is no required band`);
  }
  return said;
}

const landClassSchema = z.strictObject({
  code: z.number().int().min(0).max(254),
  name,
  zh: z.string().min(1),
  colour: z.string().regex(/^#[0-9a-f]{6}$/, 'wants #rrggbb'),
  group: name,
});

export const classMapSchema = z.strictObject({
  id: name,
  version: z.number().int().positive(),
  classes: z
    .array(landClassSchema)
    .min(1)
    .refine((classes) => new Set(classes.map(({ code }) => code)).size === classes.length, 'a code stands twice'),
});

/** A card that was read, with what it points at. */
export interface LoadedCard {
  readonly card: ModelCard;
  readonly classMap: ClassMap;
  /** absolute path of the card */
  readonly path: string;
  /** absolute path of the ONNX file */
  readonly weightsPath: string;
  /** the same for the graphs of series; null: the card has none */
  readonly seriesPaths: { readonly encoder: string; readonly head: string } | null;
  /** sha256 of the card file itself */
  readonly cardSha256: string;
}

/** Every code that the outputs can give must be in the class map. */
export function findUnmappedCodes(card: ModelCard, classMap: ClassMap): readonly number[] {
  const known = new Set(classMap.classes.map(({ code }) => code));
  const given = card.outputs.flatMap((output) => {
    if (output.kind === 'probability') return [];
    return output.kind === 'constant' ? [output.code] : output.classes;
  });
  return [...new Set(given)].filter((code) => !known.has(code));
}

/** Whether `fitScene` lets a scene pass. */
export function fitsCard(
  card: ModelCard,
  scene: { readonly bands: readonly BandName[]; readonly gsdM: number },
): boolean {
  try {
    fitScene(card, { ...scene, name: '' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Refuse a scene that the card was not made for, before a tile is read.
 *
 * @throws AppError MODEL_MISMATCH naming what the model wants and what the scene is
 */
export function fitScene(
  { id, input }: ModelCard,
  scene: { readonly bands: readonly BandName[]; readonly gsdM: number; readonly name: string },
): void {
  for (const band of input.bands)
    if (!band.optional && !scene.bands.includes(band.name)) throw missingBand(band.name, scene.bands, input);
  const [smallest, largest] = input.gsdM;
  // a nominal 10 m pixel measures 9.96-10.04 m on the ellipsoid, depending on where in the projection it lies
  if (scene.gsdM >= smallest * 0.99 && scene.gsdM <= largest * 1.01) return;
  throw new AppError(
    'MODEL_MISMATCH',
    `The model ${id} is made for ${smallest}-${largest} m pixels; ${scene.name} has ${scene.gsdM.toFixed(2)} m.`,
    'Give --grid <epsg>:<metres> with a size in this range, or choose another model (tianwatch model list).',
    { model: id, modelGsdM: input.gsdM, gsdM: scene.gsdM, scene: scene.name },
  );
}
