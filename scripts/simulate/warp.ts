import type { Corner, Piece, Seams } from './piece.ts';

/** Straight lines of the layout are bent on the ground, and no edge stays straight for longer than this (m). */
const straightM = 30;

/** Bends: wavelength and amplitude (m). Chords of `straightM` leave the bent line by at most 0.12 m. */
const bends = [
  { wavelengthM: 5200, amplitudeM: 110 },
  { wavelengthM: 1900, amplitudeM: 30 },
  { wavelengthM: 640, amplitudeM: 6 },
] as const;

/** How far a corner may move (m): the layout reaches at least this far beyond the scene. */
export const mostBendM = bends.reduce((sum, { amplitudeM }) => sum + amplitudeM, 0);

/** Ground position (m from the lower left corner of the scene) of a layout position. */
export type Warp = (x: number, y: number) => readonly [number, number];

/** A smooth one-to-one bend of the plane: its gradient stays below 0.3. */
export function warpOf(phase: (n: number) => number): Warp {
  const waves = bends.map(({ wavelengthM, amplitudeM }, i) => {
    const k = (2 * Math.PI) / wavelengthM;
    const angle = 2 * Math.PI * phase(4 * i);
    return {
      amplitudeM,
      kx: k * Math.cos(angle),
      ky: k * Math.sin(angle),
      phaseX: 2 * Math.PI * phase(4 * i + 1),
      phaseY: 2 * Math.PI * phase(4 * i + 2),
    };
  });
  return (x, y) => {
    let [u, v] = [x, y];
    for (const { amplitudeM, kx, ky, phaseX, phaseY } of waves) {
      u += amplitudeM * Math.sin(kx * x + ky * y + phaseX);
      v += amplitudeM * Math.sin(ky * x - kx * y + phaseY);
    }
    return [u, v];
  };
}

/** Corners of a piece and of its neighbours on its edges, none farther than `straightM` from the next, on the ground. */
export function outlineOf(piece: Piece, seams: Seams, warp: Warp): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  const push = (x: number, y: number): void => {
    const point = warp(x, y);
    const last = out.at(-1);
    if (last === undefined || Math.abs(last[0] - point[0]) + Math.abs(last[1] - point[1]) > 1e-3) out.push(point);
  };
  piece.corners.forEach((corner, i) => {
    const next = piece.corners[(i + 1) % piece.corners.length]!;
    let from = corner;
    for (const to of [...seams.between(piece.lines[i]!, corner, next), next]) {
      push(from.x, from.y);
      stretch(from, to, push);
      from = to;
    }
  });
  const [first, last] = [out[0]!, out.at(-1)!];
  if (out.length > 1 && Math.abs(first[0] - last[0]) + Math.abs(first[1] - last[1]) <= 1e-3) out.pop();
  return out;
}

/** Points between two corners, the same from either side to the last bit. */
function stretch(from: Corner, to: Corner, push: (x: number, y: number) => void): void {
  const parts = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / straightM);
  const isForward = from.x < to.x || (from.x === to.x && from.y < to.y);
  const [a, b] = isForward ? [from, to] : [to, from];
  for (let i = 1; i < parts; i++) {
    const t = (isForward ? i : parts - i) / parts;
    push(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t);
  }
}
