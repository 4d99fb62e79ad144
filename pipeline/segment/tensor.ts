import { z } from 'zod';
import { AppError } from '../errors.ts';
import { bandNames } from '../types.ts';
import type { BandName, Raster } from '../types.ts';
import { bandScaling, matchTo, scalingSchema, stretchTo, tabulate } from './scaling.ts';
import type { BandScaling, SceneStatistics } from './scaling.ts';

const percentiles = z.strictObject({ p2: z.number(), p50: z.number(), p98: z.number() });

/** What the image inputs of a network are. */
export const imageInputSchema = z.strictObject({
  tensors: z
    .array(z.string().min(1))
    .min(1)
    .max(2)
    .describe('names of the image inputs in the ONNX: one for segmentation; before, after for change'),
  bands: z
    .array(
      z.strictObject({
        name: z.enum(bandNames),
        optional: z.boolean().default(false).describe('true: a scene without this band is accepted'),
        fill: z
          .number()
          .default(0)
          .describe('network input value where the band is missing or a pixel is not observed'),
      }),
    )
    .min(1)
    .describe('channels in the order of the network'),
  dtype: z.literal('float32'),
  layout: z.enum(['NCHW', 'NHWC']),
  scaling: scalingSchema,
  matchAfterToBefore: z
    .boolean()
    .default(false)
    .describe('date 2 takes the distribution of date 1 first, band by band'),
  gsdM: z.tuple([z.number().positive(), z.number().positive()]).describe('smallest and largest GSD it was made for, m'),
  ownGsdM: z
    .number()
    .positive()
    .optional()
    .describe('pixel size that scenes of other sizes are resampled to, m; --grid <epsg>:<m> overrides it'),
  alignPx: z.number().int().positive().default(1).describe('tile sides are multiples of this (px); 2 = even sizes'),
  haloPx: z.number().int().min(0).default(0).describe('context around the kept pixels (px)'),
  tilePx: z.number().int().positive().default(512).describe('largest tile side, halo included (px)'),
  isFixedSize: z.boolean().default(false).describe('true: tiles are exactly tilePx; smaller windows are filled up'),
  expected: z
    .partialRecord(z.enum(bandNames), percentiles)
    .optional()
    .describe('reflectance quantiles of the training scenes; scenes in other units are stretched to them'),
});
export type ImageInput = z.infer<typeof imageInputSchema>;

/** What is known of a scene when its pixels become network input. */
export interface SceneView {
  /** of the bands of the rasters that will come, in their order */
  readonly statistics: SceneStatistics;
  readonly radiometry: 'reflectance' | 'dn';
}

/** One channel of the network: where its values come from, and how. `source` null: filled. */
export interface ChannelPlan {
  readonly source: number | null;
  readonly fill: number;
  readonly scale: BandScaling;
}

/**
 * How rasters of a scene become the channels of a network.
 *
 * @param pair the two scenes of a change model: `other` must have an optional band too for it to be used,
 * `like` is the scene whose distribution this one takes (`matchAfterToBefore`)
 * @throws AppError MODEL_MISMATCH for a missing band, or units that the scaling cannot take
 */
export function planChannels(
  input: ImageInput,
  scene: SceneView,
  pair: { readonly other?: SceneView; readonly like?: SceneView } = {},
): readonly ChannelPlan[] {
  const own = inBandOrder(input, scene);
  const target = pair.like ? inBandOrder(input, pair.like) : own;
  const shared = pair.other?.statistics.bands ?? scene.statistics.bands;
  return input.bands.map(({ name, optional, fill }, band) => {
    const source = scene.statistics.bands.indexOf(name);
    if (source < 0 && !optional) throw missingBand(name, scene.statistics.bands, input);
    if (source < 0 || (optional && !shared.includes(name))) return { source: null, fill, scale: (value) => value };
    const scale = bandScaling(input.scaling, band, target);
    const match = target === own ? undefined : matchTo(own.quantiles[band] ?? [], target.quantiles[band] ?? []);
    const whole = compose(own.stretch[band], match ? compose(match, scale) : scale);
    const quantiles = scene.statistics.quantiles[source] ?? [];
    return { source, fill, scale: isLinear(input) ? whole : tabulate(whole, quantiles[0] ?? 0, quantiles.at(-1) ?? 0) };
  });
}

/** Channels of both dates of a pair; an optional band that one date lacks is filled in both. */
export function planPairChannels(
  input: ImageInput,
  before: SceneView,
  after: SceneView,
): { readonly before: readonly ChannelPlan[]; readonly after: readonly ChannelPlan[] } {
  const like = input.matchAfterToBefore ? { like: before } : {};
  return {
    before: planChannels(input, before, { other: after }),
    after: planChannels(input, after, { other: before, ...like }),
  };
}

/** Statistics in the card's band order and, for scenes in other units, in reflectance as the card expects it. */
function inBandOrder(
  input: ImageInput,
  { statistics, radiometry }: SceneView,
): SceneStatistics & { readonly stretch: readonly (BandScaling | undefined)[] } {
  if (radiometry === 'dn' && !input.expected && ['reflectance', 'mean-std'].includes(input.scaling.kind))
    throw new AppError(
      'MODEL_MISMATCH',
      `The model wants reflectance (scaling ${input.scaling.kind}); the scene holds digital numbers of unknown scale.`,
      'Give --scale, or a model whose card has `expected` reflectance.',
      { scaling: input.scaling.kind, radiometry },
    );
  const order = input.bands.map(({ name }) => statistics.bands.indexOf(name));
  const stretch = input.bands.map(({ name }, band) => {
    const expected = input.expected?.[name];
    const source = order[band] ?? -1;
    return radiometry === 'dn' && expected && source >= 0 ? stretchTo(statistics, source, expected) : undefined;
  });
  return {
    bands: input.bands.map(({ name }) => name),
    fractions: statistics.fractions,
    quantiles: order.map((source, band) => {
      const stretched = stretch[band];
      const values = statistics.quantiles[source] ?? [];
      return stretched ? values.map(stretched) : values;
    }),
    stretch,
  };
}

/** Nothing to tabulate: a product and a sum a pixel. */
function isLinear({ scaling, matchAfterToBefore }: ImageInput): boolean {
  return !matchAfterToBefore && (scaling.kind === 'reflectance' || scaling.kind === 'mean-std');
}

function compose(first: BandScaling | undefined, second: BandScaling): BandScaling {
  return first ? (value) => second(first(value)) : second;
}

export function missingBand(name: BandName, present: readonly BandName[], input: ImageInput): AppError {
  const wanted = input.bands.filter((band) => !band.optional).map((band) => band.name);
  return new AppError(
    'MODEL_MISMATCH',
    `The model needs the band ${name} (in all: ${wanted.join(', ')}); the scene has ${present.join(', ') || 'none'}.`,
    'Add the file with this band to the scene, name the bands with --bands, or choose another model.',
    { missing: name, wanted, present },
  );
}

/** Size of the tensor for a window: multiples of `alignPx`, or `tilePx` for models of one size (px). */
export function tensorSize(input: ImageInput, width: number, height: number): { width: number; height: number } {
  if (input.isFixedSize) return { width: input.tilePx, height: input.tilePx };
  const align = (side: number) => Math.ceil(side / input.alignPx) * input.alignPx;
  return { width: align(width), height: align(height) };
}

/**
 * Pixels of a window as the network reads them; NaN and the padding at right and bottom become `fill`.
 *
 * @param raster reflectance, bands in the order of the scene's statistics
 * @returns `[1][channel][row][col]` or `[1][row][col][channel]` of `tensorSize`
 */
export function imageTensor(input: ImageInput, channels: readonly ChannelPlan[], raster: Raster): Float32Array {
  const { width, height } = tensorSize(input, raster.width, raster.height);
  const tensor = new Float32Array(width * height * channels.length);
  const [pixelStep, channelStep] = input.layout === 'NCHW' ? [1, width * height] : [channels.length, 1];
  for (const [channel, { source, fill, scale }] of channels.entries()) {
    const base = channel * channelStep;
    if (fill !== 0) for (let k = 0; k < width * height; k++) tensor[base + k * pixelStep] = fill;
    if (source === null) continue;
    const plane = source * raster.width * raster.height;
    for (let row = 0; row < raster.height; row++) {
      let from = plane + row * raster.width;
      let to = base + row * width * pixelStep;
      for (let col = 0; col < raster.width; col++, from++, to += pixelStep) {
        const value = raster.data[from] ?? Number.NaN;
        if (value === value) tensor[to] = scale(value);
      }
    }
  }
  return tensor;
}
