import { runPair } from '../../models/runner.ts';
import type { Model, PairPlan } from '../../models/runner.ts';
import type { TileJudgement } from '../../pipeline/change/chunk.ts';
import { cropPlane } from '../../pipeline/change/observe.ts';
import { coverByRule } from '../../pipeline/pair/cover-rule.ts';
import { irmadProbability } from '../../pipeline/pair/irmad.ts';
import type { PairStatistics } from '../../pipeline/pair/statistics.ts';
import { vectorProbability } from '../../pipeline/pair/vectors.ts';
import { evidenceHaloPx } from '../../pipeline/pair/statistics.ts';
import type { Raster, Window } from '../../pipeline/types.ts';

export interface JudgeOptions {
  /** what is judged, inside the rasters (px) */
  readonly keep: Window;
  readonly statistics: PairStatistics;
  readonly evidenceBands: number;
  /** bands before the mask bands */
  readonly opticalBands: { readonly before: number; readonly after: number };
  /** with the context that it is given around `keep` (px) */
  readonly network: { readonly model: Model; readonly pair: PairPlan; readonly haloPx: number } | null;
}

/** A part of a window and the context that one kind of judgement needs around it. */
export interface Part {
  readonly cut: (raster: Raster, bands: number) => Raster;
  readonly crop: <T extends Uint8Array | Float32Array>(plane: T) => T;
}

/**
 * Clouds are seen with a wide context; what is judged afterwards needs less, and each pixel costs.
 *
 * @param alignPx the part starts on a multiple of it, as the window itself does
 */
export function partOf(size: Pick<Window, 'width' | 'height'>, keep: Window, haloPx: number, alignPx = 1): Part {
  const down = (px: number): number => Math.max(0, Math.floor(px / alignPx) * alignPx);
  const up = (px: number, most: number): number => Math.min(most, Math.ceil(px / alignPx) * alignPx);
  const [col, row] = [down(keep.col - haloPx), down(keep.row - haloPx)];
  const [right, bottom] = [
    up(keep.col + keep.width + haloPx, size.width),
    up(keep.row + keep.height + haloPx, size.height),
  ];
  const part = { col, row, width: right - col, height: bottom - row };
  return {
    cut: (raster, bands) => cutRaster(raster, bands, part),
    crop: (plane) => cropPlane(plane, part, keep),
  };
}

/** The first bands of a part of a raster. */
function cutRaster(raster: Raster, bands: number, { col, row, width, height }: Window): Raster {
  if (width === raster.width && height === raster.height)
    return { ...raster, bands, data: raster.data.subarray(0, bands * width * height) };
  const data = new Float32Array(bands * width * height);
  for (let band = 0; band < bands; band++)
    for (let r = 0; r < height; r++) {
      const from = (band * raster.height + row + r) * raster.width + col;
      data.set(raster.data.subarray(from, from + width), (band * height + r) * width);
    }
  return { data, width, height, bands };
}

/** All evidence on `keep`: IR-MAD and change vectors always, the network where there is one, else cover by rule. */
export async function judge(before: Raster, after: Raster, options: JudgeOptions): Promise<TileJudgement> {
  const { keep, statistics, evidenceBands, opticalBands, network } = options;
  const near = partOf(before, keep, evidenceHaloPx);
  const [first, second] = [near.cut(before, evidenceBands), near.cut(after, evidenceBands)];
  const irmad = near.crop(irmadProbability(first, second, statistics));
  const vectors = near.crop(vectorProbability(first, second, statistics));
  if (network === null) {
    const classesBefore = near.crop(coverByRule(first, statistics, 'before'));
    const classesAfter = near.crop(coverByRule(second, statistics, 'after'));
    return { classesBefore, classesAfter, into: classesAfter, field: null, network: null, irmad, vectors };
  }
  const { alignPx } = network.model.card.input;
  const { haloPx } = network;
  const wide = partOf(before, keep, haloPx, alignPx);
  const seen = await runPair(
    network.model,
    network.pair,
    wide.cut(before, opticalBands.before),
    wide.cut(after, opticalBands.after),
  );
  return {
    classesBefore: wide.crop(seen.classesBefore),
    classesAfter: wide.crop(seen.classesAfter),
    into: wide.crop(seen.into),
    field: seen.field && wide.crop(seen.field),
    network: wide.crop(seen.change),
    irmad,
    vectors,
  };
}
