import type { ClassMap, LandClass } from '../types.ts';
import { changeScale } from '../types.ts';
import { classesOf, openComponents, type PatchRows } from './components.ts';
import { classMinimumM2, type MinimumArea } from './minimum-area.ts';
import type { Component } from './run-pool.ts';
import { isSliver } from './sliver.ts';
import { traceRings, type PixelRing } from './trace.ts';

/** One piece of changed ground; plain values. */
export interface ChangePatch {
  /** hash of the caller's context and the pixels' place: the same patch of the same scenes has the same id */
  readonly id: string;
  /** majority over the pixels, ties to the lowest code */
  readonly classBefore: LandClass;
  readonly classAfter: LandClass;
  /** mean probability of change, 0..1 */
  readonly probability: number;
  /** sum of the pixels' areas on the ellipsoid (m²) */
  readonly areaM2: number;
  readonly pixels: number;
  /** `watch`: below `minAreaM2` */
  readonly state: 'suspected' | 'watch';
  /** max(minimum of the class, minimum in pixels) (m²) */
  readonly minAreaM2: number;
  /** `[first col, first row, col after the last, row after the last]` */
  readonly bboxPx: readonly [number, number, number, number];
  /** exact outline: exterior, then holes; pixel corners */
  readonly rings: readonly PixelRing[];
}

/** A patch with its pixels, which are too many to be kept. */
export interface FoundPatch extends ChangePatch {
  /** `[row, first col, col after the last]` of every run, by row, then column (px) */
  readonly runs: Int32Array;
}

/** What is in no patch, and why. */
export interface DroppedPatches {
  readonly slivers: { readonly patches: number; readonly pixels: number; readonly areaM2: number };
}

export interface PatchCounts {
  readonly suspected: number;
  readonly watch: number;
  /** pixels at or above the threshold = pixels of patches + dropped pixels */
  readonly changedPixels: number;
  readonly dropped: DroppedPatches;
}

export interface PatchOptions {
  /** px */
  readonly width: number;
  /** changed means `change` ≥ this, 1..250 */
  readonly threshold: number;
  readonly classMap: ClassMap;
  readonly minimumArea: MinimumArea;
  /** area of a pixel on the ellipsoid (m²) */
  readonly pixelAreaM2: (col: number, row: number) => number;
  /** what the place of a pixel means: ids of grid and scenes */
  readonly idContext: string;
  readonly hash: (text: string) => string;
}

export interface PatchDetector {
  /** Rows that follow those already given; returns the patches that ended, in the order of their last rows. */
  addRows(rows: PatchRows): FoundPatch[];
  /** The grid ends: the patches still open, and the counts of all. */
  finish(): { readonly patches: FoundPatch[]; readonly counts: PatchCounts };
}

/**
 * Turn changed pixels into patches while the rasters stream by. Neither patches nor their ids depend on how the rows
 * are cut into strips. Pixels of 251..254 and 255 are never changed.
 */
export function openPatchDetector(options: PatchOptions): PatchDetector {
  const classes = classesOf(options.classMap);
  const tally = { suspected: 0, watch: 0, changedPixels: 0 };
  const slivers = { patches: 0, pixels: 0, areaM2: 0 };
  let ended: FoundPatch[] = [];
  const finder = openComponents({
    width: options.width,
    threshold: options.threshold,
    classes,
    onComponent(component) {
      tally.changedPixels += component.pixels;
      const rings = traceRings(component.runs);
      const areaM2 = runsAreaM2(component.runs, options.pixelAreaM2);
      if (isSliver(component, rings, options.minimumArea)) {
        slivers.patches++;
        slivers.pixels += component.pixels;
        slivers.areaM2 += areaM2;
        return;
      }
      const patch = patchOf(component, { rings, areaM2, classes }, options);
      tally[patch.state]++;
      ended.push({ ...patch, runs: component.runs });
    },
  });
  const takeEnded = () => {
    const patches = ended;
    ended = [];
    return patches;
  };
  return {
    addRows(rows) {
      finder.addRows(rows);
      return takeEnded();
    },
    finish() {
      finder.finish();
      return { patches: takeEnded(), counts: { ...tally, dropped: { slivers: { ...slivers } } } };
    },
  };
}

/**
 * All patches of a grid, by their uppermost, then leftmost pixel.
 *
 * @param strips rows from the top down
 */
export async function detectPatches(
  options: PatchOptions,
  strips: AsyncIterable<PatchRows> | Iterable<PatchRows>,
): Promise<{ readonly patches: readonly ChangePatch[]; readonly counts: PatchCounts }> {
  const detector = openPatchDetector(options);
  const patches: ChangePatch[] = [];
  const keep = ({ runs: _runs, ...patch }: FoundPatch) => patches.push(patch);
  for await (const rows of strips) detector.addRows(rows).forEach(keep);
  const { patches: last, counts } = detector.finish();
  last.forEach(keep);
  return { patches: patches.sort(byPlace), counts };
}

/** By the first corner of the exterior, which no two patches share as uppermost left pixel. */
function byPlace(a: ChangePatch, b: ChangePatch): number {
  const [aRow, bRow] = [a.bboxPx[1], b.bboxPx[1]];
  return aRow - bRow || a.rings[0]![0]! - b.rings[0]![0]!;
}

function patchOf(
  component: Component,
  found: { readonly rings: readonly PixelRing[]; readonly areaM2: number; readonly classes: readonly LandClass[] },
  { minimumArea, idContext, hash }: PatchOptions,
): ChangePatch {
  const { runs, pixels, probabilitySum, before, into } = component;
  const { rings, areaM2, classes } = found;
  const classBefore = classes[before]!;
  const classAfter = classes[into]!;
  const classM2 = classMinimumM2(minimumArea, classAfter);
  const isSmall = pixels < minimumArea.minimumPx.pixels || areaM2 < classM2;
  const bboxPx = boxOf(runs);
  return {
    id: hash([idContext, runs[0], runs[1], ...bboxPx, pixels, classBefore.name, classAfter.name].join('\n')),
    classBefore,
    classAfter,
    probability: probabilitySum / (pixels * changeScale),
    areaM2,
    pixels,
    state: isSmall ? 'watch' : 'suspected',
    minAreaM2: Math.max(classM2, (minimumArea.minimumPx.pixels * areaM2) / pixels),
    bboxPx,
    rings,
  };
}

function boxOf(runs: Int32Array): [number, number, number, number] {
  let [minCol, maxCol] = [runs[1]!, runs[2]!];
  for (let at = 3; at < runs.length; at += 3) {
    minCol = Math.min(minCol, runs[at + 1]!);
    maxCol = Math.max(maxCol, runs[at + 2]!);
  }
  return [minCol, runs[0]!, maxCol, runs.at(-3)! + 1];
}

/** Pixel by pixel in the order of the runs: the same sum for the same patch. */
function runsAreaM2(runs: Int32Array, pixelAreaM2: PatchOptions['pixelAreaM2']): number {
  let sum = 0;
  for (let at = 0; at < runs.length; at += 3)
    for (let col = runs[at + 1]!; col < runs[at + 2]!; col++) sum += pixelAreaM2(col, runs[at]!);
  return sum;
}
