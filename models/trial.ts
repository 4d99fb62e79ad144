import { AppError } from '../pipeline/errors.ts';
import { decodeChange, decodeCover } from '../pipeline/segment/decode.ts';
import { tensorSize } from '../pipeline/segment/tensor.ts';
import type { LoadedCard } from './card.ts';
import { openModel, openSeriesModel } from './runner.thread.ts';

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

/**
 * Run the graphs for series on a tile of made values against itself.
 *
 * @returns one line of what was found
 * @throws AppError MODEL_MISMATCH where tensors are not what the card says, or one date twice is change
 */
export async function trySeries(loaded: LoadedCard): Promise<string> {
  const model = await openSeriesModel(loaded);
  try {
    const { input, outputs, series } = loaded.card;
    const size = tensorSize(input, 96, 96);
    const data = Float32Array.from({ length: input.bands.length * size.width * size.height }, (_, k) =>
      Math.sin(k / 7),
    );
    const image = { ...size, data };
    const { cover, features } = await model.encode(image);
    const wanted = (series?.classes.length ?? 0) * size.width * size.height;
    if (cover.length !== wanted)
      throw new AppError(
        'MODEL_MISMATCH',
        `Output cover of the encoder has ${cover.length} values; ${series?.classes.length} classes of ${size.height} × ${size.width} px want ${wanted}.`,
        'Correct `series.classes` in the card.',
      );
    const look = { image, features };
    const own = outputs.filter(({ role }) => role === 'change' || role === 'into');
    const { change } = decodeChange(own, await model.compare(look, look), { ...size, layout: input.layout });
    const most = change.reduce((so, value) => Math.max(so, value), 0);
    if (most >= 0.5)
      throw new AppError(
        'MODEL_MISMATCH',
        `One date compared with itself changed with probability ${most.toFixed(2)}.`,
        'Export encoder and head of one network together.',
      );
    return `encoder once a date, head once a pair; one date twice: at most ${most.toFixed(3)}`;
  } finally {
    await model.close();
  }
}
