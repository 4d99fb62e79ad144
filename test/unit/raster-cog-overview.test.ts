import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halveRaster } from '../../pipeline/raster/cog-overview.ts';
import { metadataXml } from '../../pipeline/raster/cog-metadata.ts';

const uint8 = (width: number, values: number[]) => ({
  data: Uint8Array.from(values),
  width,
  height: values.length / width,
  bands: 1,
});

describe('halving', () => {
  test('mode takes the most frequent seen value, ties to the lowest code', () => {
    const source = uint8(8, [3, 3, 255, 7, 5, 2, 255, 255, 3, 1, 255, 255, 2, 5, 255, 255]);
    expect([...halveRaster(source, 'mode', 255).data]).toEqual([3, 7, 2, 255]);
  });

  test('average skips nodata and rounds halves up', () => {
    expect([...halveRaster(uint8(4, [1, 2, 255, 10, 1, 2, 255, 255]), 'average', 255).data]).toEqual([2, 10]);
    const floats = { data: Float32Array.from([1, Number.NaN, Number.NaN, Number.NaN]), width: 4, height: 1, bands: 1 };
    expect([...halveRaster(floats, 'average', null).data]).toEqual([1, Number.NaN]);
  });

  test('nearest takes the upper left of every band', () => {
    const source = { data: Uint16Array.from([1, 2, 3, 4, 500, 600, 700, 800]), width: 2, height: 2, bands: 2 };
    expect([...halveRaster(source, 'nearest', null).data]).toEqual([1, 500]);
  });

  test('the mode of a turned raster is the turned mode, and it is a value that was there', () => {
    const values = fc.array(fc.constantFrom(0, 1, 2, 255), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(values, ([a, b, c, d]) => {
        const upright = halveRaster(uint8(2, [a!, b!, c!, d!]), 'mode', 255).data[0]!;
        expect(halveRaster(uint8(2, [c!, a!, d!, b!]), 'mode', 255).data[0]).toBe(upright);
        expect([a, b, c, d]).toContain(upright);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

test('metadata without items has no tag, and a control character is refused', () => {
  expect(metadataXml({}, [null])).toBeNull();
  expect(() => metadataXml({ A: 'a\u0001' }, [])).toThrow('control character');
});
