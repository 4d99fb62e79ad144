/** A corner in layout metres (x east, y north). Neighbours that share a corner share the object. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** A convex polygon, counter-clockwise; `lines[i]` names the straight line under the edge from corner i to i + 1. */
export interface Piece {
  readonly corners: readonly Corner[];
  readonly lines: readonly number[];
}

/** Remembers who cut where, so that two neighbours of one seam end up with the same corners on it. */
export interface Seams {
  newLine(): number;
  note(line: number, corner: Corner): void;
  /** corners noted on `line` strictly between two of its points, in the order of travel */
  between(line: number, from: Corner, to: Corner): readonly Corner[];
  forget(): void;
}

export function openSeams(): Seams {
  const noted: Corner[][] = [];
  return {
    newLine: () => noted.push([]) - 1,
    note: (line, corner) => void noted[line]?.push(corner),
    between(line, from, to) {
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const length2 = dx * dx + dy * dy;
      const found: { readonly corner: Corner; readonly at: number }[] = [];
      for (const corner of noted[line] ?? []) {
        const at = ((corner.x - from.x) * dx + (corner.y - from.y) * dy) / length2;
        if (at > 1e-9 && at < 1 - 1e-9 && !found.some((other) => Math.abs(other.at - at) < 1e-9))
          found.push({ corner, at });
      }
      return found.sort((a, b) => a.at - b.at).map(({ corner }) => corner);
    },
    forget: () => void (noted.length = 0),
  };
}

/** Seams that remember nothing: for what is only painted, never written as a polygon beside its neighbour. */
export const noSeams: Seams = { newLine: () => -1, note: () => {}, between: () => [], forget: () => {} };

/** A piece from corners given counter-clockwise. */
export function pieceOf(points: readonly (readonly [number, number])[], seams: Seams): Piece {
  const corners = points.map(([x, y]) => ({ x, y }));
  const lines = corners.map(() => seams.newLine());
  corners.forEach((corner, i) => {
    seams.note(lines[i]!, corner);
    seams.note(lines[(i + corners.length - 1) % corners.length]!, corner);
  });
  return { corners, lines };
}

/** Parts nearer than this to a cut are not cut off (m). */
const leastM = 0.05;

/**
 * Cut by the line through (x, y) in direction (dx, dy), a unit vector.
 *
 * @returns what lies left of the direction and what lies right of it; null where nothing does
 */
export function cut(
  piece: Piece,
  { x, y, dx, dy }: { readonly x: number; readonly y: number; readonly dx: number; readonly dy: number },
  seams: Seams,
): readonly [Piece | null, Piece | null] {
  const sides = piece.corners.map((corner) => dx * (corner.y - y) - dy * (corner.x - x));
  if (Math.min(...sides) > -leastM) return [piece, null];
  if (Math.max(...sides) < leastM) return [null, piece];
  const line = seams.newLine();
  const left = { corners: [] as Corner[], lines: [] as number[] };
  const right = { corners: [] as Corner[], lines: [] as number[] };
  const count = piece.corners.length;
  for (let i = 0; i < count; i++) {
    const next = (i + 1) % count;
    const [corner, side, nextSide, under] = [piece.corners[i]!, sides[i]!, sides[next]!, piece.lines[i]!];
    const own = side >= 0 ? left : right;
    own.corners.push(corner);
    own.lines.push(under);
    if (side >= 0 === nextSide >= 0) continue;
    const t = side / (side - nextSide);
    const other = piece.corners[next]!;
    const met = { x: corner.x + t * (other.x - corner.x), y: corner.y + t * (other.y - corner.y) };
    seams.note(under, met);
    seams.note(line, met);
    own.corners.push(met);
    own.lines.push(line);
    const across = side >= 0 ? right : left;
    across.corners.push(met);
    across.lines.push(under);
  }
  return [left, right];
}

export function areaOfM2({ corners }: Piece): number {
  let doubled = 0;
  for (let i = 0; i < corners.length; i++) {
    const [a, b] = [corners[i]!, corners[(i + 1) % corners.length]!];
    doubled += a.x * b.y - b.x * a.y;
  }
  return doubled / 2;
}

export function centreOf({ corners }: Piece): Corner {
  let [x, y] = [0, 0];
  for (const corner of corners) {
    x += corner.x;
    y += corner.y;
  }
  return { x: x / corners.length, y: y / corners.length };
}

/** A direction, a unit vector. */
export interface Axis {
  readonly dx: number;
  readonly dy: number;
}

export const quarterTurn = ({ dx, dy }: Axis): Axis => ({ dx: -dy, dy: dx });

export function turned({ dx, dy }: Axis, radians: number): Axis {
  const [c, s] = [Math.cos(radians), Math.sin(radians)];
  return { dx: dx * c - dy * s, dy: dx * s + dy * c };
}

/** Least and greatest position of the piece along an axis (m). */
export function spanOf({ corners }: Piece, { dx, dy }: Axis): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { x, y } of corners) {
    const at = x * dx + y * dy;
    low = Math.min(low, at);
    high = Math.max(high, at);
  }
  return [low, high];
}

/** Direction of the longest edge, or of a quarter turn of it, along which the piece is longer. */
export function longAxis(piece: Piece): Axis {
  let best: Axis = { dx: 1, dy: 0 };
  let longest = 0;
  piece.corners.forEach((a, i) => {
    const b = piece.corners[(i + 1) % piece.corners.length]!;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length <= longest) return;
    longest = length;
    best = { dx: (b.x - a.x) / length, dy: (b.y - a.y) / length };
  });
  const [low, high] = spanOf(piece, best);
  const [from, to] = spanOf(piece, quarterTurn(best));
  return high - low >= to - from ? best : quarterTurn(best);
}

/**
 * Slice across an axis at `offset` metres from the piece's beginning along it.
 *
 * @returns [near part, far part]
 */
export function slice(piece: Piece, axis: Axis, offsetM: number, seams: Seams): readonly [Piece | null, Piece | null] {
  const [low] = spanOf(piece, axis);
  const at = low + offsetM;
  const across = quarterTurn(axis);
  return cut(piece, { x: axis.dx * at, y: axis.dy * at, dx: across.dx, dy: across.dy }, seams);
}

/** Slices of the given widths along an axis, and what is left over as the last; empty ones are left out. */
export function slices(piece: Piece, axis: Axis, widthsM: readonly number[], seams: Seams): Piece[] {
  const out: Piece[] = [];
  let rest: Piece | null = piece;
  for (const widthM of widthsM) {
    if (rest === null) break;
    const [near, far]: readonly [Piece | null, Piece | null] = slice(rest, axis, widthM, seams);
    if (near) out.push(near);
    rest = far;
  }
  if (rest) out.push(rest);
  return out;
}

/** A rim of the given width inside every edge, and the piece within (null where the rim fills it). */
export function rimOf(
  piece: Piece,
  widthM: number,
  seams: Seams,
): { readonly inner: Piece | null; readonly rim: readonly Piece[] } {
  const rim: Piece[] = [];
  let inner: Piece | null = piece;
  piece.corners.forEach((a, i) => {
    if (inner === null) return;
    const b = piece.corners[(i + 1) % piece.corners.length]!;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length < 1e-6) return;
    const axis = { dx: (b.x - a.x) / length, dy: (b.y - a.y) / length };
    const within = quarterTurn(axis);
    const [left, right] = cut(inner, { x: a.x + within.dx * widthM, y: a.y + within.dy * widthM, ...axis }, seams);
    if (right) rim.push(right);
    inner = left;
  });
  return { inner, rim };
}
