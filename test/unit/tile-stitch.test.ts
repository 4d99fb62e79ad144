import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planChunks } from '../../pipeline/tile/plan.ts';
import { stitchRows, type StitchOptions } from '../../pipeline/tile/stitch.ts';
import type { Raster, Window } from '../../pipeline/types.ts';

function numbered(width: number, height: number, bands: number): Raster<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * bands }, (_, at) => Math.imul(at + 1, 0x9e37_79b1) >>> 24);
  return { data, width, height, bands };
}

function cut(raster: Raster<Uint8Array>, { col, row, width, height }: Window): Raster<Uint8Array> {
  const lines = Array.from({ length: raster.bands * height }, (_, line) => {
    const from = (Math.floor(line / height) * raster.height + row + (line % height)) * raster.width + col;
    return [...raster.data.subarray(from, from + width)];
  });
  return { data: Uint8Array.from(lines.flat()), width, height, bands: raster.bands };
}

async function collect(options: StitchOptions): Promise<Uint8Array> {
  const { width, height } = options.size;
  const whole = new Uint8Array(width * height * options.bands);
  for await (const { row, rowCount, raster } of stitchRows(options))
    for (let band = 0; band < options.bands; band++)
      whole.set(
        raster.data.subarray(band * rowCount * width, (band + 1) * rowCount * width),
        (band * height + row) * width,
      );
  return whole;
}

const tenByTen: StitchOptions['get'] = async () => numbered(10, 10, 1);

describe('stitching', () => {
  test('gives back what was cut, whatever the plan and its origin', async () => {
    const plans = fc.record({
      width: fc.integer({ min: 1, max: 70 }),
      height: fc.integer({ min: 1, max: 70 }),
      bands: fc.integer({ min: 1, max: 3 }),
      tilePx: fc.integer({ min: 12, max: 40 }),
      haloPx: fc.integer({ min: 0, max: 4 }),
      chunkPx: fc.integer({ min: 4, max: 60 }),
      originPx: fc.integer({ min: 0, max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(plans, async ({ width, height, bands, ...options }) => {
        const raster = numbered(width, height, bands);
        const chunks = planChunks({ width, height }, options);
        const whole = await collect({
          size: { width, height },
          bands,
          chunks,
          get: async ({ keep }) => cut(raster, keep),
        });
        expect(Buffer.compare(whole, raster.data)).toBe(0);
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  const size = { width: 20, height: 20 };
  const chunks = planChunks(size, { tilePx: 10, haloPx: 0, chunkPx: 10 });

  test('a chunk that failed is unobserved, and only that', async () => {
    const raster = { ...numbered(20, 20, 2), data: new Uint8Array(800).fill(3) };
    const get: StitchOptions['get'] = async ({ index, keep }) => (index === 1 ? null : cut(raster, keep));
    const whole = await collect({ size, bands: 2, chunks, get });
    expect(whole.filter((value) => value === 255)).toHaveLength(200);
    expect([whole[9], whole[10], whole[19], whole[200], whole[410]]).toEqual([3, 255, 255, 3, 255]);
  });

  test('a plan with a hole and a raster of the wrong size are refused', async () => {
    await expect(collect({ size, bands: 1, chunks: chunks.slice(0, 3), get: tenByTen })).rejects.toMatchObject({
      code: 'BUG',
    });
    await expect(collect({ size, bands: 1, chunks: chunks.slice(0, 2), get: tenByTen })).rejects.toMatchObject({
      code: 'BUG',
    });
    await expect(collect({ size, bands: 2, chunks, get: tenByTen })).rejects.toMatchObject({ code: 'BUG' });
  });
});
