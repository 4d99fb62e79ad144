import { applyAffine } from '../../pipeline/geo/affine.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { Region, Town } from '../../pipeline/rule/region.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import type { Grid } from '../../pipeline/types.ts';
import { frameCentreOf } from '../registry/frame-of.ts';
import { loadImportBasis } from '../registry/import-basis.ts';
import { loadRegion, loadRules, loadTowns } from '../rule/load-rules.ts';

/** The region that the middle of a grid lies in; null: a place whose calendar nobody wrote down. */
export function regionOf(grid: Grid): Region | null {
  const region = loadRegion();
  const { westDeg, southDeg, eastDeg, northDeg } = region.bounds;
  const middle = applyAffine(grid.affine, grid.width / 2, grid.height / 2);
  const [lon, lat] = lonLatProjector(grid.crs)(...middle);
  return lon >= westDeg && lon <= eastDeg && lat >= southDeg && lat <= northDeg ? region : null;
}

/** The equal-area frame for the place of a grid: the region's, else one of whole degrees. */
export function frameFor(grid: Grid): EqualAreaFrame {
  const middle = applyAffine(grid.affine, grid.width / 2, grid.height / 2);
  return equalAreaFrame(frameCentreOf(middle, grid.crs, loadImportBasis().home));
}

/** Rules for the place of a grid. */
export const rulesFor = (grid: Grid): RuleSet => loadRules(regionOf(grid));

/** Towns of the rules' region by code; none elsewhere. */
export const townsOf = ({ region }: RuleSet): ReadonlyMap<string, Town> =>
  region === null ? new Map() : loadTowns(region);
