import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { planChunks, planTiles, type TileOptions } from '../../pipeline/tile/plan.ts';
import type { Window } from '../../pipeline/types.ts';

const runs = { seed: 20261123, numRuns: 150 };
const size = fc.record({ width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 300 }) });
const options: fc.Arbitrary<Required<TileOptions>> = fc
  .record({
    alignPx: fc.constantFrom(1, 2, 8, 16),
    haloPx: fc.integer({ min: 0, max: 40 }),
    extraPx: fc.integer({ min: 0, max: 100 }),
    originPx: fc.integer({ min: -500, max: 500 }),
  })
  .map(({ alignPx, haloPx, extraPx, originPx }) => ({
    alignPx,
    haloPx,
    originPx,
    tilePx: 2 * haloPx + 3 * alignPx + extraPx,
  }));

function countCover({ width, height }: { width: number; height: number }, windows: readonly Window[]): Uint8Array {
  const cover = new Uint8Array(width * height);
  for (const { col, row, width: w, height: h } of windows) {
    expect(col >= 0 && row >= 0 && col + w <= width && row + h <= height && w > 0 && h > 0).toBe(true);
    for (let r = row; r < row + h; r++) for (let c = col; c < col + w; c++) cover[r * width + c]!++;
  }
  return cover;
}

const order = ({ keep }: { keep: Window }) => keep.row * 1000 + keep.col;

describe('planTiles', () => {
  it('keeps every pixel of the grid exactly once', () => {
    fc.assert(
      fc.property(size, options, (size, options) => {
        const cover = countCover(
          size,
          planTiles(size, options).map(({ keep }) => keep),
        );
        expect(cover.every((count) => count === 1)).toBe(true);
      }),
      runs,
    );
  });

  it('reads the halo as far as the grid goes, on multiples of the stride, and never more than a tile', () => {
    fc.assert(
      fc.property(size, options, (size, options) => {
        const { haloPx, alignPx, tilePx } = options;
        for (const { read, keep } of planTiles(size, options)) {
          const before = read.col <= Math.max(0, keep.col - haloPx) && read.row <= Math.max(0, keep.row - haloPx);
          const right = read.col + read.width >= Math.min(size.width, keep.col + keep.width + haloPx);
          const below = read.row + read.height >= Math.min(size.height, keep.row + keep.height + haloPx);
          const isAligned = [read.col, read.row, read.width, read.height].every(
            (value) => Math.abs(value % alignPx) === 0,
          );
          const fits = read.width <= tilePx && read.height <= tilePx;
          if (!(before && right && below && isAligned && fits)) expect.fail(JSON.stringify({ read, keep }));
        }
      }),
      runs,
    );
  });

  it('is the same lattice when the origin moves by a whole step', () => {
    const options = { tilePx: 96, haloPx: 16, alignPx: 16 };
    expect(planTiles({ width: 200, height: 100 }, { ...options, originPx: 64 })).toEqual(
      planTiles({ width: 200, height: 100 }, options),
    );
  });
});

describe('planChunks', () => {
  it('partitions the grid into numbered rectangles, each of whole tiles that partition it', () => {
    fc.assert(
      fc.property(size, options, fc.integer({ min: 1, max: 400 }), (size, options, chunkPx) => {
        const chunks = planChunks(size, { ...options, chunkPx });
        expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, i) => i));
        expect(
          countCover(
            size,
            chunks.map(({ keep }) => keep),
          ).every((count) => count === 1),
        ).toBe(true);
        for (const { keep, tiles } of chunks) {
          const inside = tiles.map(({ keep: { col, row, width, height } }) => ({
            col: col - keep.col,
            row: row - keep.row,
            width,
            height,
          }));
          expect(countCover(keep, inside).every((count) => count === 1)).toBe(true);
        }
      }),
      runs,
    );
  });

  it('holds exactly the tiles of planTiles', () => {
    fc.assert(
      fc.property(size, options, fc.integer({ min: 1, max: 400 }), (size, options, chunkPx) => {
        const tiles = planChunks(size, { ...options, chunkPx }).flatMap((chunk) => chunk.tiles);
        expect([...tiles].sort((a, b) => order(a) - order(b))).toEqual(planTiles(size, options));
      }),
      runs,
    );
  });
});
