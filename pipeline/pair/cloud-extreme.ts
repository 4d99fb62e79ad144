import type { Extent } from './cloud-box.ts';

/**
 * Replace each value of a plane by the largest of its square neighbourhood, cut at the edge of the plane.
 *
 * Prefix and suffix maxima of blocks as wide as the square: three comparisons a pixel and direction whatever the radius.
 * In place, because touching fresh memory costs as much as the comparisons.
 * @see van Herk 1992, doi:10.1016/0167-8655(92)90069-C
 */
export function spreadMax(plane: Uint16Array, extent: Extent, radiusPx: number): void {
  alongRows(plane, extent, radiusPx);
  alongColumns(plane, extent, radiusPx);
}

/** The same with the smallest: the largest of the complement. */
export function spreadMin(plane: Uint16Array, extent: Extent, radiusPx: number): void {
  for (let i = 0; i < plane.length; i++) plane[i] = 65535 - plane[i]!;
  spreadMax(plane, extent, radiusPx);
  for (let i = 0; i < plane.length; i++) plane[i] = 65535 - plane[i]!;
}

function alongRows(plane: Uint16Array, { width, height }: Extent, radiusPx: number): void {
  const size = 2 * radiusPx + 1;
  const padded = Math.ceil((width + 2 * radiusPx) / size) * size;
  const line = new Uint16Array(padded);
  const prefix = new Uint16Array(padded);
  const suffix = new Uint16Array(padded);
  for (let row = 0; row < height; row++) {
    line.set(plane.subarray(row * width, (row + 1) * width), radiusPx);
    for (let begin = 0; begin < padded; begin += size) {
      const last = begin + size - 1;
      let most = 0;
      for (let i = begin; i <= last; i++) {
        const value = line[i]!;
        if (value > most) most = value;
        prefix[i] = most;
      }
      most = 0;
      for (let i = last; i >= begin; i--) {
        const value = line[i]!;
        if (value > most) most = value;
        suffix[i] = most;
      }
    }
    const start = row * width;
    for (let col = 0; col < width; col++) {
      const left = suffix[col]!;
      const right = prefix[col + size - 1]!;
      plane[start + col] = left > right ? left : right;
    }
  }
}

function alongColumns(plane: Uint16Array, { width, height }: Extent, radiusPx: number): void {
  const size = 2 * radiusPx + 1;
  const rows = Math.ceil((height + 2 * radiusPx) / size) * size;
  const prefix = new Uint16Array(rows * width);
  prefix.set(plane, radiusPx * width);
  const suffix = prefix.slice();
  for (let row = 1; row < rows; row++) {
    if (row % size !== 0) mergeRow(prefix, row, row - 1, width);
    const back = rows - 1 - row;
    if ((back + 1) % size !== 0) mergeRow(suffix, back, back + 1, width);
  }
  const ahead = (size - 1) * width;
  for (let i = 0; i < plane.length; i++) {
    const above = suffix[i]!;
    const below = prefix[i + ahead]!;
    plane[i] = above > below ? above : below;
  }
}

function mergeRow(plane: Uint16Array, row: number, from: number, width: number): void {
  const start = row * width;
  const other = from * width;
  for (let col = 0; col < width; col++) {
    const value = plane[other + col]!;
    if (value > plane[start + col]!) plane[start + col] = value;
  }
}
