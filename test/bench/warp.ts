import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { readOnGrid } from '../../pipeline/raster/on-grid.ts';
import type { Affine, Grid } from '../../pipeline/types.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { pixelFile, plainBand } from '../support/pixel-file.ts';

const sidePx = 2048;
const bandCount = 4;
const rounds = 4;
const source: Grid = {
  crs: crsFromEpsg(32651),
  affine: [10, 0, 300000, 0, -10, 3400000],
  width: 2400,
  height: 2400,
};
const gridOf = (epsg: number, affine: Affine): Grid => ({
  crs: crsFromEpsg(epsg),
  affine,
  width: sidePx,
  height: sidePx,
});
const degrees = gridOf(4326, [0.0000965, 0, 120.93, 0, -0.0000965, 30.7]);

/** Millions of output samples (pixels times bands) a second, one core, pixels already in memory. */
export interface WarpFigures {
  /** the file is on the grid itself */
  readonly copy: number;
  /** same system, shifted by a part of a pixel */
  readonly shifted: number;
  /** UTM to degrees, bilinear */
  readonly warped: number;
  /** the same by GDAL (exact transformer replaced by its usual 0.125 px approximation); null: python3-gdal is absent */
  readonly gdalWarped: number | null;
  readonly ratio: number | null;
}

const gdalProgram = `
import time
import numpy as np
def dataset(side, affine, epsg, kind):
    ds = gdal.GetDriverByName('MEM').Create('', side, side, 4, kind)
    a = affine; ds.SetGeoTransform([a[2], a[0], a[1], a[5], a[3], a[4]])
    s = osr.SpatialReference(); s.ImportFromEPSG(epsg); ds.SetProjection(s.ExportToWkt())
    return ds
src = dataset(2400, given['source'], 32651, gdal.GDT_UInt16)
for b in range(4): src.GetRasterBand(b + 1).WriteArray((np.arange(2400 * 2400, dtype=np.uint32) * 2654435761 >> 16 & 0x3fff).astype(np.uint16).reshape(2400, 2400))
best = 1e9
for _ in range(given['rounds']):
    dst = dataset(2048, given['grid'], 4326, gdal.GDT_Float32)
    t = time.perf_counter()
    gdal.Warp(dst, src, resampleAlg='bilinear', multithread=False)
    best = min(best, time.perf_counter() - t)
print(json.dumps(best))
`;

/** Speed of bringing 4 bands of uint16 onto a grid as float32 reflectance, beside GDAL's warper, best of four. */
export async function benchWarp(): Promise<WarpFigures> {
  const count = bandCount * source.width * source.height;
  const data = new Uint16Array(count).map((_, i) => (Math.imul(i, 0x9e37_79b1) >>> 16) & 0x3fff);
  const file = pixelFile({ width: source.width, height: source.height, data });
  const bands = Array.from({ length: bandCount }, (_, i) => plainBand(i, { scale: 1e-4 }));
  const samples = (bandCount * sidePx * sidePx) / 1e6;
  const speedOn = async (grid: Grid) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      const window = { col: 0, row: 0, width: sidePx, height: sidePx };
      await readOnGrid({ files: [file], fileGrids: [source], bands, grid, window });
      best = Math.min(best, (performance.now() - start) / 1000);
    }
    return samples / best;
  };
  const copy = await speedOn(gridOf(32651, source.affine));
  const shifted = await speedOn(gridOf(32651, [10, 0, 300003, 0, -10, 3400000 - 4]));
  const warped = await speedOn(degrees);
  if (!hasGdalPython) return { copy, shifted, warped, gdalWarped: null, ratio: null };
  const gdalWarped =
    samples / (runGdalPython(gdalProgram, { source: source.affine, grid: degrees.affine, rounds }) as number);
  return { copy, shifted, warped, gdalWarped, ratio: warped / gdalWarped };
}

if (process.argv[1]?.endsWith('bench/warp.ts')) process.stdout.write(`${JSON.stringify(await benchWarp())}\n`);
