import { AppError } from '../pipeline/errors.ts';
import { decodeChange, decodeCover } from '../pipeline/segment/decode.ts';
import { tensorSize } from '../pipeline/segment/tensor.ts';
import type { LoadedCard } from './card.ts';
import { openModel } from './runner.thread.ts';

/**
 * Run a network twice on a tile of made values and decode what it says.
 *
 * @returns one line of what was found
 * @throws AppError MODEL_MISMATCH where tensors are not what the card says, or two runs differ
 */
export async function tryNetwork(loaded: LoadedCard): Promise<string> {
  const model = await openModel(loaded);
  try {
    const { input, outputs, kind } = loaded.card;
    // a size that is no multiple of anything, so that padding and cropping are tried too
    const side = Math.min(input.tilePx, 101);
    const size = tensorSize(input, side, side);
    const crop = { width: side, height: side, layout: input.layout };
    const values = (seed: number) =>
      Float32Array.from(
        { length: input.bands.length * size.width * size.height },
        (_, k) => Math.abs(Math.sin((k + 1) * 12.9898 + seed) * 43758.5453) % 1,
      );
    const images = input.tensors.map((_, k) => ({ ...size, data: values(k) }));
    const [first, second] = [await model.run(images), await model.run(images)];
    for (const [name, { data }] of Object.entries(first))
      if (data.some((value, k) => value !== second[name]?.data[k] && value === value))
        throw new AppError(
          'MODEL_MISMATCH',
          `Output ${name} differs between two runs on the same tile.`,
          'Remove random operators from the network: a run must be repeatable.',
        );
    if (kind === 'change') decodeChange(outputs, first, crop);
    else for (const output of outputs) decodeCover(output, first, crop);
    const names = outputs.flatMap((output) => (output.kind === 'constant' ? [] : [output.tensor]));
    return `${input.tensors.join(', ')} (${input.bands.length} bands) → ${names.join(', ')}; the same twice`;
  } finally {
    await model.close();
  }
}
