import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCategoryPainter } from '../../workers/compute/category-raster.ts';
import { fileSpools, openFileSink } from '../../workers/images/file-sink.ts';
import { readOutputRaster } from '../support/run-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-category-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* rowsOf(change: Uint8Array, width: number, heights: readonly number[]) {
  let row = 0;
  for (const height of heights) {
    yield { data: change.subarray(row * width, (row + height) * width), height };
    row += height;
  }
}

describe('openCategoryPainter', () => {
  it('puts runs that come in any order under the unseen and over the rest, however the rows are cut', async () => {
    const [width, height] = [40, 700];
    const change = new Uint8Array(width * height).fill(7);
    change.fill(255, 100 * width, 100 * width + 3);
    const painter = openCategoryPainter(fileSpools(join(folder, 'scratch')));
    await painter.add(Int32Array.of(699, 38, 40), 5);
    await painter.add(Int32Array.of(255, 0, 40, 256, 5, 6), 1);
    // more than one buffer of one strip
    for (let row = 257; row < 500; row++)
      for (let col = 0; col < 40; col += 2) await painter.add(Int32Array.of(row, col, col + 1), 2);
    const path = join(folder, 'category.tif');
    const sink = await openFileSink(path);
    const cog = { width, height, crs: null, affine: null, nodata: 255 };
    await painter.write(cog, rowsOf(change, width, [300, 1, 256, 143]), sink);
    await sink.publish();
    await painter.close();

    const { samples } = await readOutputRaster(path);
    const expected = new Uint8Array(width * height);
    expected.fill(255, 100 * width, 100 * width + 3);
    expected.fill(5, 699 * width + 38);
    expected.fill(1, 255 * width, 256 * width);
    expected[256 * width + 5] = 1;
    for (let row = 257; row < 500; row++) for (let col = 0; col < 40; col += 2) expected[row * width + col] = 2;
    expect(Buffer.from(samples as Uint8Array).equals(Buffer.from(expected))).toBe(true);
  });
});
