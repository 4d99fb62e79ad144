import type { Raster, Window } from '../types.ts';

/** Why a pixel was not seen on both dates; 0 = it was. The first that holds, in this order. */
export const seen = 0;
export const reasons = ['outside', 'nodata', 'cloud', 'shadow'] as const;
export type Reason = (typeof reasons)[number];
/** Value of a reason in a reason window; `excluded` pixels are outside the area of interest and count nowhere. */
export const reasonCode: Readonly<Record<Reason | 'excluded', number>> = {
  outside: 1,
  nodata: 2,
  cloud: 3,
  shadow: 4,
  excluded: 9,
};

/** What is known of one date's window before any change is judged. */
export interface LookWindow {
  /** reflectance `[band][row][col]`, NaN = none */
  readonly raster: Raster;
  /** bands that must hold a value, positions in `raster` */
  readonly needed: readonly number[];
  /** 1 inside the scene's footprint */
  readonly inside: Uint8Array;
  /** dilated; null where no cloud mask applies */
  readonly cloud: Uint8Array | null;
  readonly shadow: Uint8Array | null;
}

/**
 * Which pixels of one date were seen, and why not.
 *
 * @returns reason codes, row-major, same size as the raster
 */
export function reasonsOf(look: LookWindow): Uint8Array {
  const { raster, needed, inside, cloud, shadow } = look;
  const count = raster.width * raster.height;
  const out = new Uint8Array(count);
  for (const band of needed) {
    const offset = band * count;
    for (let i = 0; i < count; i++) {
      const value = raster.data[offset + i]!;
      if (value !== value) out[i] = reasonCode.nodata;
    }
  }
  for (let i = 0; i < count; i++) {
    if (inside[i] === 0) out[i] = reasonCode.outside;
    else if (out[i] !== 0) continue;
    else if (cloud?.[i]) out[i] = reasonCode.cloud;
    else if (shadow?.[i]) out[i] = reasonCode.shadow;
  }
  return out;
}

/** Reasons of a pair: a pixel is seen only where both dates saw it; the lower code wins. */
export function joinReasons(before: Uint8Array, after: Uint8Array, areaOfInterest: Uint8Array | null): Uint8Array {
  return before.map((first, i) => {
    if (areaOfInterest !== null && areaOfInterest[i] === 0) return reasonCode.excluded;
    const second = after[i] ?? first;
    if (first === seen || second === seen) return first + second;
    return Math.min(first, second);
  });
}

/** Cut a `keep` window out of a row-major plane that covers `read`. */
export function cropPlane<T extends Uint8Array | Float32Array>(plane: T, read: Window, keep: Window): T {
  const out = plane.slice(0, keep.width * keep.height) as T;
  for (let r = 0; r < keep.height; r++) {
    const from = (keep.row - read.row + r) * read.width + keep.col - read.col;
    out.set(plane.subarray(from, from + keep.width), r * keep.width);
  }
  return out;
}
