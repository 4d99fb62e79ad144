import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../pipeline/errors.ts';
import type { RawOutput, RawOutputs } from '../pipeline/segment/decode.ts';
import type { LoadedCard, ModelCard } from './card.ts';
import { findMisfits } from './misfit.ts';
import type { ImageTensor, Model, SeriesModel } from './runner.ts';
import { readSeriesWeights, readWeights } from './shelf.ts';

/** One thread, no reordering: the same input gives the same bytes. */
const options: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // tiles differ in size at the edges: a memory plan per shape would only be kept, never reused
  enableMemPattern: false,
};

/**
 * Open a network in the calling thread; `run` blocks it. Open once a thread and keep it: sessions that
 * come and go leave memory behind (microsoft/onnxruntime#25325).
 *
 * @throws AppError MODEL_MISMATCH where weights or tensors are not what the card says
 */
export async function openModel(loaded: LoadedCard): Promise<Model> {
  const { card } = loaded;
  const bytes = readWeights(loaded);
  const session = await openGraph(bytes, loaded.weightsPath);
  const misfits = findMisfits(card, session.inputMetadata, session.outputMetadata);
  if (misfits.length > 0) {
    await session.release();
    throw new AppError(
      'MODEL_MISMATCH',
      `The card ${card.id} and its network do not fit: ${misfits.join('; ')}.`,
      'Correct `input` and `outputs` in the card.',
      { card: card.id, misfits },
    );
  }
  return {
    card,
    run: (images) => runSession(session, card, images),
    close: () => session.release(),
  };
}

async function openGraph(bytes: Uint8Array, path: string): Promise<InferenceSession> {
  return InferenceSession.create(bytes, options).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'MODEL_MISMATCH',
      `${path} cannot be opened as ONNX: ${why}`,
      'Export the network again, for onnxruntime 1.16 or later.',
      { weights: path },
      error,
    );
  });
}

/**
 * Open the encoder and the head of a card in the calling thread; see `openModel`.
 *
 * @throws AppError MODEL_MISMATCH where the card has none, or its files or their inputs are not what it says
 */
export async function openSeriesModel(loaded: LoadedCard): Promise<SeriesModel> {
  const { card, seriesPaths } = loaded;
  const [weights, series] = [readSeriesWeights(loaded), card.series];
  if (weights === null || seriesPaths === null || series === undefined)
    throw new AppError(
      'MODEL_MISMATCH',
      `The card ${card.id} has no \`series\`: its network cannot be run date by date.`,
      'Choose a model whose card has it (s2-change).',
      { card: card.id },
    );
  const encoder = await openGraph(weights.encoder, seriesPaths.encoder);
  const head = await openGraph(weights.head, seriesPaths.head);
  const names = series.features.map(({ name }) => name);
  const wanted = ['before', 'after', ...names.flatMap((name) => [`${name}_before`, `${name}_after`])];
  const missing = [
    ...['cover', ...names].filter((name) => !encoder.outputNames.includes(name)),
    ...wanted.filter((name) => !head.inputNames.includes(name)),
  ];
  if (missing.length > 0 || !encoder.inputNames.includes('image'))
    throw new AppError(
      'MODEL_MISMATCH',
      `The graphs of ${card.id} for series lack ${missing.join(', ') || 'the input image'}.`,
      'Correct `series` in the card.',
      { card: card.id, missing },
    );
  const channels = card.input.bands.length;
  const tensorOf = ({ data, width, height }: ImageTensor): Tensor =>
    new Tensor('float32', data, [1, channels, height, width]);
  return {
    card,
    async encode(image) {
      const { width, height } = image;
      const raw = outputsOf(await encoder.run({ image: tensorOf(image) }));
      const bytes = (name: string): Uint8Array => {
        const data = raw[name]?.data;
        if (data instanceof Uint8Array) return data;
        throw new AppError(
          'MODEL_MISMATCH',
          `Output ${name} of the encoder is not uint8.`,
          'Export the network again.',
        );
      };
      return {
        width,
        height,
        cover: bytes('cover'),
        features: Object.fromEntries(names.map((name) => [name, bytes(name)])),
      };
    },
    async compare(before, after) {
      const feeds: Record<string, Tensor> = { before: tensorOf(before.image), after: tensorOf(after.image) };
      for (const { name, channels: depth, stridePx } of series.features)
        for (const [side, look] of [
          ['before', before],
          ['after', after],
        ] as const) {
          const dims = [1, depth, look.image.height / stridePx, look.image.width / stridePx];
          feeds[`${name}_${side}`] = new Tensor('uint8', look.features[name] ?? new Uint8Array(), dims);
        }
      return outputsOf(await head.run(feeds));
    },
    async close() {
      await encoder.release();
      await head.release();
    },
  };
}

async function runSession(
  session: InferenceSession,
  card: ModelCard,
  images: readonly ImageTensor[],
): Promise<RawOutputs> {
  const channels = card.input.bands.length;
  const feeds: Record<string, Tensor> = {};
  for (const [k, { data, width, height }] of images.entries()) {
    const dims = card.input.layout === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels];
    feeds[card.input.tensors[k] ?? ''] = new Tensor('float32', data, dims);
  }
  return outputsOf(await session.run(feeds));
}

/** Copies that outlive the session's own memory. */
function outputsOf(results: InferenceSession.ReturnType): RawOutputs {
  const outputs: Record<string, RawOutput> = {};
  for (const [name, tensor] of Object.entries(results)) {
    const { data, dims } = tensor;
    const isReadable =
      data instanceof Float32Array ||
      data instanceof Uint8Array ||
      data instanceof Int32Array ||
      data instanceof BigInt64Array;
    if (isReadable) outputs[name] = { data, dims };
    tensor.dispose();
  }
  return outputs;
}
