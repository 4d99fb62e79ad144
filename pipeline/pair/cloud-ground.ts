import type { BandName, Raster } from '../types.ts';
import { boxSum, type Extent } from './cloud-box.ts';
import { cloudClass } from './cloud-class.ts';
import { planeOf } from './cloud-feature.ts';

interface Limits {
  readonly least: number;
  readonly most: number;
}

/** Ratios of the two dates between which dark, and bright, ground is taken for the same. */
const sameDark: Limits = { least: 0.8, most: 1.25 };
const sameBright: Limits = { least: 0.85, most: 1.18 };
/** Shadow fills at least this share of the square of 5 px around it: what casts it is 13 px wide. */
const speckHalfPx = 2;
const speckFraction = 0.4;

export interface GroundInput {
  /** values of `cloudClass` of this date and of the other, `[row][col]` */
  readonly clouds: Uint8Array;
  readonly otherClouds: Uint8Array;
  /** reflectance of this date and of the other, same window, NaN = nodata */
  readonly own: Raster;
  readonly other: Raster;
  /** names of the first bands of both rasters, blue, green, red and nir among them */
  readonly bands: readonly BandName[];
}

/**
 * A date's mask without the ground near clouds that is always as dark or as bright: canals, dikes, roofs.
 *
 * Where the other date is clear and shows the same in red + near infrared (shadow), or in the darkest and the brightest
 * visible band (cloud), it is ground; so are specks of shadow. A roof seen through a cloud comes back with the cloud's rim.
 * @returns values of `cloudClass`; a pixel depends on 2 px around it
 */
export function clearedGround({ clouds, otherClouds, own, other, bands }: GroundInput): Uint8Array {
  const [blue, green, red, nir] = planesOf(own, bands);
  const [blue2, green2, red2, nir2] = planesOf(other, bands);
  if (!blue || !green || !red || !nir || !blue2 || !green2 || !red2 || !nir2) return clouds;
  const isSame = (i: number, kind: number): boolean => {
    if (kind === cloudClass.shadow) return isWithin(red[i]! + nir[i]!, red2[i]! + nir2[i]!, sameDark);
    const [b, g, r, b2, g2, r2] = [blue[i]!, green[i]!, red[i]!, blue2[i]!, green2[i]!, red2[i]!];
    return (
      isWithin(Math.min(b, g, r), Math.min(b2, g2, r2), sameBright) &&
      isWithin(Math.max(b, g, r), Math.max(b2, g2, r2), sameBright)
    );
  };
  const out = clouds.map((kind, i) =>
    kind === cloudClass.clear || kind === cloudClass.nodata || otherClouds[i] !== cloudClass.clear || !isSame(i, kind)
      ? kind
      : cloudClass.clear,
  );
  return clearSpecks(out, own);
}

const planesOf = (raster: Raster, bands: readonly BandName[]) =>
  (['blue', 'green', 'red', 'nir'] as const).map((name) => planeOf(raster, bands, name));

const isWithin = (value: number, of: number, { least, most }: Limits): boolean =>
  value > least * of && value < most * of;

function clearSpecks(mask: Uint8Array, extent: Extent): Uint8Array {
  const dark = Int32Array.from(mask, (kind) => (kind === cloudClass.shadow ? 1 : 0));
  const around = boxSum(dark, extent, speckHalfPx);
  const least = speckFraction * (2 * speckHalfPx + 1) ** 2;
  return mask.map((kind, i) => (kind === cloudClass.shadow && around[i]! < least ? cloudClass.clear : kind));
}
