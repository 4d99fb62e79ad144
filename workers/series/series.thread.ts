import { join } from 'node:path';
import type { Model } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { loadCard } from '../../models/shelf.ts';
import { computeChunk } from '../../pipeline/change/chunk.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import { openBench } from '../compute/bench.ts';
import type { Bench } from '../compute/bench.ts';
import { encodeChunk } from '../compute/chunk-file.ts';
import { openSceneFiles } from '../compute/look-reader.ts';
import { measurePair } from '../compute/measure-pair.ts';
import { openTimedLand } from '../compute/patch-land.ts';
import type { TimedLand } from '../compute/patch-land.ts';
import { loadPlan } from '../compute/run-plan.ts';
import type { RunPlan } from '../compute/run-plan.ts';
import { type BlockCacheOptions, keepBlocks } from '../images/block-cache.ts';
import { openImages } from '../images/open-images.ts';
import { serveThread, threadData } from '../pool/serve-thread.ts';
import type { ThreadAnswer } from '../pool/serve-thread.ts';
import { cached } from './cached.ts';
import { detectLook } from './detect-look.ts';
import { chunkOf, openLookChunks, weighedPlan } from './look-chunks.ts';
import { type GroundUnder, groundUnder } from './look-ground.ts';
import type { MeasuredPair } from './plan-pair.ts';
import type { SeriesAnswer, SeriesQuestion } from './question.ts';
import { surveyLook } from './survey-look.ts';

const data = threadData() as {
  /** place of the image store */ readonly images: string;
  readonly blocks: BlockCacheOptions;
};
keepBlocks(data.blocks);
const images = await openImages(data.images);

interface KnownLand {
  readonly key: string;
  readonly land: TimedLand | null;
  readonly under: GroundUnder | null;
}

let bench: Bench | null = null;
let network: { readonly path: string; readonly model: Model } | null = null;
let land: KnownLand | null = null;
const plans = new Map<string, RunPlan>();

function planIn(folder: string): RunPlan {
  const known = plans.get(folder);
  if (known) return known;
  const plan = loadPlan(folder);
  plans.set(folder, plan);
  return plan;
}

/** One session for all pairs of a thread: sessions that come and go leave memory behind. */
async function modelOf({ model }: RunPlan): Promise<Model | undefined> {
  if (model === null) return undefined;
  if (network?.path === model.path) return network.model;
  await network?.model.close();
  network = { path: model.path, model: await openModel(loadCard(model.path)) };
  return network.model;
}

async function benchFor(plan: RunPlan): Promise<Bench> {
  if (bench?.plan.id === plan.id) return bench;
  const open = bench;
  bench = null;
  await open?.close();
  bench = await openBench(plan, await modelOf(plan));
  return bench;
}

const lookChunks = openLookChunks(images, benchFor);

async function landOf({ layers, grid }: RunPlan): Promise<KnownLand> {
  const key = JSON.stringify([layers, grid]);
  if (land?.key === key) return land;
  const opened = await openTimedLand(layers, images, grid);
  land = { key, land: opened, under: opened && groundUnder(opened, layers) };
  return land;
}

async function measure(
  question: Extract<SeriesQuestion, { kind: 'measure' }>,
  signal: AbortSignal,
): Promise<MeasuredPair> {
  const { before, after, grid, bands, fixed } = question;
  const origin = [before.id, after.id, grid, bands, fixed ?? null];
  const { clouds, statistics } = await cached(images, 'pair', origin, async () => {
    const files = [await openSceneFiles(before), await openSceneFiles(after)] as const;
    try {
      const measured = await measurePair(
        {
          grid,
          gsdM: gsdOf(grid).mean,
          bands,
          before: { scene: before, files: files[0] },
          after: { scene: after, files: files[1] },
        },
        () => signal.throwIfAborted(),
        fixed,
      );
      return { clouds: [measured.before.cloud, measured.after.cloud] as const, statistics: measured.statistics };
    } finally {
      for (const file of files.flat()) await file.close();
    }
  });
  return {
    before: { scene: before, bands: bands.before, cloud: clouds[0] },
    after: { scene: after, bands: bands.after, cloud: clouds[1] },
    statistics,
  };
}

async function chunk(pairFolder: string, index: number, signal: AbortSignal): Promise<boolean> {
  const plan = planIn(pairFolder);
  const [part, key] = [chunkOf(plan, index), plan.chunkKeys[index]!];
  if (await images.has(key)) {
    await images.touch(key);
    return true;
  }
  const { tools } = await benchFor(plan);
  const result = await computeChunk(part, { ...tools, throwIfCancelled: () => signal.throwIfAborted() });
  await images.put(key, encodeChunk(result));
  return false;
}

async function answer(question: SeriesQuestion, signal: AbortSignal): Promise<ThreadAnswer<SeriesAnswer>> {
  switch (question.kind) {
    case 'survey': {
      const { scene } = question;
      const clearness = await cached(images, 'survey', scene.id, () => surveyLook(scene));
      return { output: { kind: 'survey', clearness } };
    }
    case 'measure':
      return { output: { kind: 'measure', measured: await measure(question, signal) } };
    case 'chunk':
      return { output: { kind: 'chunk', isSkipped: await chunk(question.pairFolder, question.index, signal) } };
    case 'look': {
      const isSkipped = await lookChunks.read(planIn(question.pairFolder), question.index, signal);
      return { output: { kind: 'look', isSkipped } };
    }
    case 'weigh': {
      const evidence = await openImages(question.evidenceFolder);
      await lookChunks.weigh(question.pairFolders.map(planIn), question.index, evidence);
      return { output: { kind: 'weigh' } };
    }
    case 'detect': {
      const { evidenceFolder } = question;
      const pair = planIn(question.pairFolder);
      const plan = evidenceFolder === null ? pair : weighedPlan(pair);
      const known = await landOf(plan);
      const found = await detectLook(plan, {
        images: evidenceFolder === null ? images : await openImages(evidenceFolder),
        land: known.land,
        under: question.fineOf === null ? known.under : null,
        fineOf: question.fineOf,
        scratch: join(question.pairFolder, 'scratch'),
        failed: new Set(question.failed),
        cellPx: question.cellPx,
        isWeighed: evidenceFolder !== null,
        throwIfCancelled: () => signal.throwIfAborted(),
      });
      return { output: { kind: 'detect', found } };
    }
  }
}

serveThread<SeriesQuestion, SeriesAnswer>(answer);
