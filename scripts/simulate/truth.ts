import { categoryCodes } from './change-type.ts';
import { classOn, isChanged } from './change.ts';
import { coverClassCode, coverClasses } from './cover.ts';
import { paint, type Canvas } from './fill.ts';
import { paintChanges, paintLabels, type Painting } from './painting.ts';

/** Rows of truth on the grid of the scenes, `[row][col]`. */
export interface TruthRows {
  /** code of `coverClasses` on each day asked for */
  readonly classes: readonly Uint8Array[];
  /** value of `categoryCodes`, 0 = unchanged between the first and the last day */
  readonly change: Uint8Array;
  /** change number + 1 where that change has the greater part of the pixel, else 0 */
  readonly owner: Int32Array;
}

export interface TruthWanted {
  readonly gsdM: number;
  readonly subPx: number;
  readonly sizePx: number;
  readonly days: readonly [number, number];
}

/** Truth of whole pixels: what fills the greater part of them. */
export function openTruth(painting: Painting, { gsdM, subPx, sizePx, days }: TruthWanted): (strip: Strip) => TruthRows {
  const tables = days.map((day) => classTable(painting, day));
  const isShown = painting.changes.map((change) => isChanged(change, ...days));
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
    const shape = { subPx, sizePx, count };
    paintLabels(painting, canvas, -Infinity);
    const land = Int32Array.from(canvas.labels);
    const classes = days.map((day, i) => {
      canvas.labels.set(land);
      paintChanges(painting, canvas, day);
      return majority(canvas, { ...shape, classCount: coverClasses.length }, tables[i]!);
    });
    const owner = ownerRows(painting, canvas, shape, isShown);
    const change = Uint8Array.from(owner, (number) =>
      number === 0 ? 0 : categoryCodes[painting.changes[number - 1]!.kind.category],
    );
    return { classes, change, owner };
  };
}

/** Rows to be painted. */
export interface Strip {
  readonly fromRow: number;
  readonly count: number;
}

/** Class code of every label; a change has one class within its outline, whatever yards and dikes are painted there. */
function classTable({ sketch, drawn, changes }: Painting, day: number): Uint8Array {
  const coverOf = sketch.plots.coverOf();
  const owner = drawn.plots.parcelOf();
  const codes = changes.map((change) => coverClasses.indexOf(classOn(change, day)));
  const out = new Uint8Array(coverOf.length + owner.length);
  for (let plot = 0; plot < coverOf.length; plot++) out[plot] = coverClassCode[coverOf[plot]!]!;
  for (let plot = 0; plot < owner.length; plot++) out[coverOf.length + plot] = codes[owner[plot]!]!;
  return out;
}

interface Shape {
  readonly subPx: number;
  readonly sizePx: number;
  readonly count: number;
}

/** Code that fills the greater part of each pixel, `[row][col]`; `codeOf` by label, a tie goes to the lower code. */
export function majority(
  { labels, width }: Canvas,
  { subPx, sizePx, count, classCount }: Shape & { readonly classCount: number },
  codeOf: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(count * sizePx);
  const votes = new Uint8Array(classCount);
  for (let row = 0, i = 0; row < count; row++)
    for (let col = 0; col < sizePx; col++, i++) {
      votes.fill(0);
      for (let r = 0; r < subPx; r++)
        for (let c = 0, at = (row * subPx + r) * width + col * subPx; c < subPx; c++, at++) {
          const label = labels[at]!;
          if (label >= 0) votes[codeOf[label]!]!++;
        }
      let best = 0;
      for (let code = 1; code < votes.length; code++) if (votes[code]! > votes[best]!) best = code;
      out[i] = best;
    }
  return out;
}

function ownerRows(
  painting: Painting,
  canvas: Canvas,
  { subPx, sizePx, count }: Shape,
  isShown: readonly boolean[],
): Int32Array {
  const { changed, changedRows, drawn } = painting;
  const owner = drawn.plots.parcelOf();
  canvas.labels.fill(-1);
  const members = changedRows.between(canvas.topM, canvas.topM - canvas.height * canvas.stepM);
  paint(canvas, changed, members, (plot) => (isShown[owner[plot]!] ? owner[plot]! : -1));
  const out = new Int32Array(count * sizePx);
  const half = (subPx * subPx) / 2;
  for (let row = 0, i = 0; row < count; row++)
    for (let col = 0; col < sizePx; col++, i++) {
      let inside = 0;
      let found = -1;
      for (let r = 0; r < subPx; r++)
        for (let c = 0, at = (row * subPx + r) * canvas.width + col * subPx; c < subPx; c++, at++)
          if (canvas.labels[at]! >= 0) {
            inside++;
            found = canvas.labels[at]!;
          }
      if (inside > half) out[i] = found + 1;
    }
  return out;
}
