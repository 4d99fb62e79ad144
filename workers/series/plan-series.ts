import type { LoadedCard } from '../../models/card.ts';
import { loadSeriesModel } from '../../models/series-shelf.ts';
import type { LoadedSeriesModel } from '../../models/series-shelf.ts';
import { AppError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import { byDate } from '../../pipeline/scene/look-sieve.ts';
import { chooseGrid, overlapWindow } from '../../pipeline/tile/grid.ts';
import { chooseCard, gridOf } from '../compute/choose-card.ts';
import { regionOf } from '../compute/run-rules.ts';
import { cutGrid, decisionOf, readAoi } from '../compute/draft.ts';
import type { Lattice } from '../compute/draft.ts';
import { dropLook, lookProblemOf } from './open-looks.ts';
import { choosePair, planPair } from './plan-pair.ts';
import type { MeasurePair, PairBase } from './plan-pair.ts';
import { fitsGrid, isFineLook, planFineLook } from './plan-fine-look.ts';
import { referenceOf } from './reference.ts';
import type { LeftOutLook, OpenedLook, PlannedFineLook, PlannedLook, SeriesPlan } from './series-plan.ts';
import type { SeriesRequest } from './series-request.ts';
import { shiftOf } from '../compute/shift.ts';

/** Evidence of all looks of a chunk is held in memory at once. */
const chunkPx = 512;
/** Fewer looks than these say less together than the best pair. */
const leastLooks = 3;

export interface PlanSeriesOptions {
  readonly layers: readonly LayerRef[];
  readonly lattice: Lattice;
  readonly measure: MeasurePair;
  throwIfCancelled(): void;
}

export interface PlannedSeries {
  readonly plan: SeriesPlan;
  readonly base: PairBase;
  readonly leftOut: readonly LeftOutLook[];
}

/**
 * Decide reference, grid, network and chunks; measure every look against the reference.
 *
 * @param looks at least one
 * @throws AppError what grids, cards and areas of interest throw
 */
export async function planSeries(
  request: SeriesRequest,
  looks: readonly OpenedLook[],
  { layers, lattice, measure, throwIfCancelled }: PlanSeriesOptions,
): Promise<PlannedSeries> {
  const reference = referenceOf(looks);
  const option = request.grid ?? 'before';
  const asked = chooseGrid(reference.scene, reference.scene, option);
  const { card, warnings } = chooseCard({ ...request, grid: option }, [reference.scene], gsdOf(asked).mean);
  const { grid, warnings: resampled } = gridOf(asked, card, option);
  const gsdM = gsdOf(grid).mean;
  const series = card && loadSeriesModel(card.card);
  const seen = looks.filter((look) => look.seenFraction > 0 && !isFineLook(look, { card, gsdM })).length;
  const isAtHome = series !== null && regionOf(grid)?.id === series.model.region;
  const evidence: SeriesPlan['evidence'] = isAtHome && seen >= leastLooks ? 'looks' : 'pairs';
  const areaOfInterest = request.aoi === null ? null : readAoi(request.aoi);
  const chunks = cutGrid(grid, card, true, { chunkPx, ...lattice });
  const base: PairBase = {
    grid,
    gsdM,
    chunks,
    areaOfInterest,
    layers,
    card,
    mayDoWithout: request.model === 'auto' && evidence === 'pairs',
  };
  const planned: PlannedLook[] = [];
  const fineLooks: PlannedFineLook[] = [];
  const leftOut: LeftOutLook[] = [];
  for (const opened of looks.toSorted(byDate)) {
    throwIfCancelled();
    if (opened.seenFraction === 0) {
      leftOut.push(dropLook(opened, { problem: 'NOTHING_SEEN', detail: '' }));
      continue;
    }
    try {
      const fine = isFineLook(opened, base) ? await planFineLook(opened, looks, { base, lattice, measure }) : null;
      if (fine !== null && 'pair' in fine) fineLooks.push(fine);
      // without an earlier one it is a look on the grid, where the network has what it needs there
      else if (fine !== null && !fitsGrid(opened, base)) leftOut.push(dropLook(opened, fine));
      else planned.push(await planLook(opened, reference, base, measure));
    } catch (error) {
      leftOut.push(dropLook(opened, lookProblemOf(error)));
    }
  }
  const { classMap, config } = decisionOf(card);
  const plan = {
    reference,
    looks: planned,
    fineLooks,
    evidence,
    grid,
    gsdM,
    chunks,
    classMap,
    areaOfInterest,
    layers,
    config,
    warnings,
  };
  return {
    plan: {
      ...plan,
      warnings: [
        ...warnings,
        ...resampled,
        ...withoutNetwork(planned, card),
        ...foreignEncoder(series, evidence),
        ...(series !== null && !isAtHome && seen >= leastLooks ? [elsewhere(series.model.region)] : []),
      ],
    },
    base,
    leftOut,
  };
}

async function planLook(
  opened: OpenedLook,
  reference: OpenedLook,
  base: PairBase,
  measure: PlanSeriesOptions['measure'],
): Promise<PlannedLook> {
  const { grid } = base;
  overlapWindow(grid, opened.scene.grid);
  const choice = choosePair(base, reference.scene, opened.scene, opened.name);
  const measured = await measure({ before: reference.scene, after: opened.scene, grid, bands: choice.bands });
  if (measured.statistics === null)
    throw new AppError('INPUT_INVALID', 'It shares no seen pixel with the reference look.', '');
  const pair = planPair(base, choice, measured);
  return { opened, shiftPx: shiftOf(pair), pair };
}

function elsewhere(region: string): Warning {
  const message = `What weighs all looks together was learnt on the calendar of ${region}; here each look is compared with the reference alone, and fewer changes are found.`;
  return { code: 'SERIES_MODEL_ELSEWHERE', message, todo: '' };
}

function foreignEncoder(series: LoadedSeriesModel | null, evidence: SeriesPlan['evidence']): Warning[] {
  if (series === null || series.isOfThisEncoder || evidence === 'pairs') return [];
  const message = `What says which ground a look shows was learnt from another version of the network ${series.model.encoder.model}.`;
  return [{ code: 'SERIES_MODEL_OLD', message, todo: 'Learn it anew (models/training/README.md).' }];
}

function withoutNetwork(looks: readonly PlannedLook[], card: LoadedCard | null): Warning[] {
  const names = looks.filter(({ pair }) => card !== null && pair.model === null).map(({ opened }) => opened.name);
  if (names.length === 0) return [];
  const message = `The network does not fit ${names.length} looks, which IR-MAD and change vectors judge alone: ${names.slice(0, 5).join(', ')}.`;
  return [{ code: 'NO_NETWORK', message, todo: 'Give scenes with the bands of the network.' }];
}
