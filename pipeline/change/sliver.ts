import type { MinimumArea } from './minimum-area.ts';
import type { PixelRing } from './trace.ts';

/** Length of all rings (px). */
export function perimeterPx(rings: readonly PixelRing[]): number {
  let sum = 0;
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      const next = (at + 2) % ring.length;
      sum += Math.abs(ring[next]! - ring[at]!) + Math.abs(ring[next + 1]! - ring[at + 1]!);
    }
  }
  return sum;
}

/**
 * Sides of the rectangle of the same area and perimeter (px): a line one pixel wide is 1 × its length, straight or
 * not, open or closed; a square that no rectangle matches counts as one.
 */
export function equivalentRectangle(
  pixels: number,
  perimeter: number,
): { readonly widthPx: number; readonly lengthPx: number } {
  const half = perimeter / 2;
  const root = Math.sqrt(Math.max(0, half * half - 4 * pixels));
  return { widthPx: (half - root) / 2, lengthPx: (half + root) / 2 };
}

/**
 * Whether a component is the ghost of an edge that two dates show a fraction of a pixel apart: thin, long, and most of
 * its pixels border the unseen or became what a neighbour already was. A new road through a field is thin and long
 * too, but what lies beside it was field: it stays.
 */
export function isSliver(
  { pixels, edgePixels }: { readonly pixels: number; readonly edgePixels: number },
  rings: readonly PixelRing[],
  { slivers }: MinimumArea,
): boolean {
  if (edgePixels < slivers.minEdgeFraction * pixels) return false;
  const { widthPx, lengthPx } = equivalentRectangle(pixels, perimeterPx(rings));
  return widthPx < slivers.maxWidthPx && lengthPx >= slivers.minLengthPx;
}
