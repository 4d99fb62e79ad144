import { createHash } from 'node:crypto';
import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { FoundPatch } from '../../pipeline/change/patches.ts';
import { openPatchDetector } from '../../pipeline/change/patches.ts';
import { applyAffine } from '../../pipeline/geo/affine.ts';
import { pixelAreaModel } from '../../pipeline/geo/area.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { FrameCentre } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { Sighting } from '../../pipeline/track/sighting.ts';
import type { Grid } from '../../pipeline/types.ts';
import { changeScale, unobserved } from '../../pipeline/types.ts';
import { decodeFacts } from '../compute/chunk-file.ts';
import { loadMinimumArea } from '../compute/draft.ts';
import { openPatchJudge } from '../compute/patch-judge.ts';
import { shapeWriter } from '../compute/patch-land.ts';
import type { TimedLand } from '../compute/patch-land.ts';
import type { RunPlan } from '../compute/run-plan.ts';
import { rulesFor } from '../compute/run-rules.ts';
import { planeOf, stitchedRows, thresholdValue } from '../compute/stitch.ts';
import type { ImageStore } from '../images/store.ts';
import { type GroundUnder, openLookGround } from './look-ground.ts';
import type { FoundInLook } from './question.ts';

export interface DetectLookOptions {
  readonly images: Pick<ImageStore, 'get'>;
  readonly land: TimedLand | null;
  readonly failed: ReadonlySet<number>;
  readonly cellPx: number;
  /** all looks together decided, not the pair with the reference */
  readonly isWeighed: boolean;
  /** frame of the tracks of a pair on a grid of its own; null: that of the grid */
  readonly fineOf: FrameCentre | null;
  /** what a ledger is kept of; null: neither projects nor a survey */
  readonly under: GroundUnder | null;
  /** folder for what does not stay */
  readonly scratch: string;
  throwIfCancelled(): void;
}

/** Where the frame of a grid's tracks touches the ellipsoid: its middle. */
export function frameCentreOf(grid: Grid): FrameCentre {
  const middle = applyAffine(grid.affine, grid.width / 2, grid.height / 2);
  const [lonDeg, latDeg] = lonLatProjector(grid.crs)(...middle);
  return { lonDeg, latDeg };
}

/** Patches of one look, judged, and what it saw. */
export async function detectLook(plan: RunPlan, options: DetectLookOptions): Promise<FoundInLook> {
  const { grid } = plan;
  const pixelAreaM2 = pixelAreaModel(grid);
  const detector = openPatchDetector({
    width: grid.width,
    threshold: thresholdValue(plan),
    classMap: plan.classMap,
    minimumArea: loadMinimumArea(),
    pixelAreaM2,
    idContext: JSON.stringify([plan.before.scene.id, plan.after.scene.id, grid.crs.definition, grid.affine]),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
  });
  const toSighting = openSightings(plan, options);
  const [before, after] = [plan.before.scene.acquired ?? '', plan.after.scene.acquired ?? ''];
  // weighed looks are compared with the ground before the series
  const tellsChange = options.isWeighed || before <= after;
  const ground = options.under && openLookGround(plan, { ...options, under: options.under, tellsChange });
  // a finer look that is in doubt has not seen that nothing changed
  const doubt = options.fineOf === null ? null : { from: surelyUnchanged * changeScale, to: thresholdValue(plan) };
  const seen = openSeenCells(grid, { cellPx: options.cellPx, doubt });
  const sightings: Sighting[] = [];
  let [row, observedM2] = [0, 0];
  const take = async (patches: readonly FoundPatch[]): Promise<void> => {
    for (const patch of patches) {
      const sighting = toSighting(patch);
      sightings.push(sighting);
      await ground?.addPatch(patch, sighting.category);
    }
  };
  for await (const { raster } of stitchedRows(plan, options.images, options.failed)) {
    options.throwIfCancelled();
    const plane = (name: (typeof chunkBands)[number]): Uint8Array => planeOf(raster, chunkBands.indexOf(name)).data;
    const [change, classBefore, changeInto] = [plane('change'), plane('classesBefore'), plane('changeInto')];
    await take(detector.addRows({ rowCount: raster.height, change, classBefore, changeInto }));
    seen.add(row, raster.height, change);
    for (let at = 0; at < change.length; at++)
      if (change[at] !== unobserved) observedM2 += pixelAreaM2(at % grid.width, row + Math.floor(at / grid.width));
    row += raster.height;
  }
  const { patches, counts } = detector.finish();
  await take(patches);
  return {
    sightings: sightings.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    seenPercent: seen.percent(),
    observedM2,
    gridM2: await areaOfGrid(plan, options),
    sliverPixels: counts.dropped.slivers.pixels,
    ground: (await ground?.finish()) ?? null,
  };
}

/** Area of all chunks inside the area of interest; a chunk that failed counts whole. */
async function areaOfGrid(plan: RunPlan, { images, failed }: DetectLookOptions): Promise<number> {
  let sum = 0;
  const area = pixelAreaModel(plan.grid);
  for (const { index, keep } of plan.chunks) {
    const bytes = failed.has(index) ? null : await images.get(plan.chunkKeys[index]!);
    if (bytes === null) {
      for (let r = keep.row; r < keep.row + keep.height; r++)
        for (let c = keep.col; c < keep.col + keep.width; c++) sum += area(c, r);
      continue;
    }
    const { observedM2, reasonsM2 } = decodeFacts(bytes);
    sum += observedM2 + Object.values(reasonsM2).reduce((all, areaM2) => all + areaM2, 0);
  }
  return sum;
}

function openSightings(
  plan: RunPlan,
  { land, isWeighed, fineOf }: Pick<DetectLookOptions, 'land' | 'isWeighed' | 'fineOf'>,
): (patch: FoundPatch) => Sighting {
  const { grid, before, after, model } = plan;
  // tracks lie in the frame of the grid, whatever frame the layers of the land have
  const shapeOf = shapeWriter(grid, equalAreaFrame(fineOf ?? frameCentreOf(grid)));
  const period = { from: before.scene.acquired, to: after.scene.acquired };
  const judge = openPatchJudge({
    land: land && { ...land, under: (shape) => land.underIn(shape, period) },
    rules: rulesFor(grid),
    dateBefore: period.from,
    dateAfter: period.to,
    isExperimental: model?.isExperimental ?? false,
    // the date of the reference says nothing of what the ground was: that follows from all looks
    isSeasonWeighed: isWeighed,
    leastProbability: model?.patchThresholds ?? {},
  });
  return (patch) => {
    const { properties } = judge(patch);
    return {
      id: patch.id,
      polygons: [shapeOf(patch.rings)],
      areaM2: patch.areaM2,
      classBefore: patch.classBefore.name,
      classAfter: patch.classAfter.name,
      category: properties.category,
      probability: patch.probability,
    };
  };
}

/** Values of `change` above `from` and below `to` say neither. */
interface Doubt {
  readonly from: number;
  readonly to: number;
}

/** Probability of change up to which one pair of dates says that ground is as before: set by reason. */
const surelyUnchanged = 0.1;

/** What was seen, in cells: exact at one pixel a cell, a few percent of the bytes at eight. */
function openSeenCells(grid: Grid, { cellPx, doubt }: { readonly cellPx: number; readonly doubt: Doubt | null }) {
  const [cols, rows] = [Math.ceil(grid.width / cellPx), Math.ceil(grid.height / cellPx)];
  const counts = new Uint32Array(cols * rows);
  const saysSomething = (change: number): boolean =>
    change !== unobserved && (doubt === null || change <= doubt.from || change >= doubt.to);
  return {
    add(firstRow: number, rowCount: number, change: Uint8Array): void {
      for (let r = 0; r < rowCount; r++) {
        const cellRow = Math.floor((firstRow + r) / cellPx) * cols;
        for (let c = 0; c < grid.width; c++)
          if (saysSomething(change[r * grid.width + c]!)) counts[cellRow + Math.floor(c / cellPx)]!++;
      }
    },
    percent(): Uint8Array {
      return Uint8Array.from(counts, (count, at) => {
        const width = Math.min(cellPx, grid.width - (at % cols) * cellPx);
        const height = Math.min(cellPx, grid.height - Math.floor(at / cols) * cellPx);
        return Math.round((100 * count) / (width * height));
      });
    },
  };
}
