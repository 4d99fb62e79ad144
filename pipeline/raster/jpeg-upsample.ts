import type { Component } from './jpeg-scan.ts';

/**
 * A component at the size of the frame: the triangle filter of libjpeg where it halves, repetition elsewhere.
 *
 * @returns samples, `width` a row
 */
export function upsample(component: Component, width: number, height: number): Uint8Array {
  const { h, v, maxH, maxV, stride, plane } = component;
  const out = new Uint8Array(width * height);
  const [stepX, stepY] = [maxH / h, maxV / v];
  const isFine = component.width > 2;
  for (let row = 0; row < height; row++) {
    const line = out.subarray(row * width, (row + 1) * width);
    const near = Math.floor(row / stepY);
    const from = near * stride;
    if (stepX === 1 && stepY === 1) line.set(plane.subarray(from, from + width));
    else if (stepX === 2 && stepY === 1 && isFine) widen(plane, from, component.width, line);
    else if (stepX === 2 && stepY === 2 && isFine)
      widenBoth(plane, from, neighbour(row, near, component) * stride, component.width, line);
    else if (stepX === 1 && stepY === 2)
      mixRows(plane, from, neighbour(row, near, component) * stride, line, row % 2 === 0 ? 1 : 2);
    else for (let x = 0; x < width; x++) line[x] = plane[from + Math.floor(x / stepX)] as number;
  }
  return out;
}

/** The other row of the filter: above for even rows, below for odd ones, the row itself at the edges. */
function neighbour(row: number, near: number, { height }: Component): number {
  return row % 2 === 0 ? Math.max(0, near - 1) : Math.min(height - 1, near + 1);
}

function widen(plane: Uint8Array, from: number, count: number, line: Uint8Array): void {
  for (let x = 0; x < line.length; x++) {
    const at = x >> 1;
    const isLeft = (x & 1) === 0;
    const own = plane[from + at] as number;
    const other = isLeft ? at - 1 : at + 1;
    line[x] = other < 0 || other >= count ? own : (own * 3 + (plane[from + other] as number) + (isLeft ? 1 : 2)) >> 2;
  }
}

function widenBoth(plane: Uint8Array, from: number, beside: number, count: number, line: Uint8Array): void {
  const sum = (at: number) => (plane[from + at] as number) * 3 + (plane[beside + at] as number);
  for (let x = 0; x < line.length; x++) {
    const at = x >> 1;
    const isLeft = (x & 1) === 0;
    const other = isLeft ? at - 1 : at + 1;
    const round = isLeft ? 8 : 7;
    line[x] = other < 0 || other >= count ? (sum(at) * 4 + round) >> 4 : (sum(at) * 3 + sum(other) + round) >> 4;
  }
}

function mixRows(plane: Uint8Array, from: number, beside: number, line: Uint8Array, round: number): void {
  for (let x = 0; x < line.length; x++)
    line[x] = ((plane[from + x] as number) * 3 + (plane[beside + x] as number) + round) >> 2;
}

const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

/** The first three planes from YCbCr to RGB, in place; libjpeg's 16-bit fixed point. */
export function yccToRgb([luma, cb, cr]: readonly Uint8Array[]): void {
  if (!luma || !cb || !cr) return;
  for (let i = 0; i < luma.length; i++) {
    const y = luma[i] as number;
    const b = (cb[i] as number) - 128;
    const r = (cr[i] as number) - 128;
    luma[i] = clamp(y + ((91_881 * r + 32_768) >> 16));
    cb[i] = clamp(y + ((-22_554 * b - 46_802 * r + 32_768) >> 16));
    cr[i] = clamp(y + ((116_130 * b + 32_768) >> 16));
  }
}
