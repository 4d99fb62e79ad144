import { cloudClass } from './cloud-class.ts';

/** Sentinel-2 scene classification to our classes; 2 and 7 (dark, unclassified) and 11 (snow) count as clear. */
const ofScl: readonly number[] = [
  cloudClass.nodata,
  cloudClass.nodata,
  cloudClass.clear,
  cloudClass.shadow,
  cloudClass.clear,
  cloudClass.clear,
  cloudClass.clear,
  cloudClass.clear,
  cloudClass.cloud,
  cloudClass.cloud,
  cloudClass.thin,
  cloudClass.clear,
];

/**
 * Cloud classes from a scene classification band (ESA Sen2Cor SCL, codes 0-11), sampled with the nearest neighbour.
 *
 * A code outside the list is nodata: what it says about the ground is not known.
 */
export function maskFromScl(scl: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(scl.length);
  for (let i = 0; i < out.length; i++) out[i] = ofScl[Math.round(scl[i]!)] ?? cloudClass.nodata;
  return out;
}

/** Cloud classes from a plain mask band: 0 clear, anything else cloud, NaN nodata; sampled with the nearest neighbour. */
export function maskFromCloudBand(band: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(band.length);
  for (let i = 0; i < out.length; i++) {
    const value = band[i]!;
    out[i] = Number.isFinite(value) ? (value === 0 ? cloudClass.clear : cloudClass.cloud) : cloudClass.nodata;
  }
  return out;
}
