import type { Affine, Window } from '../types.ts';
import type { Placement, ToSource } from './placement.ts';

/** Blocks of this side (px) share one bilinear map where it is good enough. */
const blockPx = 64;
const tolerancePx = 0.02;

/** Source positions of the pixel centres of a window, row-major: columns in `u`, rows in `v` (source px), NaN off the map. */
export interface Positions {
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/**
 * Source positions of every pixel centre of a window.
 *
 * A warp is mapped exactly at the corners of 64 px blocks and bilinearly between them; a block whose map bends by more
 * than 0.02 px at its centre or at the middle of an edge is quartered, down to single pixels. Blocks are anchored to
 * the grid: a pixel has the same position, bit for bit, in every window.
 */
export function positionsOf(placement: Exclude<Placement, { kind: 'copy' }>, window: Window): Positions {
  const count = window.width * window.height;
  const positions = { u: new Float64Array(count), v: new Float64Array(count) };
  if (placement.kind === 'linear') {
    fillLinear(positions, placement.affine, window);
    return positions;
  }
  const firstRow = Math.floor(window.row / blockPx) * blockPx;
  const firstCol = Math.floor(window.col / blockPx) * blockPx;
  for (let row = firstRow; row < window.row + window.height; row += blockPx) {
    for (let col = firstCol; col < window.col + window.width; col += blockPx) {
      fillBlock(positions, placement.toSource, window, { col, row, sidePx: blockPx });
    }
  }
  return positions;
}

function fillLinear({ u, v }: Positions, affine: Affine, window: Window): void {
  const [a, b, c, d, e, f] = affine;
  let at = 0;
  for (let r = 0; r < window.height; r++) {
    const y = window.row + r + 0.5;
    for (let i = 0; i < window.width; i++, at++) {
      const x = window.col + i + 0.5;
      u[at] = a * x + b * y + c;
      v[at] = d * x + e * y + f;
    }
  }
}

interface Block {
  readonly col: number;
  readonly row: number;
  readonly sidePx: number;
}

function fillBlock(positions: Positions, toSource: ToSource, window: Window, block: Block): void {
  const { col, row, sidePx } = block;
  const [rowFrom, rowTo] = [Math.max(row, window.row), Math.min(row + sidePx, window.row + window.height)];
  const [colFrom, colTo] = [Math.max(col, window.col), Math.min(col + sidePx, window.col + window.width)];
  if (rowFrom >= rowTo || colFrom >= colTo) return;
  if (sidePx === 1) {
    const at = (row - window.row) * window.width + col - window.col;
    [positions.u[at], positions.v[at]] = toSource(col + 0.5, row + 0.5);
    return;
  }
  const corners: Corners = [
    toSource(col, row),
    toSource(col + sidePx, row),
    toSource(col, row + sidePx),
    toSource(col + sidePx, row + sidePx),
  ];
  if (bendsPx(toSource, block, corners) <= tolerancePx) {
    fillBilinear(positions, window, block, corners, { rowFrom, rowTo, colFrom, colTo });
    return;
  }
  const halfPx = sidePx / 2;
  for (const r of [row, row + halfPx])
    for (const c of [col, col + halfPx]) fillBlock(positions, toSource, window, { col: c, row: r, sidePx: halfPx });
}

type Corners = readonly [
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
];

/**
 * Largest error of the bilinear map (source px) at the centre and at the middles of the edges; Infinity off the map.
 * The centre alone would not do: in a conformal map the bends along columns and rows cancel there.
 */
function bendsPx(toSource: ToSource, { col, row, sidePx }: Block, [nw, ne, sw, se]: Corners): number {
  const half = sidePx / 2;
  const misfit = (c: number, r: number, weights: readonly [number, number, number, number]) => {
    const [u, v] = toSource(col + c, row + r);
    const [p, q, s, t] = weights;
    return Math.hypot(
      p * nw[0] + q * ne[0] + s * sw[0] + t * se[0] - u,
      p * nw[1] + q * ne[1] + s * sw[1] + t * se[1] - v,
    );
  };
  const worst = Math.max(
    misfit(half, half, [0.25, 0.25, 0.25, 0.25]),
    misfit(half, 0, [0.5, 0.5, 0, 0]),
    misfit(half, sidePx, [0, 0, 0.5, 0.5]),
    misfit(0, half, [0.5, 0, 0.5, 0]),
    misfit(sidePx, half, [0, 0.5, 0, 0.5]),
  );
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst;
}

interface Part {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly colFrom: number;
  readonly colTo: number;
}

function fillBilinear({ u, v }: Positions, window: Window, block: Block, [nw, ne, sw, se]: Corners, part: Part): void {
  for (let r = part.rowFrom; r < part.rowTo; r++) {
    const t = (r + 0.5 - block.row) / block.sidePx;
    const [u0, v0] = [nw[0] + (sw[0] - nw[0]) * t, nw[1] + (sw[1] - nw[1]) * t];
    const [du, dv] = [ne[0] + (se[0] - ne[0]) * t - u0, ne[1] + (se[1] - ne[1]) * t - v0];
    let at = (r - window.row) * window.width + part.colFrom - window.col;
    for (let c = part.colFrom; c < part.colTo; c++, at++) {
      const s = (c + 0.5 - block.col) / block.sidePx;
      u[at] = u0 + du * s;
      v[at] = v0 + dv * s;
    }
  }
}
