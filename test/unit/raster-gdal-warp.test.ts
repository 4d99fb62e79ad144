import { describe, expect, it } from 'vitest';

import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { readOnGrid } from '../../pipeline/raster/on-grid.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { pixelFile, plainBand } from '../support/pixel-file.ts';

const program = `
import numpy as np
def dataset(grid, array):
    h, w = grid['height'], grid['width']
    ds = gdal.GetDriverByName('MEM').Create('', w, h, 1, gdal.GDT_Float32)
    a = grid['affine']; ds.SetGeoTransform([a[2], a[0], a[1], a[5], a[3], a[4]])
    s = osr.SpatialReference(); s.ImportFromEPSG(grid['crs']['epsg']); ds.SetProjection(s.ExportToWkt())
    ds.GetRasterBand(1).WriteArray(array); ds.GetRasterBand(1).SetNoDataValue(-1)
    return ds
s = given['source']
source = dataset(s, np.array(given['data'], dtype=np.float32).reshape(s['height'], s['width']))
g = given['grid']
target = dataset(g, np.full((g['height'], g['width']), -1, dtype=np.float32))
gdal.Warp(target, source, resampleAlg=given['how'], errorThreshold=0)
print(json.dumps(target.GetRasterBand(1).ReadAsArray().ravel().tolist()))`;

const [width, height] = [220, 180];
const data = Float32Array.from({ length: width * height }, (_, i) => (i * 2654435761) % 1009);
const file = pixelFile({ width, height, data });
const source: Grid = { crs: crsFromEpsg(32651), affine: [10, 0, 300000, 0, -10, 3400000], width, height };
const degrees = crsFromEpsg(4490);

describe.skipIf(!hasGdalPython)('beside gdalwarp without approximation', () => {
  it.each([
    ['bilinear', 'bilinear', degrees, [0.0001, 0, 120.905, 0, -0.0001, 30.72] as Affine, 2],
    ['bilinear', 'bilinear', crsFromEpsg(4549), [9, 0, 586900, 0, -9, 3400500] as Affine, 2],
    ['nearest', 'near', degrees, [0.0001, 0, 120.905, 0, -0.0001, 30.72] as Affine, 0],
  ] as const)('%s takes the same values', async (resampling, how, crs, affine, toleranceDn) => {
    const grid: Grid = { crs, affine, width: 260, height: 220 };
    const expected = runGdalPython(program, { source, grid, data: [...data], how }) as number[];
    const { data: out } = await readOnGrid({
      files: [file],
      fileGrids: [source],
      bands: [plainBand(0, { dtype: 'float32' })],
      grid,
      window: { col: 0, row: 0, width: 260, height: 220 },
      resampling,
    });
    const differs = (i: number) => Math.abs(out[i]! - expected[i]!) > toleranceDn;
    const empty = (i: number) => Number.isNaN(out[i]!) !== (expected[i] === -1);
    const indices = [...out.keys()];
    expect(indices.filter((i) => expected[i] !== -1).length).toBeGreaterThan(30_000);
    expect(indices.filter(empty).length).toBeLessThanOrEqual(2);
    // nearest: a centre within 1e-4 px of the border between two pixels may fall either way
    const wrong = indices.filter((i) => expected[i] !== -1 && differs(i)).length;
    expect(wrong).toBeLessThanOrEqual(resampling === 'nearest' ? 5e-4 * indices.length : 0);
  });

  it('shrinks with the same tent', async () => {
    const grid: Grid = { crs: source.crs, affine: [40, 0, 300000, 0, -40, 3400000], width: 55, height: 45 };
    const expected = runGdalPython(program, { source, grid, data: [...data], how: 'bilinear' }) as number[];
    const window = { col: 0, row: 0, width: 55, height: 45 };
    const bands = [plainBand(0, { dtype: 'float32' })];
    const { data: out } = await readOnGrid({ files: [file], fileGrids: [source], bands, grid, window });
    expect(Math.max(...out.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(0.01);
  });
});
