import { createHash } from 'node:crypto';
import { fitScene } from '../../models/card.ts';
import type { LoadedCard } from '../../models/card.ts';
import { asAppError } from '../../pipeline/errors.ts';
import type { Grid, Scene } from '../../pipeline/types.ts';
import { decisionOf } from '../compute/draft.ts';
import { chooseBands } from '../compute/look-bands.ts';
import type { LookBands } from '../compute/look-bands.ts';
import type { FixedShifts } from '../compute/measure-pair.ts';
import type { RunPlan } from '../compute/run-plan.ts';
import { canonicalJson } from '../database/event.ts';
import { chunkKey, pixelsVersion } from '../pixels-version.ts';
import type { SeriesPlan } from './series-plan.ts';

export type ChosenBands = LookBands;

/** Statistics of a pair that were measured on its grid. */
export type MeasuredPair = Pick<RunPlan, 'before' | 'after' | 'statistics'>;

/** What is measured of two scenes on a grid. */
export interface MeasureQuestion {
  readonly before: Scene;
  readonly after: Scene;
  readonly grid: Grid;
  readonly bands: ChosenBands;
  readonly fixed?: FixedShifts;
}

export type MeasurePair = (question: MeasureQuestion) => Promise<MeasuredPair>;

/** What all pairs of a series share. */
export interface PairBase extends Pick<SeriesPlan, 'grid' | 'gsdM' | 'chunks' | 'areaOfInterest' | 'layers'> {
  /** the network of the series; null: IR-MAD and change vectors alone */
  readonly card: LoadedCard | null;
  /** whether a scene that the network does not fit may be judged without it */
  readonly mayDoWithout: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The network where both scenes fit it, else null or the reason why not. @throws AppError MODEL_MISMATCH */
function cardFor({ card, gsdM, mayDoWithout }: PairBase, scenes: readonly Scene[], name: string): LoadedCard | null {
  if (card === null) return null;
  try {
    for (const { bands } of scenes) fitScene(card.card, { bands: bands.map((band) => band.name), gsdM, name });
    return card;
  } catch (error) {
    if (mayDoWithout && asAppError(error).code === 'MODEL_MISMATCH') return null;
    throw error;
  }
}

/** What is read of two scenes, and by which network they are judged. */
export interface PairChoice {
  readonly card: LoadedCard | null;
  readonly bands: LookBands;
}

/**
 * @param name what messages call the later scene
 * @throws AppError MODEL_MISMATCH, INPUT_INVALID where the scenes share too few bands
 */
export function choosePair(base: PairBase, before: Scene, after: Scene, name: string): PairChoice {
  const card = cardFor(base, [before, after], name);
  return { card, bands: chooseBands(before, after, card?.card.input.bands.map((band) => band.name) ?? []) };
}

/**
 * The plan of one pair of a series: as that of a run, on the grid of the series.
 *
 * @param shifts how the scenes lie against the grid, where they are not the reference and a look registered to it
 */
export function planPair(
  base: PairBase,
  { card, bands }: PairChoice,
  measured: MeasuredPair,
  shifts: FixedShifts = {},
): RunPlan {
  const { grid, chunks, areaOfInterest, layers } = base;
  const version = pixelsVersion();
  const decision = decisionOf(card);
  const before = { ...measured.before, ...(shifts.before && { shiftPx: shifts.before }) };
  const origin = {
    beforeId: before.scene.id,
    afterId: measured.after.scene.id,
    modelSha256: card?.cardSha256 ?? null,
    grid,
    pairStatistics: {
      pair: measured.statistics,
      clouds: [before.cloud, measured.after.cloud],
      shift: shifts.before ?? null,
      aoi: areaOfInterest?.file.sha256 ?? null,
    },
    pixelsVersion: version,
  };
  return {
    format: 'tianwatch-plan/1',
    id: sha256(canonicalJson([origin, decision.threshold, decision.config, chunks.length])),
    pixelsVersion: version,
    before,
    after: measured.after,
    statistics: measured.statistics,
    evidenceBands: bands.evidence,
    model: card && {
      id: card.card.id,
      version: card.card.version,
      path: card.path,
      cardSha256: card.cardSha256,
      weightsSha256: card.card.weights.sha256,
      isExperimental: card.card.status === 'experimental',
      patchThresholds: card.card.thresholds.patches ?? {},
    },
    layers,
    ...decision,
    grid,
    areaOfInterest,
    chunks,
    chunkKeys: chunks.map((chunk) => chunkKey({ ...origin, chunk })),
    warnings: [],
  };
}
