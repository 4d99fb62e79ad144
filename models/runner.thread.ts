import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../pipeline/errors.ts';
import type { RawOutput, RawOutputs } from '../pipeline/segment/decode.ts';
import type { LoadedCard, ModelCard } from './card.ts';
import { findMisfits } from './misfit.ts';
import type { ImageTensor, Model } from './runner.ts';
import { readWeights } from './shelf.ts';

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
  const session = await InferenceSession.create(bytes, options).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'MODEL_MISMATCH',
      `${loaded.weightsPath} cannot be opened as ONNX: ${why}`,
      'Export the network again, for onnxruntime 1.16 or later.',
      { weights: loaded.weightsPath },
      error,
    );
  });
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
  const results = await session.run(feeds);
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
