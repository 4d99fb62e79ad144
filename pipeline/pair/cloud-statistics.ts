import type { BandName, Raster } from '../types.ts';
import { cloudFeatures, perUnit, type CloudFeatures } from './cloud-feature.ts';

/** What a scene looks like without clouds, from a sample of it; plain JSON, part of a run's pair statistics. */
export interface CloudStatistics {
  /** lower quartile of blue − 0.5·red: the haze optimised transform of clear ground (reflectance) */
  readonly clearHaze: number;
  /** median of red + nir over clear land: what shadows are dark against (reflectance) */
  readonly clearBrightness: number;
  /** valid pixels in the sample (px) */
  readonly pixels: number;
}

/** Typical land at top of atmosphere, for a scene without a usable sample. */
export const typicalStatistics: CloudStatistics = { clearHaze: 0.06, clearBrightness: 0.45, pixels: 0 };

/** Above this the haze transform is cloud wherever it occurs, so it says nothing of clear ground. */
const certainHaze = 0.1;
const enoughPixels = 500;
const binWidth = 20;
const bins = 4096;

/**
 * Fit the scene-wide part of the cloud mask once, so that no pixel's class depends on how the scene is tiled.
 *
 * Counts in bins of 0.002 are summed, which makes the result independent of the order of the windows.
 * @param samples windows of reflectance, order `[band][row][col]`, NaN = nodata
 * @param bands names of the windows' bands, with blue, green, red and nir among them
 * @throws AppError MODEL_MISMATCH when one of these bands is missing
 */
export function fitCloudStatistics(samples: readonly Raster[], bands: readonly BandName[]): CloudStatistics {
  const haze = new Uint32Array(bins);
  const brightness = new Uint32Array(bins);
  let pixels = 0;
  for (const sample of samples) pixels += countSample(cloudFeatures(sample, bands), haze, brightness);
  return {
    clearHaze: quantile(haze, 0.25) ?? typicalStatistics.clearHaze,
    clearBrightness: quantile(brightness, 0.5) ?? typicalStatistics.clearBrightness,
    pixels,
  };
}

function countSample(features: CloudFeatures, haze: Uint32Array, brightness: Uint32Array): number {
  const { valid, green, red, nir, haze2 } = features;
  let pixels = 0;
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 0) continue;
    pixels++;
    const value = haze2[i]! / 2;
    haze[binOf(value)]!++;
    const isLand = nir[i]! > green[i]!;
    if (isLand && value < certainHaze * perUnit) brightness[binOf(nir[i]! + red[i]!)]!++;
  }
  return pixels;
}

/** Bins start at −1 so that negative values of atmospheric correction keep their order. */
function binOf(value: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor((value + perUnit) / binWidth)));
}

function quantile(counts: Uint32Array, fraction: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total < enoughPixels) return null;
  let seen = 0;
  for (let bin = 0; bin < bins; bin++) {
    seen += counts[bin]!;
    if (seen >= fraction * total) return (bin * binWidth + binWidth / 2 - perUnit) / perUnit;
  }
  return null;
}
