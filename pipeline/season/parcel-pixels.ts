import type { Raster } from '../types.ts';

/** From so many pixels on that touch no other ground a parcel is judged by them alone. */
const fewestCorePx = 4;
/** A look that saw less of a parcel says nothing of it. */
const leastSeenFraction = 0.5;

/** Sums of one parcel over the looks; `all` over every pixel, `core` over those that touch no other ground. */
export interface ParcelTally {
  readonly bands: number;
  allPx: number;
  corePx: number;
  /** `[all, core][look][band]`, then seen pixels `[all, core][look]` */
  readonly sums: Float64Array;
  readonly seenPx: Uint32Array;
}

export function openTally(looks: number, bands: number): ParcelTally {
  return {
    bands,
    allPx: 0,
    corePx: 0,
    sums: new Float64Array(2 * looks * bands),
    seenPx: new Uint32Array(2 * looks),
  };
}

/** Means `[look][band]`, NaN where less than half was seen, and of how many pixels they are. */
export function closeTally({ bands, allPx, corePx, sums, seenPx }: ParcelTally): {
  readonly values: Float64Array;
  readonly pixels: number;
  readonly isCore: boolean;
} {
  const isCore = corePx >= fewestCorePx;
  const [pixels, looks] = [isCore ? corePx : allPx, seenPx.length / 2];
  const first = isCore ? looks : 0;
  const values = new Float64Array(looks * bands).map((_, i) => {
    const look = first + Math.floor(i / bands);
    const seen = seenPx[look]!;
    return seen > 0 && seen >= leastSeenFraction * pixels ? sums[look * bands + (i % bands)]! / seen : Number.NaN;
  });
  return { values, pixels, isCore };
}

/**
 * Which pixels of a strip are of which parcel, ready for the looks.
 *
 * @param labels feature + 1, 0 = none; a row above and a row below the strip included
 */
export function markPixels(labels: Int32Array, width: number) {
  const rows = labels.length / width - 2;
  const isCore = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let col = 1; col + 1 < width; col++) {
      const at = (row + 1) * width + col;
      const own = labels[at]!;
      if (own === 0) continue;
      const isInside =
        labels[at - 1] === own && labels[at + 1] === own && labels[at - width] === own && labels[at + width] === own;
      if (isInside) isCore[row * width + col] = 1;
    }
  return {
    /** Add the pixels of this strip. */
    count(tallies: ReadonlyMap<number, ParcelTally>): void {
      for (let i = 0; i < isCore.length; i++) {
        const tally = tallies.get(labels[i + width]! - 1);
        if (tally === undefined) continue;
        tally.allPx += 1;
        tally.corePx += isCore[i]!;
      }
    },
    /**
     * Add what a look saw in this strip.
     *
     * @param raster the strip, bands as in the tallies; a pixel with a NaN is not seen
     */
    add(tallies: ReadonlyMap<number, ParcelTally>, look: number, raster: Raster, seen: Uint8Array): void {
      const count = isCore.length;
      const { data, bands } = raster;
      for (let i = 0; i < count; i++) {
        const label = labels[i + width]!;
        if (label === 0 || seen[i] !== 1) continue;
        const tally = tallies.get(label - 1);
        if (tally === undefined) continue;
        let isWhole = true;
        for (let band = 0; band < bands; band++) isWhole &&= Number.isFinite(data[band * count + i]!);
        if (!isWhole) continue;
        const looks = tally.seenPx.length / 2;
        for (const at of isCore[i] === 1 ? [look, looks + look] : [look]) {
          tally.seenPx[at]! += 1;
          for (let band = 0; band < bands; band++) tally.sums[at * bands + band]! += data[band * count + i]!;
        }
      }
    },
  };
}
