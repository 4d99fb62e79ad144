import { describe, expect, it } from 'vitest';
import { loadCard } from '../../models/shelf.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { BandName, Grid, Scene, SceneBand } from '../../pipeline/types.ts';
import { chooseCard, gridOf } from '../../workers/compute/choose-card.ts';

const gridAt = (stepM: number): Grid => ({
  crs: crsFromEpsg(4549),
  affine: [stepM, 0, 560_000, 0, -stepM, 3_390_000],
  width: 520,
  height: 500,
});
const sceneOf = (names: readonly BandName[]): Scene => ({
  id: 'made',
  files: [],
  grid: gridAt(2),
  bands: names.map((name) => ({ name }) as SceneBand),
  acquired: null,
  sensor: null,
  gsdM: 2,
  radiometry: 'reflectance',
});
const four = sceneOf(['blue', 'green', 'red', 'nir']);
const chosen = (gsdM: number, scene = four): string | undefined =>
  chooseCard({ model: 'auto' }, [scene, scene], gsdM).card?.card.id;

describe('the network of a run', () => {
  it('is the one whose pixel sizes hold the scenes; an experimental one comes last where both do', () => {
    expect([0.8, 2, 5, 7.9].map((gsdM) => chosen(gsdM))).toEqual(Array(4).fill('gf-change'));
    expect([8, 10, 30].map((gsdM) => chosen(gsdM))).toEqual(Array(3).fill('s2-change'));
    expect([0.1, 60].map((gsdM) => chosen(gsdM))).toEqual([undefined, undefined]);
  });

  it('takes what is finer than its pixels where the grid follows the scene and so may become its own', () => {
    const { card } = chooseCard({ model: 'auto', grid: 'before' }, [four], 0.1);
    expect(card?.card.id).toBe('gf-change');
    expect(gridOf(gridAt(0.1), card, 'before').grid.affine[0]).toBe(2);
    expect(chooseCard({ model: 'auto', grid: '4549:0.1' }, [four], 0.1).card).toBeNull();
  });

  it('takes scenes of a few metres without near infrared', () => {
    expect(chosen(2, sceneOf(['blue', 'green', 'red']))).toBe('gf-change');
    expect(chosen(10, sceneOf(['blue', 'green', 'red']))).toBeUndefined();
  });
});

describe('an experimental network', () => {
  it('is not asked about values that are not known to be reflectance, unless it is named', () => {
    const stretched: Scene = { ...four, radiometry: 'dn' };
    const { card, warnings } = chooseCard({ model: 'auto' }, [four, stretched], 2);
    expect(card).toBeNull();
    expect(warnings).toMatchObject([
      { code: 'NO_NETWORK', message: expect.stringMatching(/gf-change is experimental/) },
    ]);
    expect(chooseCard({ model: 'gf-change' }, [stretched], 2).card?.card.id).toBe('gf-change');
    expect(chosen(10, stretched)).toBe('s2-change');
  });
});

describe('the grid of a run', () => {
  const card = loadCard('gf-change');

  it('is in the pixel size the network was made at, and says so', () => {
    const { grid, warnings } = gridOf(gridAt(5), card, 'before');
    expect([grid.affine[0], grid.width, grid.height]).toEqual([2, 1300, 1250]);
    expect(warnings).toMatchObject([{ code: 'RESAMPLED', message: expect.stringMatching(/5\.00 m .* to 2 m/) }]);
  });

  it('stays as it is near that size, with another network, and where a size was asked for', () => {
    const coarse = gridAt(5);
    for (const [grid, loaded, option] of [
      [gridAt(2.1), card, 'before'],
      [coarse, loadCard('s2-change'), 'before'],
      [coarse, null, 'after'],
      [coarse, card, '4549:5'],
    ] as const)
      expect(gridOf(grid, loaded, option)).toEqual({ grid, warnings: [] });
  });
});
