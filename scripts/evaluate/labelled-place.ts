import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { gsdOf, windowAreaM2 } from '../../pipeline/geo/area.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { ClassMap, Scene } from '../../pipeline/types.ts';
import { openBench } from '../../workers/compute/bench.ts';
import { draftRun } from '../../workers/compute/draft.ts';
import { planRun } from '../../workers/compute/open.ts';
import type { RunPlan } from '../../workers/compute/run-plan.ts';
import { thresholdValue } from '../../workers/compute/stitch.ts';
import { judgeChunk } from './judged-chunk.ts';
import { openLabelPolygons, type Outside } from './label-polygon.ts';
import { openLabelRaster, type Align } from './label-raster.ts';
import type { Labels, LabelValues } from './label-value.ts';
import { openOutcomeMap, type OutcomeMap } from './outcome-map.ts';
import { countChunk, emptyTally, type Tally } from './tally.ts';

/** Two dates of a place and somebody's labels of what changed. */
export interface LabelledPlace {
  readonly name: string;
  readonly request: RunRequest;
  /** absolute path */
  readonly labels: string;
  readonly values: LabelValues;
  /** for polygons; null: as these say themselves */
  readonly outside: Outside | null;
  /** for rasters; null: georeference and array must agree */
  readonly align: Align | null;
}

export interface JudgedPlace {
  readonly name: string;
  readonly plan: RunPlan;
  readonly labels: { readonly file: string; readonly sha256: string | null; readonly kind: Labels['kind'] };
  readonly notes: readonly string[];
  readonly tally: Tally;
  readonly gsdM: number;
  /** mean area of a pixel (m²) */
  readonly pixelM2: number;
  readonly map: OutcomeMap;
}

/** Labels of a place on the grid of its plan. */
export function openLabels(
  { labels, values, outside, align }: LabelledPlace,
  { grid, classMap, before, after }: Pick<RunPlan, 'grid' | 'classMap'> & Record<'before' | 'after', { scene: Scene }>,
): Promise<Labels> {
  const { classes } = classMap;
  const dates = { before: before.scene.acquired, after: after.scene.acquired };
  return /\.tiff?$/i.test(labels)
    ? openLabelRaster(labels, { grid, classes, values, align })
    : openLabelPolygons(labels, { grid, classes, outside, dates });
}

/** @throws AppError CONFIG_INVALID for a class that the model does not have */
function checkInto(into: readonly string[] | null, { classes }: ClassMap): void {
  const known = classes.map(({ name }) => name);
  const strange = into?.find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `--into ${strange} is no class of this model; it has ${known.join(', ')}.`,
      'Name some of these.',
    );
}

/**
 * Open headers and labels of a place, so that a misfit is said before the first pixel is judged.
 *
 * @throws AppError what scenes, cards and labels throw
 */
export async function checkPlace(place: LabelledPlace, into: readonly string[] | null): Promise<void> {
  const draft = await draftRun(place.request);
  try {
    checkInto(into, draft.classMap);
    const labels = await openLabels(place, draft);
    await labels.close();
  } finally {
    await draft.close();
  }
}

/** A whole place through the product's own path, counted against its labels chunk by chunk. */
export async function judgePlace(place: LabelledPlace, into: readonly string[] | null): Promise<JudgedPlace> {
  const plan = await planRun(place.request, {}, () => undefined);
  const { grid, classMap } = plan;
  const labels = await openLabels(place, plan);
  const tally = emptyTally(classMap.classes.length);
  const map = openOutcomeMap(grid);
  try {
    const bench = await openBench(plan);
    try {
      for (const chunk of plan.chunks) {
        const judged = await judgeChunk(chunk, bench);
        const codes = await labels.read(chunk.keep);
        map.add(chunk.keep, countChunk(tally, judged, codes, { classMap, into, threshold: thresholdValue(plan) }));
      }
    } finally {
      await bench.close();
    }
  } finally {
    await labels.close();
  }
  const whole = { col: 0, row: 0, width: grid.width, height: grid.height };
  return {
    name: place.name,
    plan,
    labels: { file: basename(place.labels), sha256: hashOf(place.labels), kind: labels.kind },
    notes: [...labels.notes, ...plan.warnings.map(({ code, message }) => `${code}: ${message}`)],
    tally,
    gsdM: gsdOf(grid).mean,
    pixelM2: windowAreaM2(grid, whole) / (grid.width * grid.height),
    map,
  };
}

/** Null of a folder (FileGDB). */
const hashOf = (path: string): string | null =>
  statSync(path).isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
