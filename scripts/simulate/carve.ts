import { areaOfM2, longAxis, noSeams, quarterTurn, slices, spanOf, type Axis, type Piece } from './piece.ts';
import type { Random } from './random.ts';

/** The part of a piece between two positions along an axis, from its beginning (m). */
function between(piece: Piece, axis: Axis, fromM: number, toM: number): Piece | null {
  const [low, high] = spanOf(piece, axis);
  const parts = slices(piece, axis, [Math.max(0, fromM), toM - Math.max(0, fromM)], noSeams);
  if (fromM <= 0.05) return parts[0] ?? null;
  return parts.length > 1 && fromM < high - low ? parts[1]! : null;
}

/** A patch of about `areaM2` in a piece, often along one of its edges; the whole piece where it is hardly larger. */
export function carvePatch(piece: Piece, areaM2: number, random: Random): Piece {
  if (areaOfM2(piece) < areaM2 * 1.25) return piece;
  const axis = longAxis(piece);
  const [low, high] = spanOf(piece, axis);
  const lengthM = Math.min(high - low, Math.sqrt(areaM2 * random.range(1, 2.4)));
  const start = random.range(0, high - low - lengthM);
  const part = between(piece, axis, start, start + lengthM) ?? piece;
  const across = quarterTurn(axis);
  const [from, to] = spanOf(part, across);
  const depthM = Math.min(to - from, areaM2 / lengthM);
  const slackM = to - from - depthM;
  const at = random.chance(0.6) ? (random.chance(0.5) ? 0 : slackM) : random.range(0, slackM);
  return between(part, across, at, at + depthM) ?? part;
}

/** A strip of the given width right through a piece. */
export function carveStrip(piece: Piece, widthM: number, random: Random): Piece {
  const axis = random.chance(0.5) ? longAxis(piece) : quarterTurn(longAxis(piece));
  const [low, high] = spanOf(piece, axis);
  const at = (high - low - widthM) * random.range(0.05, 0.95);
  return between(piece, axis, at, at + widthM) ?? piece;
}

/** A band of a block along a straight boundary that cuts it, 30 m to either side; null where none cuts it. */
export function carveAcross(block: Piece, boundary: Piece): Piece | null {
  for (let i = 0; i < boundary.corners.length; i++) {
    const [a, b] = [boundary.corners[i]!, boundary.corners[(i + 1) % boundary.corners.length]!];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const axis = { dx: (b.x - a.x) / length, dy: (b.y - a.y) / length };
    const sides = block.corners.map(({ x, y }) => axis.dx * (y - a.y) - axis.dy * (x - a.x));
    if (Math.min(...sides) > -15 || Math.max(...sides) < 15) continue;
    const within = quarterTurn(axis);
    const at = a.x * within.dx + a.y * within.dy - spanOf(block, within)[0];
    const [first, second] = slices(block, within, [Math.max(0.1, at - 30), 60], noSeams);
    return (at > 30.1 ? second : first) ?? null;
  }
  return null;
}
