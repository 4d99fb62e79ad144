import type { Raster } from '../types.ts';
import type { Scale } from './placement.ts';
import type { Positions } from './positions.ts';

/** A rectangle of a source as reflectance, NaN where it is not valid; (col, row) is its corner in the source (px). */
export interface Patch extends Raster<Float32Array> {
  readonly col: number;
  readonly row: number;
}

/**
 * Takes every band of a patch at the positions, into `out` as `[band][position]`. NaN stands for "no value".
 * The loops are plain because they run once a pixel: test/bench/warp.ts has their figures.
 */
export type Sampler = (patch: Patch, positions: Positions, out: Float32Array) => void;

/** From this many source pixels a grid pixel on, single neighbours would alias: an average is taken instead. */
const averageFrom = 1.5;

/** The value of the pixel that holds the position. */
export const sampleNearest: Sampler = (patch, { u, v }, out) => {
  const { data, width, height, bands } = patch;
  const [count, stride] = [u.length, width * height];
  for (let i = 0; i < count; i++) {
    const col = Math.floor(u[i] as number) - patch.col;
    const row = Math.floor(v[i] as number) - patch.row;
    const isInside = col >= 0 && row >= 0 && col < width && row < height;
    let at = row * width + col;
    for (let to = i, band = 0; band < bands; band++, to += count, at += stride)
      out[to] = isInside ? (data[at] as number) : Number.NaN;
  }
};

/**
 * Bilinear between the four nearest pixel centres. Beside pixels without a value the weights of the others are
 * stretched to 1, as long as the pixel that holds the position has one; else NaN: the valid area neither grows nor shrinks.
 */
export const sampleBilinear: Sampler = (patch, { u, v }, out) => {
  const { data, width, height, bands } = patch;
  const [count, stride] = [u.length, width * height];
  for (let i = 0; i < count; i++) {
    const x = (u[i] as number) - 0.5;
    const y = (v[i] as number) - 0.5;
    const left = Math.floor(x);
    const top = Math.floor(y);
    const fx = x - left;
    const fy = y - top;
    const col = left - patch.col;
    const row = top - patch.row;
    const isInner = col >= 0 && row >= 0 && col < width - 1 && row < height - 1;
    const isNear = col >= -1 && row >= -1 && col < width && row < height;
    let at = row * width + col;
    for (let to = i, band = 0; band < bands; band++, to += count, at += stride) {
      let value = Number.NaN;
      if (isInner) {
        const above = (data[at] as number) * (1 - fx) + (data[at + 1] as number) * fx;
        const below = (data[at + width] as number) * (1 - fx) + (data[at + width + 1] as number) * fx;
        value = above * (1 - fy) + below * fy;
      }
      if (value !== value && isNear) value = bilinearOfValid(patch, band, col, row, fx, fy);
      out[to] = value;
    }
  }
};

function bilinearOfValid(
  { data, width, height }: Patch,
  band: number,
  col: number,
  row: number,
  fx: number,
  fy: number,
): number {
  let sum = 0;
  let weights = 0;
  let nearest = Number.NaN;
  for (let k = 0; k < 4; k++) {
    const dc = k & 1;
    const dr = k >> 1;
    const c = col + dc;
    const r = row + dr;
    const isInside = c >= 0 && r >= 0 && c < width && r < height;
    const value = isInside ? (data[(band * height + r) * width + c] as number) : Number.NaN;
    if (dc === Number(fx >= 0.5) && dr === Number(fy >= 0.5)) nearest = value;
    if (value !== value) continue;
    const weight = (dc === 1 ? fx : 1 - fx) * (dr === 1 ? fy : 1 - fy);
    sum += weight * value;
    weights += weight;
  }
  return nearest === nearest ? sum / weights : Number.NaN;
}

/**
 * A tent as wide as two grid pixels over a finer source (what GDAL's bilinear does when it shrinks), separable along the
 * source's axes. NaN where less than half of the weight has a value.
 */
export function averageSampler(scale: Scale): Sampler {
  const reachCol = Math.max(1, scale.col);
  const reachRow = Math.max(1, scale.row);
  return (patch, { u, v }, out) => {
    const { data, width, height, bands } = patch;
    const [count, stride] = [u.length, width * height];
    const weights = new Float64Array(2 * Math.ceil(reachCol) + 2);
    for (let i = 0; i < count; i++) {
      const x = (u[i] as number) - 0.5 - patch.col;
      const y = (v[i] as number) - 0.5 - patch.row;
      const colFrom = Math.floor(x - reachCol) + 1;
      const colTo = Math.ceil(x + reachCol);
      const rowFrom = Math.floor(y - reachRow) + 1;
      const rowTo = Math.ceil(y + reachRow);
      let colTotal = 0;
      for (let c = colFrom; c < colTo; c++) {
        const weight = c < x ? 1 - (x - c) / reachCol : 1 - (c - x) / reachCol;
        weights[c - colFrom] = weight;
        colTotal += weight;
      }
      const cFrom = colFrom < 0 ? 0 : colFrom;
      const cTo = colTo > width ? width : colTo;
      for (let to = i, band = 0; band < bands; band++, to += count) {
        let sum = 0;
        let seen = 0;
        let rowTotal = 0;
        for (let r = rowFrom; r < rowTo; r++) {
          const weightRow = r < y ? 1 - (y - r) / reachRow : 1 - (r - y) / reachRow;
          rowTotal += weightRow;
          if (r < 0 || r >= height) continue;
          const offset = band * stride + r * width;
          let rowSum = 0;
          let rowSeen = 0;
          for (let c = cFrom; c < cTo; c++) {
            const value = data[offset + c] as number;
            if (value !== value) continue;
            const weight = weights[c - colFrom] as number;
            rowSum += weight * value;
            rowSeen += weight;
          }
          sum += weightRow * rowSum;
          seen += weightRow * rowSeen;
        }
        out[to] = seen > 0 && seen >= 0.5 * colTotal * rowTotal ? sum / seen : Number.NaN;
      }
    }
  };
}

/** The way to take reflectance from a source of this scale, and how far (source px) it looks around a position. */
export function reflectanceSampler(scale: Scale): { readonly sample: Sampler; readonly reachPx: number } {
  if (Math.max(scale.col, scale.row) <= averageFrom) return { sample: sampleBilinear, reachPx: 1 };
  return { sample: averageSampler(scale), reachPx: Math.ceil(Math.max(scale.col, scale.row)) + 1 };
}
