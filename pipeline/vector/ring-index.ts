import type { Ring } from '../geo/polygon.ts';

/** Edges a strip holds on average where outlines are not wild. */
const edgesPerStrip = 8;
const mostStrips = 1 << 16;

/**
 * A test for points inside a closed ring (even-odd; on an edge either way) that looks at a strip of its edges only: an
 * outline of a million vertices may have a hundred thousand holes to be tested.
 */
export function openRing(ring: Ring): (x: number, y: number) => boolean {
  let [minY, maxY, climb] = [Infinity, -Infinity, 0];
  let before = ring[0]?.[1] ?? 0;
  for (const [, y] of ring) {
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
    climb += Math.abs(y - before);
    before = y;
  }
  const height = maxY - minY || 1;
  // edges of a comb span many strips: at most four a piece are kept
  const fitting = Math.min(mostStrips, ring.length / edgesPerStrip, (4 * ring.length * height) / (climb || 1));
  const count = Math.max(1, Math.floor(fitting));
  const perY = count / height;
  const stripOf = (y: number): number => Math.min(count - 1, Math.max(0, Math.floor((y - minY) * perY)));
  const strips: number[][] = Array.from({ length: count }, () => []);
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [stripOf(ring[i - 1]![1]), stripOf(ring[i]![1])];
    for (let strip = Math.min(a, b); strip <= Math.max(a, b); strip++) strips[strip]!.push(i);
  }
  return (x, y) => {
    if (!(y >= minY && y <= maxY)) return false;
    let isInside = false;
    for (const i of strips[stripOf(y)]!) {
      const [[px, py], [qx, qy]] = [ring[i - 1]!, ring[i]!];
      if (py > y !== qy > y && x < px + ((y - py) * (qx - px)) / (qy - py)) isInside = !isInside;
    }
    return isInside;
  };
}
