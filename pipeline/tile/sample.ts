import type { Window } from '../types.ts';
import type { Size } from './plan.ts';

const sidePx = 256;

/**
 * Blocks spread evenly over a grid; the whole grid where it has no more than `blocks` of them.
 *
 * @param blocks how many at the most
 * @returns windows of at most 256 px a side on multiples of 256 px, row-major
 */
export function sampleWindows(size: Size, blocks: number): readonly Window[] {
  const [cols, rows] = [Math.ceil(size.width / sidePx), Math.ceil(size.height / sidePx)];
  const perSide = Math.floor(Math.sqrt(blocks));
  const fits = cols * rows <= blocks;
  const pick = (count: number, most: number): number[] => {
    const taken = Math.min(count, most);
    return Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * count) / taken));
  };
  const pickedCols = pick(cols, fits ? cols : Math.max(perSide, Math.floor(blocks / rows)));
  const pickedRows = pick(rows, fits ? rows : Math.max(perSide, Math.floor(blocks / cols)));
  return pickedRows.flatMap((row) =>
    pickedCols.map((col) => ({
      col: col * sidePx,
      row: row * sidePx,
      width: Math.min(sidePx, size.width - col * sidePx),
      height: Math.min(sidePx, size.height - row * sidePx),
    })),
  );
}
