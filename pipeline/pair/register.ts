import { z } from 'zod';
import type { BandName, Raster } from '../types.ts';
import { pickEvenly, type PairBlock } from './block.ts';
import { createPhaseCorrelator, type Displacement } from './phase-correlation.ts';

/** How date 2 lies against date 1: what date 1 shows at p, date 2 shows at p + shift. */
export const shiftSchema = z.strictObject({
  colPx: z.number(),
  rowPx: z.number(),
  isApplied: z.boolean().describe('whether date 2 is read at p + shift'),
  blocks: z.number().describe('windows × bands with a clear peak'),
  quality: z.number().describe('fraction of these within 0.5 px of the median'),
});
export type Shift = z.infer<typeof shiftSchema>;

/** Edges keep their place from season to season in these bands better than in others. */
const edgeBands: readonly BandName[] = ['red', 'nir'];
const largestSide = 128;
const smallestSide = 32;
const mostWindows = 128;
const leastSeen = 0.9;
/** Noise reaches 5 standard deviations on a surface of 64² values. */
const clearPeak = 6;
const leastShiftPx = 0.25;
const leastBlocks = 4;
const leastQuality = 0.6;

/**
 * Sub-pixel shift of date 2 against date 1: median over windows of phase correlation of the logarithm of gradient
 * magnitude, which shows field and building edges whatever grows between them.
 *
 * It is applied from 0.25 px on where at least 4 windows have a clear peak and 60 % of them agree; in any case it is
 * recorded, in hundredths of a pixel. Shifts beyond a quarter of a window (32 px, less in small scenes) are not found.
 *
 * @param blocks unshifted blocks of both dates
 * @param bands names of the first bands of the blocks' rasters
 */
export function estimateShift(blocks: readonly PairBlock[], bands: readonly BandName[]): Shift {
  const found = edgeBands.map((name) => bands.indexOf(name)).filter((band) => band >= 0);
  const used = found.length > 0 ? found : [0];
  const shortest = Math.max(0, ...blocks.map(({ before }) => Math.min(before.width, before.height)));
  let side = largestSide;
  while (side > shortest) side /= 2;
  if (side < smallestSide) return shiftOf([]);
  const windows = pickEvenly(
    blocks.flatMap((block) => windowsOf(block, side)),
    mostWindows,
  );
  const correlate = createPhaseCorrelator(side);
  const measured = windows.flatMap(({ block, col, row }) =>
    used.map((band) =>
      correlate(edges(block, 'before', { band, col, row, side }), edges(block, 'after', { band, col, row, side })),
    ),
  );
  return shiftOf(
    measured.filter((d) => d.peak >= clearPeak && Math.abs(d.col) <= side / 4 && Math.abs(d.row) <= side / 4),
  );
}

function shiftOf(displacements: readonly Displacement[]): Shift {
  const [col, row] = [median(displacements.map((d) => d.col)), median(displacements.map((d) => d.row))];
  const agreeing = displacements.filter((d) => Math.abs(d.col - col) <= 0.5 && Math.abs(d.row - row) <= 0.5);
  const hundredth = (value: number): number => Math.round(value * 100) / 100 + 0;
  const blocks = displacements.length;
  const quality = blocks === 0 ? 0 : agreeing.length / blocks;
  const isApplied = blocks >= leastBlocks && quality >= leastQuality && Math.hypot(col, row) >= leastShiftPx;
  return { colPx: hundredth(col), rowPx: hundredth(row), isApplied, blocks, quality };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length === 0 ? 0 : (sorted[half]! + sorted[sorted.length - 1 - half]!) / 2;
}

interface Place {
  readonly block: PairBlock;
  readonly col: number;
  readonly row: number;
}

/** Windows of a block that were mostly seen; two overlapping ones where one and a half fit. */
function windowsOf(block: PairBlock, side: number): readonly Place[] {
  const { width, height } = block.before;
  const starts = (length: number): readonly number[] => {
    const count = length >= 2 * side ? Math.floor(length / side) : length >= 1.5 * side ? 2 : length >= side ? 1 : 0;
    return Array.from({ length: count }, (_, i) => (count < 2 ? 0 : Math.round((i * (length - side)) / (count - 1))));
  };
  return starts(height)
    .flatMap((row) => starts(width).map((col) => ({ block, col, row })))
    .filter(({ col, row }) => {
      let seen = 0;
      for (let r = row; r < row + side; r++) {
        for (let c = col; c < col + side; c++) seen += block.observed[r * width + c]!;
      }
      return seen >= leastSeen * side * side;
    });
}

/** Logarithm of the gradient's magnitude in a window; unobserved pixels get the mean. */
function edges(
  { before, after, observed }: PairBlock,
  date: 'before' | 'after',
  {
    band,
    col,
    row,
    side,
  }: { readonly band: number; readonly col: number; readonly row: number; readonly side: number },
): Float64Array {
  const raster: Raster = date === 'before' ? before : after;
  const { width, height } = raster;
  // the window with a rim of one pixel, what lies outside the block repeated from its edge
  const rimmed = side + 2;
  const values = new Float64Array(rimmed * rimmed);
  for (let r = 0; r < rimmed; r++) {
    const line = Math.min(height - 1, Math.max(0, row + r - 1)) * width;
    for (let c = 0; c < rimmed; c++) {
      const at = line + Math.min(width - 1, Math.max(0, col + c - 1));
      values[r * rimmed + c] = observed[at] === 1 ? raster.data[band * width * height + at]! : Number.NaN;
    }
  }
  const gradient = new Float64Array(side * side);
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      const at = (r + 1) * rimmed + c + 1;
      const down = values[at + rimmed]! - values[at - rimmed]!;
      const right = values[at + 1]! - values[at - 1]!;
      gradient[r * side + c] = Math.sqrt(down * down + right * right);
    }
  }
  const finite = gradient.filter((g) => g === g).sort();
  // half of the middle gradient: below it the logarithm would show noise
  const base = 0.5 * (finite[finite.length >> 1] ?? 0) + 1e-9;
  const mean = finite.reduce((sum, g) => sum + Math.log(g + base), 0) / Math.max(1, finite.length);
  return gradient.map((g) => (g === g ? Math.log(g + base) : mean));
}
