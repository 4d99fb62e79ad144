import { describe, expect, it } from 'vitest';

import { AppError } from '../../pipeline/errors.ts';
import { applyAffine, invertAffine } from '../../pipeline/geo/affine.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { readOnGrid } from '../../pipeline/raster/on-grid.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';
import { pixelFile, plainBand } from '../support/pixel-file.ts';

const utm = crsFromEpsg(32651);
const gridOf = (affine: Affine, width: number, height: number, crs = utm): Grid => ({ crs, affine, width, height });
const base = gridOf([10, 0, 300000, 0, -10, 3400000], 40, 30);
const all = (grid: Grid) => ({ col: 0, row: 0, width: grid.width, height: grid.height });
const ramp = (width: number, height: number, f: (col: number, row: number) => number) =>
  new Float32Array(width * height).map((_, i) => f(i % width, Math.floor(i / width)));
const wave = (x: number, y: number) => Math.sin(x / 15) * Math.cos(y / 11);
const float = { dtype: 'float32' } as const;

describe('a file on the grid itself', () => {
  const data = Uint16Array.from({ length: 2 * 40 * 30 }, (_, i) => (i * 7919) % 10000);
  const file = pixelFile({ width: 40, height: 30, data });

  it('is copied exactly, scaled, band by band in the order asked for', async () => {
    const bands = [plainBand(1, { scale: 1e-4, offset: -0.1 }), plainBand(0)];
    const { data: out, bands: count } = await readOnGrid({
      files: [file],
      fileGrids: [base],
      bands,
      grid: base,
      window: all(base),
    });
    expect(count).toBe(2);
    expect(out.subarray(0, 1200)).toEqual(Float32Array.from(data.subarray(1200), (dn) => dn * 1e-4 - 0.1));
    expect(out.subarray(1200)).toEqual(Float32Array.from(data.subarray(0, 1200)));
  });

  it('is NaN where the window reaches outside, and the file is never asked for what it has not', async () => {
    const window = { col: -3, row: 28, width: 50, height: 5 };
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [base],
      bands: [plainBand(0)],
      grid: base,
      window,
    });
    for (let r = 0; r < 5; r++) {
      for (let c = 0; c < 50; c++) {
        const isInside = c >= 3 && c < 43 && r < 2;
        expect(out[r * 50 + c]).toBe(isInside ? data[(28 + r) * 40 + c - 3] : Number.NaN);
      }
    }
    const beyond = { col: 400, row: 400, width: 4, height: 4 };
    const far = await readOnGrid({
      files: [file],
      fileGrids: [base],
      bands: [plainBand(0)],
      grid: base,
      window: beyond,
    });
    expect(far.data.every(Number.isNaN)).toBe(true);
  });

  it('is still copied when the geotransform was rounded in writing', async () => {
    const rounded = gridOf([10.0000000001, 0, 300000.0001, 0, -10, 3400000], 40, 30);
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [rounded],
      bands: [plainBand(0)],
      grid: base,
      window: all(base),
    });
    expect(out).toEqual(Float32Array.from(data.subarray(0, 1200)));
  });
});

describe('what has no value', () => {
  it('is NaN: nodata by band, float32 nodata as rounded in the file, infinities and the mask', async () => {
    const grid = gridOf(base.affine, 5, 1);
    const mask = Uint8Array.from([1, 1, 1, 1, 0]);
    const file = pixelFile({
      width: 5,
      height: 1,
      data: Float32Array.from([-3.4028235e38, Infinity, 0, NaN, 5]),
      mask,
    });
    const read = async (nodata: number | null) => [
      ...(
        await readOnGrid({
          files: [file],
          fileGrids: [grid],
          bands: [plainBand(0, { ...float, nodata })],
          grid,
          window: all(grid),
        })
      ).data,
    ];
    expect(await read(-3.402823466e38)).toEqual([NaN, NaN, 0, NaN, NaN]);
    expect(await read(0)).toEqual([Math.fround(-3.4028235e38), NaN, NaN, NaN, NaN]);
  });

  it('spreads to no neighbour: beside it the other weights are stretched, and its own pixel stays empty', async () => {
    const grid = gridOf(base.affine, 6, 1);
    const file = pixelFile({ width: 6, height: 1, data: Float32Array.from([10, 20, -9, 40, 50, 60]) });
    const bands = [plainBand(0, { ...float, nodata: -9 })];
    const read = async (col: number) => [
      ...(
        await readOnGrid({ files: [file], fileGrids: [grid], bands, grid, window: all(grid), shiftPx: { col, row: 0 } })
      ).data,
    ];
    expect(await read(0.25)).toEqual([12.5, 20, NaN, 42.5, 52.5, 60]);
    expect(await read(-0.25)).toEqual([10, 17.5, NaN, 40, 47.5, 57.5]);
  });
});

describe('a shift', () => {
  const data = ramp(40, 30, (col, row) => 3 * col + 100 * row);
  const file = pixelFile({ width: 40, height: 30, data });
  const read = (shiftPx: { col: number; row: number }) =>
    readOnGrid({
      files: [file],
      fileGrids: [base],
      bands: [plainBand(0, float)],
      grid: base,
      window: all(base),
      shiftPx,
    });

  it('of whole pixels copies: the output at p is the scene at p + shift', async () => {
    const { data: out } = await read({ col: 2, row: -1 });
    expect(out[5 * 40 + 7]).toBe(data[4 * 40 + 9]);
    expect(out[3]).toBeNaN();
  });

  it('of a part of a pixel interpolates at p + shift', async () => {
    const { data: out } = await read({ col: 0.3, row: -0.6 });
    expect(out[5 * 40 + 7]).toBeCloseTo(3 * 7.3 + 100 * 4.4, 3);
  });
});

describe('a finer or coarser file of the scene', () => {
  it('of 20 m under a 10 m grid is interpolated between its pixel centres', async () => {
    const coarse = gridOf([20, 0, 300000, 0, -20, 3400000], 20, 15);
    const fine = pixelFile({ width: 40, height: 30, data: ramp(40, 30, (col, row) => 1000 + col + row) });
    const file = pixelFile({ width: 20, height: 15, data: ramp(20, 15, (col, row) => 10 * col + row) });
    const bands = [plainBand(0, { ...float, file: 1, name: 'swir16' }), plainBand(0, float)];
    const { data: out } = await readOnGrid({
      files: [fine, file],
      fileGrids: [base, coarse],
      bands,
      grid: base,
      window: all(base),
    });
    expect(out[9 * 40 + 9]).toBeCloseTo(10 * 4.25 + 4.25, 3);
    expect(out[1200 + 9 * 40 + 9]).toBe(1018);
  });

  it('that is finer is averaged, so that a pattern of single pixels does not alias', async () => {
    const fineGrid = gridOf([1, 0, 300000, 0, -1, 3400000], 400, 300);
    const data = ramp(400, 300, (col, row) => ((col + row) % 2 === 0 ? 0 : 100));
    const file = pixelFile({ width: 400, height: 300, data });
    const grid = gridOf([10.3, 0, 300000, 0, -10.3, 3400000], 38, 29);
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [fineGrid],
      bands: [plainBand(0, float)],
      grid,
      window: all(grid),
    });
    for (const value of out) expect(Math.abs(value - 50)).toBeLessThan(1.5);
  });

  it('keeps classes as they are: nearest for scl, whatever the reflectance bands do', async () => {
    const fineGrid = gridOf([4, 0, 300000, 0, -4, 3400000], 100, 75);
    const data = ramp(100, 75, (col) => (col % 2 === 0 ? 3 : 9));
    const file = pixelFile({ width: 100, height: 75, data });
    const bands = [plainBand(0, { ...float, name: 'scl' }), plainBand(0, float)];
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [fineGrid],
      bands,
      grid: base,
      window: all(base),
    });
    expect(new Set(out.subarray(0, 1200))).toEqual(new Set([3, 9]));
    expect(out.subarray(1200).some((value) => value > 3 && value < 9)).toBe(true);
    const nearest = await readOnGrid({
      files: [file],
      fileGrids: [fineGrid],
      bands,
      grid: base,
      window: all(base),
      resampling: 'nearest',
    });
    expect(nearest.data.subarray(1200)).toEqual(nearest.data.subarray(0, 1200));
  });
});

describe('a warp between coordinate systems', () => {
  const source = gridOf([10, 0, 300000, 0, -10, 3400000], 600, 500);
  const inverse = invertAffine(source.affine);
  const target = gridOf([0.0001, 0, 120.915, 0, -0.0001, 30.71], 620, 480, crsFromEpsg(4490));
  const project = projector(target.crs, source.crs);
  const exact = (col: number, row: number) =>
    applyAffine(inverse, ...project(...applyAffine(target.affine, col + 0.5, row + 0.5)));

  it('samples within 0.03 px of the exact position', async () => {
    const data = new Float32Array(2 * 600 * 500);
    data.set(ramp(600, 500, (col) => col + 0.5));
    data.set(
      ramp(600, 500, (_, row) => row + 0.5),
      600 * 500,
    );
    const file = pixelFile({ width: 600, height: 500, data });
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [source],
      bands: [plainBand(0, float), plainBand(1, float)],
      grid: target,
      window: all(target),
    });
    let [worst, seen] = [0, 0];
    for (let i = 0; i < 620 * 480; i++) {
      const [u, v] = exact(i % 620, Math.floor(i / 620));
      const isInner = u > 1 && v > 1 && u < 599 && v < 499;
      if (isInner) worst = Math.max(worst, Math.hypot(out[i]! - u, out[620 * 480 + i]! - v));
      if (u < 0 || v < 0 || u >= 600 || v >= 500) expect(out[i]).toBeNaN();
      seen += Number(isInner);
    }
    expect(seen).toBeGreaterThan(200_000);
    expect(worst).toBeLessThan(0.03);
  });

  it('returns a smooth picture within its curvature', async () => {
    const file = pixelFile({ width: 600, height: 500, data: ramp(600, 500, (col, row) => wave(col + 0.5, row + 0.5)) });
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [source],
      bands: [plainBand(0, float)],
      grid: target,
      window: all(target),
    });
    for (let i = 0; i < out.length; i += 97) {
      const [u, v] = exact(i % 620, Math.floor(i / 620));
      if (u > 1 && v > 1 && u < 599 && v < 499)
        expect(Math.abs(out[i]! - wave(u, v))).toBeLessThan((1 / 225 + 1 / 121) / 8 + 0.001);
    }
  });
});

it('refuses a band of a file that was not given', async () => {
  await expect(
    readOnGrid({ files: [], fileGrids: [], bands: [plainBand(0)], grid: base, window: all(base) }),
  ).rejects.toThrow(AppError);
});
