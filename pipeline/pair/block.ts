import type { Raster } from '../types.ts';

/** One window of both dates on one grid. */
export interface PairBlock {
  /** reflectance (or DN), `[band][row][col]`, NaN = no value; the evidence bands come first */
  readonly before: Raster;
  /** as `before`, the evidence bands in the same order */
  readonly after: Raster;
  /** 1 where the ground was seen on both dates, `[row][col]` */
  readonly observed: Uint8Array;
}

/** Pixels of both dates side by side: `before[band][i]` and `after[band][i]` are one place. */
export interface PairSample {
  readonly before: readonly Float64Array[];
  readonly after: readonly Float64Array[];
  /** places (px) */
  readonly count: number;
}

/** More pixels change the fourth digit of a covariance and cost seconds. */
const enoughPixels = 200_000;

/** Every n-th pixel of every n-th row, as many as are enough: positions in a block, row-major. */
export function* sampledPixels(
  blocks: readonly PairBlock[],
): Generator<{ readonly block: PairBlock; readonly at: number }> {
  const total = blocks.reduce((sum, { observed }) => sum + observed.length, 0);
  const step = Math.max(1, Math.floor(Math.sqrt(total / enoughPixels)));
  for (const block of blocks) {
    const { width, height } = block.before;
    for (let row = 0; row < height; row += step) {
      for (let col = 0; col < width; col += step) {
        const at = row * width + col;
        if (block.observed[at] === 1) yield { block, at };
      }
    }
  }
}

/**
 * The first `bands` bands of both dates where all of them hold a value.
 */
export function samplePair(blocks: readonly PairBlock[], bands: number): PairSample {
  const places = [...sampledPixels(blocks)].filter(({ block, at }) => isWhole(block, at, bands));
  const column = (side: 'before' | 'after', band: number): Float64Array =>
    Float64Array.from(places, ({ block, at }) => block[side].data[band * block.observed.length + at]!);
  const indices = Array.from({ length: bands }, (_, band) => band);
  return {
    before: indices.map((band) => column('before', band)),
    after: indices.map((band) => column('after', band)),
    count: places.length,
  };
}

function isWhole({ before, after, observed }: PairBlock, at: number, bands: number): boolean {
  for (let band = 0; band < bands; band++) {
    const i = band * observed.length + at;
    if (!Number.isFinite(before.data[i]!) || !Number.isFinite(after.data[i]!)) return false;
  }
  return true;
}

/** At most `most` of the items, evenly spread. */
export function pickEvenly<T>(items: readonly T[], most: number): readonly T[] {
  const taken = Math.min(most, items.length);
  return Array.from({ length: taken }, (_, i) => items[Math.floor((i * items.length) / taken)]!);
}
