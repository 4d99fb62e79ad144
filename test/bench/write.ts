import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import type { Crs } from '../../pipeline/types.ts';
import { fileSpools, openFileSink } from '../../workers/images/file-sink.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { cpuSeconds, madeClasses } from './landscape.ts';

const widthPx = 8192;
const heightPx = 8192;
const stripPx = 512;
const rounds = 3;
const crs: Crs = {
  epsg: 32651,
  definition: '+proj=utm +zone=51 +datum=WGS84 +units=m +no_defs',
  name: 'WGS 84 / UTM zone 51N',
  isGeographic: false,
};

export interface WriteFigures {
  readonly ourMpxPerS: number;
  /** null: python3-gdal is absent */
  readonly gdalMpxPerS: number | null;
  readonly ratio: number | null;
  readonly ourBytes: number;
  readonly gdalBytes: number | null;
  /** peak resident memory of this process, the source raster included */
  readonly rssMB: number;
}

async function writeOurs(pixels: Uint8Array, folder: string): Promise<{ seconds: number; bytes: number }> {
  const path = join(folder, 'ours.tif');
  const start = process.cpuUsage();
  // one tile at a time: one core works, as in GDAL without NUM_THREADS
  const writer = await openCogWriter({
    width: widthPx,
    height: heightPx,
    bands: 1,
    dtype: 'uint8',
    crs,
    affine: [10, 0, 3e5, 0, -10, 34e5],
    nodata: 255,
    overview: 'mode',
    concurrency: 1,
    spool: fileSpools(folder),
  });
  for (let row = 0; row < heightPx; row += stripPx)
    await writer.writeRows({
      data: pixels.subarray(row * widthPx, (row + stripPx) * widthPx),
      width: widthPx,
      height: stripPx,
      bands: 1,
    });
  const sink = await openFileSink(path);
  await writer.finish(sink);
  await sink.publish();
  return { seconds: cpuSeconds(start), bytes: statSync(path).size };
}

// GDAL's defaults: level 6 of libdeflate, nearest overviews (ours are mode), one thread
const gdalProgram = `
import os, time
import numpy as np
gdal.SetCacheMax(256 << 20)
a = np.fromfile(given['raw'], np.uint8).reshape(given['height'], given['width'])
mem = gdal.GetDriverByName('MEM').Create('', given['width'], given['height'], 1)
mem.SetGeoTransform([3e5, 10, 0, 34e5, 0, -10])
srs = osr.SpatialReference(); srs.ImportFromEPSG(32651); mem.SetProjection(srs.ExportToWkt())
mem.GetRasterBand(1).SetNoDataValue(255)
mem.GetRasterBand(1).WriteArray(a)
best = 1e9
for _ in range(given['rounds']):
    t = time.process_time()
    ds = gdal.GetDriverByName('COG').CreateCopy(given['path'], mem, options=['COMPRESS=DEFLATE', 'BLOCKSIZE=512', 'RESAMPLING=NEAREST', 'NUM_THREADS=1'])
    ds = None
    best = min(best, time.process_time() - t)
print(json.dumps(dict(seconds=best, bytes=os.path.getsize(given['path']))))
`;

/** Speed of writing a class raster as COG beside GDAL's COG driver, same pixels, best of three, per second of processor time: threads and other work on the machine do not count. */
export async function benchWrite(): Promise<WriteFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-write-'));
  try {
    const pixels = madeClasses(widthPx, heightPx, 24, 7);
    let ours = { seconds: Number.POSITIVE_INFINITY, bytes: 0 };
    for (let round = 0; round < rounds; round++) {
      const one = await writeOurs(pixels, folder);
      if (one.seconds < ours.seconds) ours = one;
    }
    const rssMB = Math.round(process.resourceUsage().maxRSS / 1024);
    const megapixels = (widthPx * heightPx) / 1e6;
    const ourMpxPerS = megapixels / ours.seconds;
    if (!hasGdalPython)
      return { ourMpxPerS, gdalMpxPerS: null, ratio: null, ourBytes: ours.bytes, gdalBytes: null, rssMB };
    const raw = join(folder, 'raw');
    writeFileSync(raw, pixels);
    const gdal = runGdalPython(gdalProgram, {
      raw,
      width: widthPx,
      height: heightPx,
      rounds,
      path: join(folder, 'gdal.tif'),
    }) as { seconds: number; bytes: number };
    const gdalMpxPerS = megapixels / gdal.seconds;
    return {
      ourMpxPerS,
      gdalMpxPerS,
      ratio: ourMpxPerS / gdalMpxPerS,
      ourBytes: ours.bytes,
      gdalBytes: gdal.bytes,
      rssMB,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1]?.endsWith('bench/write.ts')) process.stdout.write(`${JSON.stringify(await benchWrite())}\n`);
