import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleFile, sampleWindows } from '../../pipeline/scene/sample.ts';
import type { Window } from '../../pipeline/types.ts';
import { fileOf } from '../support/scene-file.ts';

const reader =
  (value: (col: number, row: number) => number, seen: Window[] = []) =>
  (window: Window) => {
    seen.push(window);
    const data = Float32Array.from({ length: window.width * window.height }, (_, i) =>
      value(window.col + (i % window.width), window.row + Math.floor(i / window.width)),
    );
    return Promise.resolve({ data, width: window.width, height: window.height, bands: 1 });
  };

describe('sample of a file', () => {
  it('stays inside the file, touches both ends of it and reads a bounded number of pixels', () => {
    const side = integer({ min: 1, max: 200_000 });
    assert(
      property(side, side, (width, height) => {
        const { windows, isWhole } = sampleWindows(width, height);
        const px = windows.reduce((sum, window) => sum + window.width * window.height, 0);
        expect(
          windows.every(
            ({ col, row, width: w, height: h }) =>
              col >= 0 && row >= 0 && w > 0 && h > 0 && col + w <= width && row + h <= height,
          ),
        ).toBe(true);
        expect(windows[0]).toMatchObject({ col: 0, row: 0 });
        expect(
          windows.some((window) => window.col + window.width === width && window.row + window.height === height),
        ).toBe(true);
        expect(px).toBeLessThanOrEqual(2_000_000);
        if (isWhole) expect(px).toBe(width * height);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('counts valid, missing, NaN and masked values, nodata in the precision of the file', async () => {
    const missing = -3.4028234663852886e38;
    const file = fileOf('/x/a.tif', [{ dtype: 'float32' }], {
      width: 4,
      height: 2,
      hasMask: true,
      readWindow: reader((col) => [0.5, Number.NaN, missing, 9][col] ?? 0),
      readMask: (window) =>
        Promise.resolve(Uint8Array.from({ length: window.width * window.height }, (_, i) => (i < 4 ? 1 : 0))),
    });
    expect(await sampleFile(file, [-3.4028234663852886e38], true)).toEqual({
      isWhole: true,
      bands: [{ pixels: 8, valid: 2, nan: 2, unitFraction: 0.5 }],
    });
    expect((await sampleFile(file, [null], false)).bands[0]).toMatchObject({ valid: 6 });
  });

  it('looks at 25 windows of a large file', async () => {
    const seen: Window[] = [];
    const file = fileOf('/x/a.tif', [{}], { width: 30_000, height: 30_000, readWindow: reader(() => 1, seen) });
    expect((await sampleFile(file, [1], false)).isWhole).toBe(false);
    expect(seen).toHaveLength(25);
  });
});
