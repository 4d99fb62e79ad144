import { fineClasses, fineCodes } from './fine-cover.ts';
import type { Canvas } from './fill.ts';
import { paintLabels, type Painting } from './painting.ts';
import { majority, type Strip, type TruthWanted } from './truth.ts';

/**
 * Classes of `fine-13` on each day, `[row][col]`: what is painted in the greater part of a pixel. Changes have no class as a whole
 * here: a dike is grass, a yard beside its shed is built.
 */
export function openFineTruth(
  painting: Painting,
  { gsdM, subPx, sizePx, days }: Omit<TruthWanted, 'days'> & { readonly days: readonly number[] },
): (strip: Strip) => readonly Uint8Array[] {
  const covers = [...painting.sketch.plots.coverOf(), ...painting.drawn.plots.coverOf()];
  const codeOf = Uint8Array.from(covers, (cover) => fineCodes[cover]!);
  let labels = new Int32Array(0);
  return ({ fromRow, count }) => {
    const cells = count * sizePx * subPx * subPx;
    if (labels.length < cells) labels = new Int32Array(cells);
    const canvas: Canvas = {
      labels: labels.subarray(0, cells),
      width: sizePx * subPx,
      height: count * subPx,
      leftM: 0,
      topM: painting.sideM - fromRow * gsdM,
      stepM: gsdM / subPx,
    };
    return days.map((day) => {
      paintLabels(painting, canvas, day);
      return majority(canvas, { subPx, sizePx, count, classCount: fineClasses.length }, codeOf);
    });
  };
}
