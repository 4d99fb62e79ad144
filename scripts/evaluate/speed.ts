import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readSeriesWeights, readWeights } from '../../models/shelf.ts';
import type { LoadedCard } from '../../models/card.ts';

export interface Speed {
  /** Mpx a second of one core */
  readonly cover: number;
  readonly pair: number;
}

const sidePx = 512;

/** Speed of the bare network by processor time of this process, best of five; null where the card has no graphs for series. */
export async function networkSpeed(loaded: LoadedCard): Promise<Speed | null> {
  const series = readSeriesWeights(loaded);
  if (series === null) return null;
  const bands = loaded.card.input.bands.length;
  const data = Float32Array.from({ length: bands * sidePx * sidePx }, (_, k) => Math.sin(k * 0.01));
  const image = new Tensor('float32', data, [1, bands, sidePx, sidePx]);
  const measure = async (weights: Uint8Array, names: readonly string[]): Promise<number> => {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, enableMemPattern: false };
    const session = await InferenceSession.create(weights, options);
    let best = Infinity;
    for (let k = 0; k < 5; k++) {
      const start = process.cpuUsage();
      await session.run(Object.fromEntries(names.map((name) => [name, image])));
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, (user + system) / 1e6);
    }
    await session.release();
    return (sidePx * sidePx) / 1e6 / best;
  };
  return {
    cover: await measure(series.encoder, ['image']),
    pair: await measure(readWeights(loaded), loaded.card.input.tensors),
  };
}
