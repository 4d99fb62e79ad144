import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { readOnGrid } from '../../pipeline/raster/on-grid.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';
import { pixelFile, plainBand } from '../support/pixel-file.ts';

const [width, height] = [180, 160];
const data = Float32Array.from({ length: width * height }, (_, i) => ((i * 2654435761) % 10007) - 50);
const file = pixelFile({ width, height, data });
const source: Grid = { crs: crsFromEpsg(32651), affine: [10, 0, 300000, 0, -10, 3400000], width, height };
const grids: readonly Grid[] = [
  { ...source, affine: [10, 0, 299900, 0, -10, 3400050] },
  { ...source, affine: [7.3, 0, 299900.7, 0, -9.1, 3400050.2] },
  { ...source, affine: [8, 3, 299900.7, 3, -8, 3400050.2] },
  { ...source, affine: [31, 0, 299900.7, 0, -27, 3400050.2] },
  { crs: crsFromEpsg(4326), affine: [0.0001, 0, 120.908, 0, -0.0001, 30.718], width, height },
  { crs: crsFromEpsg(3857), affine: [25, 0, 13459400, 0, -25, 3595900] as Affine, width, height },
];

it('reads the same bits in any window: a split window equals the whole, and no pixel depends on where its tile starts', async () => {
  const bands = [plainBand(0, { dtype: 'float32', nodata: -50 })];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...grids),
      fc.record({
        col: fc.integer({ min: -80, max: 150 }),
        row: fc.integer({ min: -80, max: 150 }),
        width: fc.integer({ min: 1, max: 120 }),
        height: fc.integer({ min: 1, max: 120 }),
      }),
      fc.constantFrom({ col: 0, row: 0 }, { col: 0.37, row: -1.21 }),
      async (grid, window, shiftPx) => {
        const whole = { col: -100, row: -100, width: 400, height: 400 };
        const options = { files: [file], fileGrids: [source], bands, grid, shiftPx };
        const [large, small] = await Promise.all([
          readOnGrid({ ...options, window: whole }),
          readOnGrid({ ...options, window }),
        ]);
        const cut = new Float32Array(window.width * window.height);
        for (let r = 0; r < window.height; r++) {
          const from = (window.row + r + 100) * 400 + window.col + 100;
          cut.set(large.data.subarray(from, from + window.width), r * window.width);
        }
        expect(Buffer.from(small.data.buffer).equals(Buffer.from(cut.buffer))).toBe(true);
        return large.data.some((value) => !Number.isNaN(value));
      },
    ),
    { seed: 20261123, numRuns: 60 },
  );
});
