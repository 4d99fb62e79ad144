import { decodeChange, decodeCover, differCovers } from '../pipeline/segment/decode.ts';
import type { Evidence, RawOutputs } from '../pipeline/segment/decode.ts';
import { imageTensor, planChannels, planPairChannels, tensorSize } from '../pipeline/segment/tensor.ts';
import type { ChannelPlan, SceneView } from '../pipeline/segment/tensor.ts';
import type { Raster } from '../pipeline/types.ts';
import type { ModelCard } from './card.ts';

/** One image input: values as `imageTensor` lays them out, and the size of the tensor (px). */
export interface ImageTensor {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/**
 * An open network. The same input gives the same bytes on one machine; calls must not overlap.
 */
export interface Model {
  readonly card: ModelCard;
  /** one image a name of `card.input.tensors`, in that order */
  run(images: readonly ImageTensor[]): Promise<RawOutputs>;
  close(): Promise<void>;
}

/** What the encoder says of one date; sizes are those of the image's tensor. */
export interface EncodedLook {
  readonly width: number;
  readonly height: number;
  /** `[class of card.series.classes][row][col]`, 255 = certain */
  readonly cover: Uint8Array;
  /** by name of `card.series.features`: `[channel][row / stridePx][col / stridePx]`, for `compare` */
  readonly features: Readonly<Record<string, Uint8Array>>;
}

/** One date as the head wants it. */
export interface ComparedLook {
  readonly image: ImageTensor;
  readonly features: EncodedLook['features'];
}

/** An open network in two graphs: `encode` once a date, `compare` once a pair of dates; calls must not overlap. */
export interface SeriesModel {
  readonly card: ModelCard;
  encode(image: ImageTensor): Promise<EncodedLook>;
  /** outputs of roles change and into, named as in `card.outputs` */
  compare(before: ComparedLook, after: ComparedLook): Promise<RawOutputs>;
  close(): Promise<void>;
}

/** How both dates' pixels become network input; made once a run, used for every tile. */
export interface PairPlan {
  readonly before: readonly ChannelPlan[];
  readonly after: readonly ChannelPlan[];
}

/**
 * Scaling of both dates from their statistics.
 *
 * @throws AppError MODEL_MISMATCH for missing bands or units
 */
export function planPair(card: ModelCard, before: SceneView, after: SceneView): PairPlan {
  if (card.kind === 'change') return planPairChannels(card.input, before, after);
  const like = card.input.matchAfterToBefore ? { like: before } : {};
  return { before: planChannels(card.input, before), after: planChannels(card.input, after, like) };
}

/**
 * What the network says of one window of both dates.
 *
 * @param before reflectance, bands in the order of the statistics that made the plan; NaN = not observed
 * @param after the same window of date 2
 * @throws AppError MODEL_MISMATCH where an output is not what the card says
 */
export async function runPair(model: Model, plan: PairPlan, before: Raster, after: Raster): Promise<Evidence> {
  const { card } = model;
  const crop = { width: before.width, height: before.height, layout: card.input.layout };
  const size = tensorSize(card.input, before.width, before.height);
  const images = [
    { ...size, data: imageTensor(card.input, plan.before, before) },
    { ...size, data: imageTensor(card.input, plan.after, after) },
  ];
  if (card.kind === 'change') return decodeChange(card.outputs, await model.run(images), crop);
  const covers = [];
  for (const image of images) {
    const raw = await model.run([image]);
    for (const output of card.outputs) covers.push(decodeCover(output, raw, crop));
  }
  const [first, second] = covers;
  if (!first || !second) throw new RangeError('a segmentation card has exactly one output');
  return differCovers(first, second, crop);
}
