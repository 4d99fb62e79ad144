import type { BandName, Raster } from '../types.ts';
import { growSquare, type Extent } from './cloud-box.ts';
import { cloudClass } from './cloud-class.ts';
import { spreadMax, spreadMin } from './cloud-extreme.ts';
import { cloudFeatures, perUnit, planeOf, smoothPixels, type CloudFeatures } from './cloud-feature.ts';
import { typicalStatistics, type CloudStatistics } from './cloud-statistics.ts';

/** Context a window needs on every side for its mask and the rims of `unobservedFrom` and `hazyRim` (px): 53 + 30, rounded up. */
export const cloudHaloPx = 88;

/** One setting for all sensors; where each value comes from stands in this folder's README. Reflectance, metres, fractions. */
export const cloudSettings = {
  hazeMost: 0.1,
  hazeAboveClear: 0.04,
  hazeLeast: 0.06,
  coreAbove: 0.02,
  visibleLeast: 0.15,
  visibleThick: 0.2,
  blueToRedLeast: 0.7,
  coreHalfM: 50,
  coreHalfLimitPx: 6,
  companionM: 600,
  companionLimitPx: 40,
  veilHaze: 0.08,
  veilVisible: 0.1,
  veilRoughness: 0.005,
  veilHalfM: 100,
  veilHalfLimitPx: 8,
  snowIndex: 0.6,
  shadowOfScene: 0.68,
  shadowOfSurround: 0.72,
  shadowWindowPx: 24,
  shadowSeedHalfM: 60,
  shadowSeedLimitPx: 6,
  shadowReachPx: 44,
} as const;

export type CloudSettings = Readonly<Record<keyof typeof cloudSettings, number>>;

export interface CloudInput {
  /** reflectance, order `[band][row][col]`, NaN = nodata, with `cloudHaloPx` around what is kept */
  readonly raster: Raster;
  /** names of the raster's bands: blue, green, red, nir; swir16 where there is one */
  readonly bands: readonly BandName[];
  /** ground sampling distance (m) */
  readonly gsdM: number;
  /** from `fitCloudStatistics` over the whole scene; null: typical values */
  readonly statistics: CloudStatistics | null;
  /** other thresholds, to measure how much hangs on one of them */
  readonly settings?: CloudSettings;
}

/**
 * Mark cloud, thin cloud and shadow from four bands, by brightness and the haze optimised transform.
 *
 * A pixel depends on no more than 53 px around it and on `statistics`, through integers alone: the same in every tiling.
 * @returns values of `cloudClass`, order `[row][col]`; the outermost `cloudHaloPx` px are provisional
 * @throws AppError MODEL_MISMATCH when one of the four bands is missing
 * @see Zhang et al. 2002, doi:10.1016/S0034-4257(02)00034-2; Zhu & Woodcock 2012, doi:10.1016/j.rse.2011.10.028
 */
export function maskClouds({ raster, bands, gsdM, statistics, settings = cloudSettings }: CloudInput): Uint8Array {
  const scene = statistics ?? typicalStatistics;
  const features = cloudFeatures(raster, bands);
  const { bright, strong } = brightPixels(features, scene, settings);
  clearSnow(bright, strong, features, planeOf(raster, bands, 'swir16'), settings);
  const coreHalfPx = pxOf(settings.coreHalfM, gsdM, settings.coreHalfLimitPx);
  const against = complement(strong, features.valid);
  const core = openingSeeds(strong, against, { extent: features, halfPx: coreHalfPx });
  const companionPx = pxOf(settings.companionM, gsdM, settings.companionLimitPx);
  const near = growSquare(core, features, coreHalfPx + companionPx);
  const veil = veilPixels(features, gsdM, settings);
  const mask = classify({ features, bright, near, veil, settings });
  const seedHalfPx = pxOf(settings.shadowSeedHalfM, gsdM, settings.shadowSeedLimitPx);
  const seeds = openingSeeds(strong, against, { extent: features, halfPx: seedHalfPx });
  markShadows(mask, { features, bright, seeds, scene, settings });
  return mask;
}

function pxOf(metres: number, gsdM: number, limitPx: number): number {
  return Math.min(limitPx, Math.max(1, Math.floor(metres / gsdM)));
}

/** `bright`: as hazy and bright as cloud; `strong`: certainly so. A bright roof is both. */
function brightPixels(
  features: CloudFeatures,
  scene: CloudStatistics,
  settings: CloudSettings,
): { bright: Uint8Array; strong: Uint8Array } {
  const { hazeMost, hazeLeast, hazeAboveClear, coreAbove, visibleLeast, blueToRedLeast } = settings;
  const threshold = Math.min(hazeMost, Math.max(hazeLeast, scene.clearHaze + hazeAboveClear));
  const hazeLimit = Math.round(2 * threshold * perUnit);
  const strongLimit = hazeLimit + Math.round(2 * coreAbove * perUnit);
  const visibleLimit = Math.round(visibleLeast * perUnit);
  const ratio = Math.round(blueToRedLeast * 100);
  const bright = new Uint8Array(features.valid.length);
  const strong = new Uint8Array(features.valid.length);
  const { valid, blue, red, visible, haze2 } = features;
  for (let i = 0; i < bright.length; i++) {
    // signs of differences instead of comparisons: branches along cloud edges cannot be predicted
    const isBright = (hazeLimit - haze2[i]!) & (visibleLimit - visible[i]!) & (ratio * red[i]! - 100 * blue[i]!);
    const flag = (isBright >>> 31) & valid[i]!;
    bright[i] = flag;
    strong[i] = flag & ((strongLimit - haze2[i]!) >>> 31);
  }
  return { bright, strong };
}

/** With a short-wave infrared band, snow is told from cloud by its normalised difference with green (Hall et al. 1995). */
function clearSnow(
  bright: Uint8Array,
  strong: Uint8Array,
  { green }: CloudFeatures,
  swir: Float32Array | undefined,
  settings: CloudSettings,
): void {
  if (!swir) return;
  for (let i = 0; i < bright.length; i++) {
    if (bright[i] === 0) continue;
    const g = green[i]! / perUnit;
    if (g - swir[i]! > settings.snowIndex * (g + swir[i]!)) bright[i] = strong[i] = 0;
  }
}

/** What counts against a square of `mask`: pixels that were seen and are not set. */
function complement(mask: Uint8Array, valid: Uint8Array): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) out[i] = valid[i]! & (mask[i]! ^ 1);
  return out;
}

/** Set pixels with nothing against them in the square around: what an opening keeps, before it grows back. */
function openingSeeds(
  mask: Uint8Array,
  against: Uint8Array,
  { extent, halfPx }: { readonly extent: Extent; readonly halfPx: number },
): Uint8Array {
  if (!mask.includes(1)) return new Uint8Array(mask.length);
  const broken = growSquare(against, extent, halfPx);
  for (let i = 0; i < mask.length; i++) broken[i] = mask[i]! & (broken[i]! ^ 1);
  return broken;
}

/** Smooth, greyish and hazier than ground over a wide area: a veil that is too thin to be bright. */
function veilPixels(features: CloudFeatures, gsdM: number, settings: CloudSettings): Uint8Array {
  const { valid, blue, green, red, nir, visible, haze2 } = features;
  const hazeLimit = Math.round(2 * settings.veilHaze * perUnit);
  const visibleLimit = Math.round(settings.veilVisible * perUnit);
  const veil = new Uint8Array(valid.length);
  for (let i = 0; i < veil.length; i++) {
    const isHazy =
      (hazeLimit - haze2[i]!) & (visibleLimit - visible[i]!) & (red[i]! - blue[i]!) & (green[i]! - nir[i]!);
    veil[i] = (isHazy >>> 31) & valid[i]!;
  }
  if (!veil.includes(1)) return veil;
  const smooth = smoothPixels(features, Math.round(settings.veilRoughness * perUnit));
  for (let i = 0; i < veil.length; i++) veil[i] = veil[i]! & smooth[i]!;
  if (!veil.includes(1)) return veil;
  const halfPx = pxOf(settings.veilHalfM, gsdM, settings.veilHalfLimitPx);
  const wide = growSquare(openingSeeds(veil, complement(veil, valid), { extent: features, halfPx }), features, halfPx);
  for (let i = 0; i < veil.length; i++) veil[i] = veil[i]! & wide[i]!;
  return veil;
}

interface Layers {
  readonly features: CloudFeatures;
  readonly bright: Uint8Array;
  readonly near: Uint8Array;
  readonly veil: Uint8Array;
  readonly settings: CloudSettings;
}

function classify({ features, bright, near, veil, settings }: Layers): Uint8Array {
  const { valid, visible, haze2 } = features;
  const thick = Math.round(settings.visibleThick * perUnit);
  const haze2Thick = Math.round(2 * settings.hazeMost * perUnit);
  const mask = new Uint8Array(valid.length);
  for (let i = 0; i < mask.length; i++) {
    if (valid[i] === 0) mask[i] = cloudClass.nodata;
    else if ((bright[i]! & near[i]!) === 1)
      mask[i] = visible[i]! > thick && haze2[i]! > haze2Thick ? cloudClass.cloud : cloudClass.thin;
    else if (veil[i] === 1) mask[i] = cloudClass.thin;
  }
  return mask;
}

interface ShadowInput {
  readonly features: CloudFeatures;
  readonly bright: Uint8Array;
  readonly seeds: Uint8Array;
  readonly scene: CloudStatistics;
  readonly settings: CloudSettings;
}

/**
 * Land near a cloud that is dark in red + near infrared against the scene and against its surroundings.
 *
 * The surroundings are a grey closing with the bright pixels left out; the sum of the two bands differs less between crop
 * and soil than either.
 */
function markShadows(mask: Uint8Array, { features, bright, seeds, scene, settings }: ShadowInput): void {
  const near = growSquare(seeds, features, settings.shadowReachPx);
  if (!near.includes(1)) return;
  const { valid, green, red, nir } = features;
  const ground = new Uint16Array(mask.length);
  for (let i = 0; i < ground.length; i++) ground[i] = (valid[i]! & (bright[i]! ^ 1)) * Math.max(0, red[i]! + nir[i]!);
  closeGround(ground, features, settings.shadowWindowPx);
  const most = Math.round(settings.shadowOfScene * scene.clearBrightness * perUnit);
  for (let i = 0; i < mask.length; i++) {
    if (near[i] === 0 || mask[i] !== cloudClass.clear || nir[i]! <= green[i]!) continue;
    const value = red[i]! + nir[i]!;
    if (value < most && value < settings.shadowOfSurround * ground[i]!) mask[i] = cloudClass.shadow;
  }
}

/** Grey closing in place; a square without any ground in it (the inside of a cloud) is left out of the minimum. */
function closeGround(ground: Uint16Array, extent: Extent, radiusPx: number): void {
  spreadMax(ground, extent, radiusPx);
  for (let i = 0; i < ground.length; i++) if (ground[i] === 0) ground[i] = 65535;
  spreadMin(ground, extent, radiusPx);
  for (let i = 0; i < ground.length; i++) if (ground[i] === 65535) ground[i] = 0;
}
