import { createHash } from 'node:crypto';
import type { RunRequest } from '../../pipeline/request.ts';
import { areRelated } from '../../pipeline/pair/related.ts';
import { canonicalJson } from '../database/event.ts';
import { chunkKey, pixelsVersion } from '../pixels-version.ts';
import { draftRun } from './draft.ts';
import type { Draft, Lattice } from './draft.ts';
import type { Candidate } from '../registry/resolve.ts';
import { chooseLayers } from './choose-layers.ts';
import type { ChosenLayers } from './choose-layers.ts';
import { measurePair } from './measure-pair.ts';
import type { RunPlan } from './run-plan.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Plan a run: headers, grid, chunks, and the statistics of the pair from a sample of blocks.
 *
 * @throws AppError what is wrong with the request, before a chunk is computed
 */
export async function planRun(
  request: RunRequest,
  { lattice = {}, candidates = [] }: { readonly lattice?: Lattice; readonly candidates?: readonly Candidate[] },
  throwIfCancelled: () => void,
): Promise<RunPlan> {
  const draft = await draftRun(request, lattice);
  try {
    const chosen = chooseLayers(request, candidates, {
      before: draft.before.scene.acquired,
      after: draft.after.scene.acquired,
    });
    const { before, after, statistics } = await measurePair(draft, throwIfCancelled);
    return finishPlan(draft, chosen, { before, after, statistics });
  } finally {
    await draft.close();
  }
}

function finishPlan(
  draft: Draft,
  chosen: ChosenLayers,
  measured: Pick<RunPlan, 'before' | 'after' | 'statistics'>,
): RunPlan {
  const { card, grid, chunks, areaOfInterest } = draft;
  const version = pixelsVersion();
  const model = card && {
    id: card.card.id,
    version: card.card.version,
    path: card.path,
    cardSha256: card.cardSha256,
    weightsSha256: card.card.weights.sha256,
    isExperimental: card.card.status === 'experimental',
    patchThresholds: card.card.thresholds.patches ?? {},
  };
  const layers = chosen.layers.map(({ id }) => id);
  const origin = {
    beforeId: measured.before.scene.id,
    afterId: measured.after.scene.id,
    modelSha256: card?.cardSha256 ?? null,
    grid,
    pairStatistics: {
      pair: measured.statistics,
      clouds: [measured.before.cloud, measured.after.cloud],
      aoi: areaOfInterest?.file.sha256 ?? null,
    },
    pixelsVersion: version,
  };
  const identity = canonicalJson([origin, draft.threshold, draft.config, chunks.length, layers]);
  return {
    format: 'tianwatch-plan/1',
    id: sha256(identity),
    pixelsVersion: version,
    ...measured,
    evidenceBands: draft.bands.evidence,
    model,
    layers: chosen.layers,
    classMap: draft.classMap,
    grid,
    areaOfInterest,
    threshold: draft.threshold,
    chunks,
    chunkKeys: chunks.map((chunk) => chunkKey({ ...origin, chunk })),
    config: draft.config,
    warnings: [...draft.warnings, ...relationWarnings(measured.statistics), ...chosen.warnings],
  };
}

function relationWarnings(statistics: RunPlan['statistics']): RunPlan['warnings'] {
  if (statistics === null || areRelated(statistics.pixels, statistics.irmad.correlations)) return [];
  return [
    {
      code: 'DATES_UNRELATED',
      message: `${statistics.pixels} shared pixels of a sample show no relation between the dates, so that no change was found there means little.`,
      todo: 'Look at both scenes: constant values, the wrong place, or an overlap of a few pixels.',
    },
  ];
}
