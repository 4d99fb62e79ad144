import type { Affine, Samples } from '../../pipeline/types.ts';

/** A raster of one band, north up, `[row][col]`. */
export interface PixelLayer {
  readonly data: Samples;
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
  readonly affine: Affine;
}

/**
 * Share of the pixels within rings whose value is wanted, 0..1; pixels belong where their centre lies, and what lies
 * outside of the raster does not count. null: no centre lies within.
 *
 * @param rings in the raster's coordinates, not closed; holes by the even-odd rule
 */
export function pixelShare(
  rings: readonly (readonly (readonly [number, number])[])[],
  { data, width, height, affine: [a, , c, , e, f] }: PixelLayer,
  isWanted: (value: number) => boolean,
): number | null {
  const inPixels = rings.map((ring) => ring.map(([x, y]) => [(x - c) / a, (y - f) / e] as const));
  const rows = inPixels.flat().map(([, row]) => row);
  const [from, to] = [Math.max(0, Math.floor(Math.min(...rows))), Math.min(height, Math.ceil(Math.max(...rows)))];
  let [inside, wanted] = [0, 0];
  for (let row = from; row < to; row++) {
    const cuts = crossings(inPixels, row + 0.5);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const first = Math.max(0, Math.ceil(cuts[i]! - 0.5));
      const end = Math.min(width, Math.ceil(cuts[i + 1]! - 0.5));
      for (let col = first; col < end; col++) {
        inside++;
        if (isWanted(Number(data[row * width + col]))) wanted++;
      }
    }
  }
  return inside === 0 ? null : wanted / inside;
}

/** Where the rings cross a row, from the left. */
function crossings(rings: readonly (readonly (readonly [number, number])[])[], row: number): number[] {
  const out: number[] = [];
  for (const ring of rings)
    ring.forEach(([x0, y0], i) => {
      const [x1, y1] = ring[(i + 1) % ring.length]!;
      if (y0 <= row !== y1 <= row) out.push(x0 + ((row - y0) * (x1 - x0)) / (y1 - y0));
    });
  return out.sort((a, b) => a - b);
}
