import { createHash } from 'node:crypto';
import { openSeriesModel } from '../../models/runner.thread.ts';
import { loadSeriesModel } from '../../models/series-shelf.ts';
import { loadCard } from '../../models/shelf.ts';
import { computeLookChunk } from '../../pipeline/change/look-chunk.ts';
import { AppError } from '../../pipeline/errors.ts';
import { changeScale } from '../../pipeline/types.ts';
import type { Bench } from '../compute/bench.ts';
import { encodeChunk } from '../compute/chunk-file.ts';
import type { RunPlan } from '../compute/run-plan.ts';
import type { ImageStore } from '../images/store.ts';
import { openLookTools } from './look-tools.ts';
import type { GroundReader } from './look-tools.ts';
import { evenly, weighLooks } from './weigh-looks.ts';
import type { StoredLook } from './weigh-looks.ts';

interface OpenReader extends GroundReader {
  /** path of the card */
  readonly path: string;
  /** sha256 over encoder and series model */
  readonly key: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Name of a look's evidence of a chunk in the folder of a series. */
const evidenceKey = (plan: RunPlan, index: number): string => `${plan.id.slice(0, 32)}/${index}`;

/** A plan that reads what all looks say together in the place of what its pair says. */
export const weighedPlan = (plan: RunPlan): RunPlan => ({
  ...plan,
  chunkKeys: plan.chunks.map(({ index }) => evidenceKey(plan, index)),
  threshold: evenly / changeScale,
  model: plan.model && { ...plan.model, patchThresholds: {} },
});

/** @throws AppError BUG */
export function chunkOf({ chunks }: RunPlan, index: number): RunPlan['chunks'][number] {
  const chunk = chunks[index];
  if (chunk === undefined) throw new AppError('BUG', `The pair has no chunk ${index}.`, '');
  return chunk;
}

export interface LookChunks {
  /** Compute what one look says of a chunk, unless it is there. @returns whether it was there */
  read(plan: RunPlan, index: number, signal: AbortSignal): Promise<boolean>;
  /** Weigh what all looks say of a chunk; the outcome of each goes into `evidence`. */
  weigh(plans: readonly RunPlan[], index: number, evidence: ImageStore): Promise<void>;
}

/**
 * Chunks of single looks, each one pass of the encoder, kept in the image store.
 *
 * @param benchFor opens the scenes of a plan
 */
export function openLookChunks(images: ImageStore, benchFor: (plan: RunPlan) => Promise<Bench>): LookChunks {
  let reader: OpenReader | null = null;

  /** Opened once: sessions that come and go leave memory behind. */
  async function readerOf({ model }: RunPlan): Promise<OpenReader> {
    if (model !== null && reader?.path === model.path) return reader;
    const card = model && loadCard(model.path);
    const series = card && loadSeriesModel(card.card);
    if (model === null || card === null || series === null)
      throw new AppError('BUG', 'A look is to be read by a network that reads no single looks.', '');
    await reader?.encoder.close();
    const key = sha256(JSON.stringify([card.card.series?.encoder.sha256, series.model]));
    reader = { path: model.path, key, encoder: await openSeriesModel(card), model: series.model };
    return reader;
  }

  /** Follows from all that the pair with the reference follows from. */
  const lookKey = (plan: RunPlan, index: number, readerKey: string): string => {
    const sha = sha256(JSON.stringify([plan.chunkKeys[index], readerKey]));
    return `look/${sha.slice(0, 2)}/${sha}`;
  };

  return {
    async read(plan, index, signal) {
      const chunk = chunkOf(plan, index);
      const own = await readerOf(plan);
      const key = lookKey(plan, index, own.key);
      if (await images.has(key)) {
        await images.touch(key);
        return true;
      }
      const tools = openLookTools(await benchFor({ ...plan, id: `look ${plan.id}`, model: null }), own);
      const result = await computeLookChunk(chunk, { ...tools, throwIfCancelled: () => signal.throwIfAborted() });
      await images.put(key, encodeChunk(result));
      return false;
    },
    async weigh(plans, index, evidence) {
      const first = plans[0];
      if (first === undefined) return;
      const done = await Promise.all(plans.map((plan) => evidence.has(evidenceKey(plan, index))));
      if (done.every(Boolean)) return;
      const { model, key } = await readerOf(first);
      const looks: StoredLook[] = [];
      for (const plan of plans) {
        const bytes = await images.get(lookKey(plan, index, key));
        if (bytes === null)
          throw new AppError(
            'UNAVAILABLE',
            `Chunk ${index} of a look is missing from the image store or damaged.`,
            'Give the same command again; it is computed anew.',
          );
        looks.push({ id: plan.after.scene.id, date: plan.after.scene.acquired ?? '', bytes });
      }
      const weighed = weighLooks(chunkOf(first, index), looks, model);
      for (const plan of plans) await evidence.put(evidenceKey(plan, index), weighed.get(plan.after.scene.id)!);
    },
  };
}
