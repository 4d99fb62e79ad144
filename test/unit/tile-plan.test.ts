import { describe, expect, it } from 'vitest';

import { AppError } from '../../pipeline/errors.ts';
import { planChunks, planTiles } from '../../pipeline/tile/plan.ts';

describe('planTiles', () => {
  it('reads full tiles of exactly tilePx inside the grid where halo and origin are multiples of the stride', () => {
    const tiles = planTiles({ width: 1344, height: 448 }, { tilePx: 512, haloPx: 32, alignPx: 16 });
    expect(tiles.map(({ read }) => [read.col, read.width])).toEqual([
      [0, 480],
      [416, 512],
      [864, 480],
    ]);
    expect(tiles[1]?.keep).toEqual({ col: 448, row: 0, width: 448, height: 448 });
  });

  it('moves every border when the lattice starts 37 px on, and reads stay on the stride', () => {
    const tiles = planTiles({ width: 500, height: 20 }, { tilePx: 256, haloPx: 16, alignPx: 16, originPx: 37 });
    expect(tiles.map(({ keep }) => [keep.col, keep.width])).toEqual([
      [0, 37],
      [37, 208],
      [245, 208],
      [453, 47],
    ]);
    expect(tiles.map(({ read }) => [read.col, read.width])).toEqual([
      [0, 64],
      [16, 256],
      [224, 256],
      [432, 80],
    ]);
  });

  it('takes a grid that fits into one tile whole, without a halo of nothing around it', () => {
    const tiles = planTiles({ width: 500, height: 505 }, { tilePx: 512, haloPx: 200, alignPx: 16, originPx: 37 });
    expect(tiles).toEqual([
      { read: { col: 0, row: 0, width: 512, height: 512 }, keep: { col: 0, row: 0, width: 500, height: 505 } },
    ]);
  });

  it('refuses a halo that leaves nothing to keep, naming the sizes', () => {
    expect(() => planTiles({ width: 10, height: 10 }, { tilePx: 64, haloPx: 32 })).toThrow(AppError);
    expect(() => planTiles({ width: 10, height: 10 }, { tilePx: 64, haloPx: 32 })).toThrow(/64 px.*32 px/);
    expect(() => planTiles({ width: 10, height: 10 }, { tilePx: 64.5, haloPx: 3 })).toThrow(/64.5/);
    expect(() => planTiles({ width: 10, height: 10 }, { tilePx: 64, haloPx: -1 })).toThrow(/-1 px/);
  });
});

describe('planChunks', () => {
  it('puts as many whole tiles into a chunk as fit, at least one', () => {
    const options = { tilePx: 512, haloPx: 32, alignPx: 16 };
    const chunks = planChunks({ width: 2000, height: 900 }, { ...options, chunkPx: 1000 });
    expect(chunks.map(({ keep, tiles }) => [keep.col, keep.row, keep.width, keep.height, tiles.length])).toEqual([
      [0, 0, 896, 896, 4],
      [896, 0, 896, 896, 4],
      [1792, 0, 208, 896, 2],
      [0, 896, 896, 4, 2],
      [896, 896, 896, 4, 2],
      [1792, 896, 208, 4, 1],
    ]);
    expect(planChunks({ width: 2000, height: 900 }, { ...options, chunkPx: 1 })).toHaveLength(15);
  });
});
