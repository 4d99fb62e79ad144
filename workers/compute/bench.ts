import { loadCard } from '../../models/shelf.ts';
import { planPair } from '../../models/runner.ts';
import type { Model } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { fusionFor, smoothingPx } from '../../pipeline/change/decide.ts';
import type { ChunkTools } from '../../pipeline/change/chunk.ts';
import { gsdOf, pixelAreaModel } from '../../pipeline/geo/area.ts';
import type { GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import { maskOfPolygons, polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import { judge } from './judge.ts';
import { createLookReader, openSceneFiles } from './look-reader.ts';
import type { LookReader } from './look-reader.ts';
import type { LookPlan, RunPlan } from './run-plan.ts';
import { shiftOf } from './shift.ts';

/** What a thread keeps open between the chunks of one run. */
export interface Bench {
  readonly plan: RunPlan;
  readonly tools: Omit<ChunkTools, 'throwIfCancelled'>;
  close(): Promise<void>;
}

/**
 * Open the scenes and the network of a plan.
 *
 * @param shared the plan's network where it is open already; it stays open
 * @throws AppError INPUT_INVALID where a file has gone or changed its form, MODEL_MISMATCH
 */
export async function openBench(plan: RunPlan, shared?: Model): Promise<Bench> {
  const files = { before: await openSceneFiles(plan.before.scene), after: await openSceneFiles(plan.after.scene) };
  const model = plan.model === null ? null : (shared ?? (await openModel(loadCard(plan.model.path))));
  const { grid, statistics } = plan;
  const evidenceBands = plan.evidenceBands.length;
  const gsdM = gsdOf(grid).mean;
  const readerOf = (
    { scene, bands, cloud }: LookPlan,
    own: readonly GeotiffFile[],
    shiftPx?: { readonly col: number; readonly row: number },
  ): LookReader =>
    createLookReader({
      scene,
      files: own,
      bands,
      neededBands: evidenceBands,
      grid,
      gsdM,
      cloud,
      ...(shiftPx && { shiftPx }),
    });
  const readers = {
    before: readerOf(plan.before, files.before, plan.before.shiftPx),
    after: readerOf(plan.after, files.after, shiftOf(plan)),
  };
  const pair =
    model && statistics
      ? planPair(
          model.card,
          { statistics: statistics.before, radiometry: plan.before.scene.radiometry },
          { statistics: statistics.after, radiometry: plan.after.scene.radiometry },
        )
      : null;
  const fusion = fusionFor(model?.card.fusion, gsdM);
  // pixels that only smooth their neighbours make do with less context
  const haloPx = Math.max(0, (model?.card.input.haloPx ?? 0) - (fusion?.isSmoothed === true ? smoothingPx : 0));
  const areaOfInterest = plan.areaOfInterest && polygonsOnGrid(grid, plan.areaOfInterest.polygons);
  return {
    plan,
    tools: {
      gsdM,
      bands: plan.evidenceBands,
      fusion,
      clearHaze: plan.before.cloud &&
        plan.after.cloud && { before: plan.before.cloud.clearHaze, after: plan.after.cloud.clearHaze },
      look: (side, window) => readers[side].look(window),
      async judge(before, after, keep) {
        if (statistics === null) return null;
        const opticalBands = { before: statistics.before.bands.length, after: statistics.after.bands.length };
        return judge(before, after, {
          keep,
          statistics,
          evidenceBands,
          opticalBands,
          network: model && pair ? { model, pair, haloPx } : null,
        });
      },
      areaOfInterest: (window) => areaOfInterest && maskOfPolygons(window, areaOfInterest),
      pixelAreaM2: pixelAreaModel(grid),
    },
    async close() {
      if (shared === undefined) await model?.close();
      for (const file of [...files.before, ...files.after]) await file.close();
    },
  };
}
