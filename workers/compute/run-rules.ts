import { applyAffine } from '../../pipeline/geo/affine.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { Region, Town } from '../../pipeline/rule/region.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import type { Grid } from '../../pipeline/types.ts';
import { loadRegion, loadRules, loadTowns } from '../rule/load-rules.ts';

/** The region that the middle of a grid lies in; null: a place whose calendar nobody wrote down. */
export function regionOf(grid: Grid): Region | null {
  const region = loadRegion();
  const { westDeg, southDeg, eastDeg, northDeg } = region.bounds;
  const middle = applyAffine(grid.affine, grid.width / 2, grid.height / 2);
  const [lon, lat] = lonLatProjector(grid.crs)(...middle);
  return lon >= westDeg && lon <= eastDeg && lat >= southDeg && lat <= northDeg ? region : null;
}

/** Rules for the place of a grid. */
export const rulesFor = (grid: Grid): RuleSet => loadRules(regionOf(grid));

/** Towns of the rules' region by code; none elsewhere. */
export const townsOf = ({ region }: RuleSet): ReadonlyMap<string, Town> =>
  region === null ? new Map() : loadTowns(region);
