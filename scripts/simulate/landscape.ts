import { centreOf, openSeams, pieceOf } from './piece.ts';
import { openPlotStore } from './plot-store.ts';
import { fillPolder } from './polder.ts';
import { fractalNoise, hashFraction, randomOf } from './random.ts';
import { divideRegion } from './region.ts';
import type { PolderUse, Sketch } from './sketch.ts';
import { mostBendM, warpOf } from './warp.ts';

/** Shares of polders that are no paddy; each has at least one, and the lake only where there are thirty. */
const shares: readonly (readonly [use: PolderUse, share: number])[] = [
  ['town', 0.07],
  ['industry', 0.05],
  ['aqua', 0.06],
  ['orchard', 0.05],
  ['vegetable', 0.08],
  ['nursery', 0.03],
];

/** The land reaches at least this far beyond the scene (m), for blur and misregistration. */
export const reachM = 90;

/** The number of towns of the plain is this many square metres each: 3,915 km² over 72 towns. */
export const townM2 = 5.4e7;

/**
 * The land before anything changes.
 *
 * @param sideM side of the square scene (m); the land reaches beyond it, so that no bent edge shows nothing
 */
export function drawLandscape(options: {
  readonly seed: number;
  readonly sideM: number;
  readonly isFine: boolean;
  /** about so many polders at least, the smaller for it */
  readonly polders?: number;
}): Sketch {
  const { seed, sideM, isFine, polders = 36 } = options;
  const polderM2 = Math.min(600_000, Math.max(30_000, (sideM * sideM) / polders));
  const warp = warpOf((n) => hashFraction(seed, 17, n));
  const sketch: Sketch = {
    seed,
    seams: openSeams(),
    warp,
    plots: openPlotStore(warp),
    parcels: [],
    blocks: [],
    polders: [],
    isFine,
    blockM2: Math.min(45_000, polderM2 / 4),
  };
  const low = -mostBendM - reachM;
  const high = sideM + mostBendM + reachM;
  const corners = [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
  ] as const;
  const pieces = divideRegion(sketch, pieceOf(corners, sketch.seams), { polderM2, random: randomOf(seed, 1) });
  const uses = usesOf(pieces.map(centreOf), seed, sideM);
  pieces.forEach((piece, i) => sketch.polders.push({ piece, use: uses[i]! }));
  sketch.polders.forEach((_, i) => fillPolder(sketch, i, randomOf(seed, 2, i)));
  return sketch;
}

/** Town centres, then industry about them, then the best sites by smooth noise for what keeps together. */
function usesOf(
  centres: readonly { readonly x: number; readonly y: number }[],
  seed: number,
  sideM: number,
): PolderUse[] {
  const uses = centres.map((): PolderUse => 'paddy');
  const isInside = ({ x, y }: { readonly x: number; readonly y: number }) => x > 0 && y > 0 && x < sideM && y < sideM;
  const towns = Math.max(1, Math.round((sideM * sideM) / townM2));
  const random = randomOf(seed, 3);
  const cores = Array.from({ length: towns }, () => ({
    x: sideM * random.range(0.1, 0.9),
    y: sideM * random.range(0.1, 0.9),
  }));
  const toCore = ({ x, y }: { readonly x: number; readonly y: number }): number =>
    Math.min(...cores.map((core) => Math.hypot(core.x - x, core.y - y)));
  const waveM = Math.min(6000, sideM / 3);
  shares.forEach(([use, share], k) => {
    const score = (i: number): number => {
      const { x, y } = centres[i]!;
      if (use === 'town' || use === 'industry') return -toCore(centres[i]!) + 300 * hashFraction(seed, 5, i, k);
      return fractalNoise(seed + 31 * k, x / waveM, y / waveM, 2);
    };
    const free = uses.flatMap((now, i) => (now === 'paddy' && isInside(centres[i]!) ? [i] : []));
    const wanted = Math.max(1, Math.round(share * centres.length));
    for (const i of free.sort((a, b) => score(b) - score(a)).slice(0, wanted)) uses[i] = use;
  });
  if (centres.length >= 30) {
    const free = uses.flatMap((now, i) => (now === 'paddy' ? [i] : []));
    const lakes = Math.max(1, Math.round(centres.length * 0.012));
    for (const i of free.sort((a, b) => hashFraction(seed, 7, b) - hashFraction(seed, 7, a)).slice(0, lakes))
      uses[i] = 'lake';
  }
  return uses;
}
