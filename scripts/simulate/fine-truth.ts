import { fineClasses, fineCodes } from './fine-cover.ts';
import type { Canvas } from './fill.ts';
import { paintLabels, type Painting } from './painting.ts';
import type { Strip, TruthWanted } from './truth.ts';

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
      return greater(canvas, { subPx, sizePx, count }, codeOf);
    });
  };
}

interface Shape {
  readonly subPx: number;
  readonly sizePx: number;
  readonly count: number;
}

function greater({ labels, width }: Canvas, { subPx, sizePx, count }: Shape, codeOf: Uint8Array): Uint8Array {
  const out = new Uint8Array(count * sizePx);
  const votes = new Uint8Array(fineClasses.length);
  for (let row = 0, i = 0; row < count; row++)
    for (let col = 0; col < sizePx; col++, i++) {
      votes.fill(0);
      for (let r = 0; r < subPx; r++)
        for (let c = 0, at = (row * subPx + r) * width + col * subPx; c < subPx; c++, at++)
          if (labels[at]! >= 0) votes[codeOf[labels[at]!]!]!++;
      let best = 0;
      for (let code = 1; code < votes.length; code++) if (votes[code]! > votes[best]!) best = code;
      out[i] = best;
    }
  return out;
}
