import type { FrameCentre } from '../../pipeline/geo/frame.ts';
import type { Sighting } from '../../pipeline/track/sighting.ts';
import type { ChosenBands, MeasuredPair } from './plan-pair.ts';
import type { GroundInLook } from './look-ground.ts';
import type { Clearness } from './survey-look.ts';
import type { Grid, Scene } from '../../pipeline/types.ts';
import type { FixedShifts } from '../compute/measure-pair.ts';

/** What compute threads are asked of a series; pixels never cross, but for what a look saw in coarse cells. */
export type SeriesQuestion =
  | { readonly kind: 'survey'; readonly scene: Scene }
  | {
      readonly kind: 'measure';
      readonly before: Scene;
      readonly after: Scene;
      readonly grid: Grid;
      readonly bands: ChosenBands;
      readonly fixed?: FixedShifts;
    }
  | { readonly kind: 'chunk'; readonly pairFolder: string; readonly index: number }
  | { readonly kind: 'look'; readonly pairFolder: string; readonly index: number }
  | {
      readonly kind: 'weigh';
      /** of all looks whose chunk did not fail, in any order */
      readonly pairFolders: readonly string[];
      readonly index: number;
      /** where what they say together is kept until it was read */
      readonly evidenceFolder: string;
    }
  | {
      readonly kind: 'detect';
      readonly pairFolder: string;
      /** null: the pair itself decides */
      readonly evidenceFolder: string | null;
      readonly failed: readonly number[];
      /** side of a cell of the map of what was seen (px) */
      readonly cellPx: number;
      /** where the frame of the tracks touches the ellipsoid, for a pair on a grid of its own; null: the grid of the series */
      readonly fineOf: FrameCentre | null;
    };

export type SeriesAnswer =
  | { readonly kind: 'survey'; readonly clearness: Clearness }
  | { readonly kind: 'measure'; readonly measured: MeasuredPair }
  | { readonly kind: 'chunk'; readonly isSkipped: boolean }
  | { readonly kind: 'look'; readonly isSkipped: boolean }
  | { readonly kind: 'weigh' }
  | { readonly kind: 'detect'; readonly found: FoundInLook };

/** All that one look says, as it leaves the thread. */
export interface FoundInLook {
  readonly sightings: readonly Sighting[];
  /** percent of each cell of `cellPx` × `cellPx` px that was seen, row-major */
  readonly seenPercent: Uint8Array;
  readonly observedM2: number;
  /** of the grid, inside the area of interest where one is given */
  readonly gridM2: number;
  /** pixels of patches that are slivers, dropped (px) */
  readonly sliverPixels: number;
  /** of the imported projects and the survey; null: neither takes part */
  readonly ground: GroundInLook | null;
}
