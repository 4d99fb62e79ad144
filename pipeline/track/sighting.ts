import type { FramePolygon } from '../parcel/layer.ts';
import type { Category } from '../rule/reason.ts';
import type { Look } from './look.ts';

/** One patch that one look shows as other ground than there was before the series. */
export interface Sighting {
  /** of no other sighting of any look */
  readonly id: string;
  /** frame metres (`pipeline/geo/frame`), exterior first; they do not overlap */
  readonly polygons: readonly FramePolygon[];
  readonly areaM2: number;
  /** English keys of class maps */
  readonly classBefore: string;
  readonly classAfter: string;
  readonly category: Category;
  /** that this ground changed, 0..1 */
  readonly probability: number;
}

/** All that one look says. Whoever holds its mask answers for what it saw. */
export interface LookReport {
  readonly look: Look;
  readonly sightings: readonly Sighting[];
  /** share of this ground (frame metres) that the look saw, 0..1; the same answer whenever it is asked */
  observedFraction(polygons: readonly FramePolygon[]): number;
}

/**
 * What the season makes of a sighting: `count` it; let it `wait` for a look of another season, so that it is followed
 * but proves nothing (flooded paddies that look like a pond); `ignore` it, as if that ground had not been seen.
 */
export type SeasonGuard = (sighting: Sighting, look: Look) => 'count' | 'wait' | 'ignore';
