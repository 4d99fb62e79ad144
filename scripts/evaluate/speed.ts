import type { LoadedCard } from '../../models/card.ts';
import { openModel, openSeriesModel } from '../../models/runner.thread.ts';

export interface Speed {
  /** Mpx a second of one core */
  readonly cover: number;
  readonly pair: number;
}

const sidePx = 512;

/** Best of five by processor time of this process, Mpx a second of one core. */
async function measure(run: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let k = 0; k < 5; k++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return (sidePx * sidePx) / 1e6 / best;
}

/** Speed of the bare network; null where the card has no graphs for series. */
export async function networkSpeed(loaded: LoadedCard): Promise<Speed | null> {
  if (loaded.card.series === undefined) return null;
  const { bands, tensors } = loaded.card.input;
  const data = Float32Array.from({ length: bands.length * sidePx * sidePx }, (_, k) => Math.sin(k * 0.01));
  const image = { data, width: sidePx, height: sidePx };
  const series = await openSeriesModel(loaded);
  const cover = await measure(() => series.encode(image));
  await series.close();
  const model = await openModel(loaded);
  const pair = await measure(() => model.run(tensors.map(() => image)));
  await model.close();
  return { cover, pair };
}
