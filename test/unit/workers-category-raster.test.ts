import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCategoryPainter } from '../../workers/compute/category-raster.ts';
import { fileSpools } from '../../workers/images/file-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-category-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('openCategoryPainter', () => {
  it('paints runs that came in any order, however the rows are cut', async () => {
    const [width, height] = [40, 700];
    const painter = openCategoryPainter(fileSpools(folder));
    const expected = new Uint8Array(width * height).fill(9);
    const add = async (row: number, from: number, to: number, code: number) => {
      await painter.add(Int32Array.of(row, from, to), code);
      expected.fill(code, row * width + from, row * width + to);
    };
    await add(699, 38, 40, 5);
    await add(255, 0, 40, 1);
    await add(256, 5, 6, 1);
    // more than one buffer of one strip
    for (let row = 257; row < 500; row++)
      for (let col = 0; col < 40; col++) await add(row, col, col + 1, 1 + (col % 3));
    const plane = new Uint8Array(width * height).fill(9);
    let row = 0;
    for (const rowCount of [300, 1, 256, 143]) {
      await painter.paint(plane.subarray(row * width, (row + rowCount) * width), { row, rowCount, width });
      row += rowCount;
    }
    await painter.close();
    expect(Buffer.from(plane).equals(Buffer.from(expected))).toBe(true);
  });
});
