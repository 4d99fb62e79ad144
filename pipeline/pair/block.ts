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

/** Places in one block, row-major; one number each, because there are some 200,000. */
export interface BlockPlaces {
  readonly block: PairBlock;
  readonly at: Uint32Array;
}

/** Every n-th pixel of every n-th row that was seen, as many as are enough. */
export function sampledPlaces(blocks: readonly PairBlock[]): readonly BlockPlaces[] {
  const total = blocks.reduce((sum, { observed }) => sum + observed.length, 0);
  const step = Math.max(1, Math.floor(Math.sqrt(total / enoughPixels)));
  return blocks.map((block) => {
    const { width, height } = block.before;
    const at = new Uint32Array(Math.ceil(width / step) * Math.ceil(height / step));
    let count = 0;
    for (let row = 0; row < height; row += step)
      for (let i = row * width; i < (row + 1) * width; i += step) if (block.observed[i] === 1) at[count++] = i;
    return { block, at: at.slice(0, count) };
  });
}

/** Values of one band at the places, block after block. */
export function valuesAt(places: readonly BlockPlaces[], side: 'before' | 'after', band: number): Float64Array {
  const out = new Float64Array(places.reduce((sum, { at }) => sum + at.length, 0));
  let to = 0;
  for (const { block, at } of places) {
    const plane = block[side].data.subarray(band * block.observed.length);
    for (let i = 0; i < at.length; i++) out[to++] = plane[at[i]!]!;
  }
  return out;
}

/**
 * The first `bands` bands of both dates where all of them hold a value.
 */
export function samplePair(blocks: readonly PairBlock[], bands: number): PairSample {
  const places = sampledPlaces(blocks).map(({ block, at }) => ({
    block,
    at: at.filter((i) => isWhole(block, i, bands)),
  }));
  const indices = Array.from({ length: bands }, (_, band) => band);
  return {
    before: indices.map((band) => valuesAt(places, 'before', band)),
    after: indices.map((band) => valuesAt(places, 'after', band)),
    count: places.reduce((sum, { at }) => sum + at.length, 0),
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
