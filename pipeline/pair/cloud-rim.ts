import type { BandName, Raster } from '../types.ts';
import { boxSum, growSquare, type Extent } from './cloud-box.ts';
import { cloudClass } from './cloud-class.ts';
import { cloudFeatures, perUnit } from './cloud-feature.ts';

/** Clouds fray out over some hundred metres. */
const reachM = 300;
const reachLimitPx = 30;
/** Rise of the haze transform that shows as change but is no cloud to a single-date mask (reflectance). */
const hazeRise = 0.012;

export interface RimInput {
  /** values of `cloudClass` of this date */
  readonly clouds: Uint8Array;
  /** reflectance of this date and of the other, same window, NaN = nodata */
  readonly own: Raster;
  readonly other: Raster;
  /** names of the first bands of both rasters, blue, green, red and nir among them */
  readonly bands: readonly BandName[];
  /** `CloudStatistics.clearHaze` of both dates */
  readonly clearHaze: { readonly own: number; readonly other: number };
  readonly gsdM: number;
}

/**
 * The fraying rim of clouds: near a cloud, and hazier than the same ground on the other date.
 *
 * A bright new roof there is hidden as well: beside a cloud it is unknown, not an alarm.
 * @returns 1 = rim, `[row][col]`; depends on no more than 30 px around a pixel of the mask
 */
export function hazyRim({ clouds, own, other, bands, clearHaze, gsdM }: RimInput): Uint8Array {
  const cloudy = clouds.map((kind) => (kind === cloudClass.cloud || kind === cloudClass.thin ? 1 : 0));
  const near = growSquare(cloudy, own, Math.min(reachLimitPx, Math.max(1, Math.round(reachM / gsdM))));
  const first = cloudFeatures(own, bands);
  const second = cloudFeatures(other, bands);
  const least = Math.round(2 * (hazeRise + clearHaze.own - clearHaze.other) * perUnit);
  return near.map((isNear, i) =>
    isNear === 1 && first.valid[i] === 1 && second.valid[i] === 1 && first.haze2[i]! - second.haze2[i]! > least ? 1 : 0,
  );
}

/** Half the side of the square in which clouds are counted (px). */
const crowdPx = 32;
/** Above this share of cloud and shadow around it, a gap is darkened, brightened or misjudged more often than clear. */
const crowdFraction = 0.5;

/**
 * Gaps between crowded clouds: most of the square of 65 px around them is cloud or shadow.
 *
 * @returns 1 = in such a gap, `[row][col]`
 */
export function crowdedGaps(clouds: Uint8Array, extent: Extent): Uint8Array {
  const hidden = Int32Array.from(clouds, (kind) => (kind === cloudClass.clear || kind === cloudClass.nodata ? 0 : 1));
  const valid = Int32Array.from(clouds, (kind) => (kind === cloudClass.nodata ? 0 : 1));
  const share = boxSum(hidden, extent, crowdPx);
  const whole = boxSum(valid, extent, crowdPx);
  return clouds.map((kind, i) => (kind === cloudClass.clear && share[i]! > crowdFraction * whole[i]! ? 1 : 0));
}
