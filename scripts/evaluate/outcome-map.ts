import type { Grid, Window } from '../../pipeline/types.ts';
import { outcome } from './tally.ts';

const longestCells = 640;
const kinds = 6;

/** Outcomes of a place in square cells of a few pixels, for a picture. */
export interface OutcomeMap {
  /** side of a cell (px) */
  readonly cellPx: number;
  readonly cols: number;
  readonly rows: number;
  /** @param outcomes codes of `outcome`, of the window */
  add(window: Window, outcomes: Uint8Array): void;
  /** RGBA of the cells, row-major: clear where nothing is to be said */
  rgba(): Uint8Array;
}

/** Told apart by people who do not see red and green (Okabe and Ito 2008). */
export const outcomeColours = {
  found: '#009e73',
  missed: '#56b4e9',
  wrong: '#e8590c',
  unobserved: '#cfcfcf',
} as const;

const rgbOf = (colour: string): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

export function openOutcomeMap({ width, height }: Pick<Grid, 'width' | 'height'>): OutcomeMap {
  const cellPx = Math.max(1, Math.ceil(Math.max(width, height) / longestCells));
  const [cols, rows] = [Math.ceil(width / cellPx), Math.ceil(height / cellPx)];
  const counts = new Uint32Array(cols * rows * kinds);
  return {
    cellPx,
    cols,
    rows,
    add({ col, row, width: w, height: h }, outcomes) {
      for (let r = 0; r < h; r++)
        for (let c = 0; c < w; c++) {
          const cell = Math.floor((row + r) / cellPx) * cols + Math.floor((col + c) / cellPx);
          counts[cell * kinds + outcomes[r * w + c]!]!++;
        }
    },
    rgba() {
      const out = new Uint8Array(cols * rows * 4);
      for (let cell = 0; cell < cols * rows; cell++)
        out.set(colourOf(counts.subarray(cell * kinds, (cell + 1) * kinds)), cell * 4);
      return out;
    },
  };
}

/** The kind that matters most often in the cell, the surer the more of the cell it fills. */
function colourOf(counts: Uint32Array): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const said = (['found', 'missed', 'wrong'] as const).toSorted(
    (a, b) => counts[outcome[b]]! - counts[outcome[a]]!,
  )[0]!;
  const share = total === 0 ? 0 : counts[outcome[said]]! / total;
  if (share > 0) return [...rgbOf(outcomeColours[said]), Math.round(255 * (0.45 + 0.55 * share))];
  if (counts[outcome.unobserved]! * 2 > total) return [...rgbOf(outcomeColours.unobserved), 230];
  // what nobody labelled is dimmed
  return counts[outcome.ignored]! * 2 > total ? [0, 0, 0, 120] : [0, 0, 0, 0];
}
