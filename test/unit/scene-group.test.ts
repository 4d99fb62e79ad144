import { describe, expect, it } from 'vitest';
import { byDate, sieveLooks, type LookCandidate } from '../../pipeline/scene/look-sieve.ts';
import { groupScenes, sceneNameOf } from '../../pipeline/scene/scene-group.ts';

describe('files of one scene', () => {
  it('are those of equal name without resolution and band', () => {
    const paths = ['a/x_20170101_20m.tif', 'a/x_20170101_10m.tif', 'a/x_20180101_B04_10m.tif', 'a/x_20180101_nir.tif'];
    expect(groupScenes(paths)).toEqual([
      { name: 'a/x_20170101', files: ['a/x_20170101_10m.tif', 'a/x_20170101_20m.tif'] },
      { name: 'a/x_20180101', files: ['a/x_20180101_B04_10m.tif', 'a/x_20180101_nir.tif'] },
    ]);
  });

  it('keep dates, tile names and lone letters, which are no part of a scene', () => {
    for (const name of ['m_4709963_se_14_1_20090818', 'T51RTP_20260801', 'jiaxing_n', 'look-3', 'B04'])
      expect(sceneNameOf(`f/${name}.tif`)).toBe(`f/${name}`);
  });

  it('of different folders are different scenes', () => {
    expect(groupScenes(['a/x_10m.tif', 'b/x_20m.tif'])).toHaveLength(2);
  });
});

describe('what is a look', () => {
  const candidate = (name: string, id: string, acquired: string | null): LookCandidate => ({
    name,
    id,
    acquired,
    sensor: 'sentinel-2',
  });
  const options = { from: '2025-01-01', to: null, today: '2026-11-26', isSameGround: () => true };
  const candidates = [
    candidate('a', '1', '2025-03-01'),
    candidate('b', '1', '2025-03-01'),
    candidate('c', '2', '2025-03-01T02:00:00Z'),
    candidate('d', '3', null),
    candidate('e', '4', '2026-11-27'),
    candidate('f', '5', '2024-12-31'),
    candidate('g', '6', '2026-11-26'),
  ];

  it('is told of every scene, whatever order they come in', () => {
    const said = (order: readonly LookCandidate[]) =>
      Object.fromEntries(
        [...sieveLooks(order, options)].map(([{ name }, { problem, detail }]) => [name, [problem, detail]]),
      );
    const expected = {
      a: ['OTHER_VERSION', 'c'],
      b: ['DUPLICATE', 'a'],
      d: ['NO_DATE', ''],
      e: ['FUTURE', '2026-11-27'],
      f: ['OUT_OF_PERIOD', '2024-12-31'],
    };
    expect(said(candidates)).toEqual(expected);
    expect(said(candidates.toReversed())).toEqual(expected);
  });

  it('keeps two tiles of one day that lie side by side', () => {
    const tiles = [candidate('a', '1', '2025-03-01'), candidate('b', '2', '2025-03-01')];
    expect(sieveLooks(tiles, { ...options, isSameGround: () => false }).size).toBe(0);
  });

  it('stands by its day, then its content', () => {
    const sorted = [candidate('z', 'b', '2025-03-01T09:00:00Z'), candidate('y', 'a', '2025-03-01')].toSorted(byDate);
    expect(sorted.map(({ name }) => name)).toEqual(['y', 'z']);
  });
});
