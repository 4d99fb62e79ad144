import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromFile } from 'geotiff';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

const sidePx = 4096;
const bands = 4;
const rounds = 4;

export interface ReadFigures {
  readonly ourMpxPerS: number;
  /** null: python3-gdal is absent */
  readonly gdalMpxPerS: number | null;
  readonly readRastersMpxPerS: number;
  readonly ofGdal: number | null;
  readonly ofReadRasters: number;
  /** sum over all samples, the same for all readers */
  readonly checksum: number;
}

/** Reflectance-like texture: slow waves, field edges and sensor noise, pixel-interleaved. */
function madeTexture(): Uint16Array {
  const data = new Uint16Array(sidePx * sidePx * bands);
  let noise = 1;
  for (let row = 0, at = 0; row < sidePx; row++)
    for (let col = 0; col < sidePx; col++) {
      const field = ((col >> 5) * 7919 + (row >> 5) * 104_729) % 1200;
      const wave = 600 + 300 * Math.sin(col / 190) * Math.cos(row / 230);
      for (let b = 0; b < bands; b++, at++) {
        noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
        data[at] = wave + field * (0.5 + b / 3) + (noise >>> 26);
      }
    }
  return data;
}

const makeFile = `
import numpy as np
a = np.fromfile(given['raw'], 'uint16').reshape(given['side'], given['side'], given['bands'])
d = gdal.GetDriverByName('GTiff').Create(given['path'], given['side'], given['side'], given['bands'], gdal.GDT_UInt16,
  ['COMPRESS=DEFLATE', 'PREDICTOR=2', 'TILED=YES', 'BLOCKXSIZE=512', 'BLOCKYSIZE=512', 'INTERLEAVE=PIXEL'])
for b in range(given['bands']):
    d.GetRasterBand(b + 1).WriteArray(a[:, :, b])
d = None
print('0')
`;
const readByGdal = `
import time
gdal.SetConfigOption('GDAL_NUM_THREADS', '1')
d = gdal.Open(given['path'])
start = time.process_time()
a = d.ReadAsArray()
seconds = time.process_time() - start
print(json.dumps({'seconds': seconds, 'sum': int(a.sum(dtype='uint64'))}))
`;

function sumOf(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  return sum;
}

/**
 * How long the main thread has run: the time on the clock of a machine without neighbours. File reads and the collector
 * run beside it. Where the system does not tell, the clock.
 */
function threadMs(): number {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6 : performance.now();
}

interface Timed {
  /** time of the working thread */
  readonly seconds: number;
  readonly sum: number;
}

async function readOurs(path: string): Promise<Timed> {
  const file = await openGeotiff(await openFileSource(path));
  const start = threadMs();
  const { data } = await file.readWindow({ col: 0, row: 0, width: sidePx, height: sidePx }, [0, 1, 2, 3]);
  const seconds = (threadMs() - start) / 1000;
  await file.close();
  return { seconds, sum: sumOf(data) };
}

async function readRasters(path: string): Promise<Timed> {
  const tiff = await fromFile(path);
  const image = await tiff.getImage();
  const start = threadMs();
  const parts = await image.readRasters();
  const seconds = (threadMs() - start) / 1000;
  await tiff.close();
  return {
    seconds,
    sum: [...parts].reduce((sum: number, part) => sum + (typeof part === 'number' ? 0 : sumOf(part)), 0),
  };
}

/**
 * Speed of reading 4 × uint16, DEFLATE, predictor 2, 512² tiles, by the time of the working thread, against GDAL's ReadAsArray and geotiff.js.
 * The best round of each counts. Mpx are pixels of all bands together.
 */
export async function benchRead(): Promise<ReadFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-read-'));
  try {
    const [raw, path] = [join(folder, 'raw'), join(folder, 'in.tif')];
    const texture = madeTexture();
    const checksum = sumOf(texture);
    writeFileSync(raw, new Uint8Array(texture.buffer));
    if (!hasGdalPython) throw new Error('the file of this benchmark is made by python3-gdal, which is absent');
    runGdalPython(makeFile, { raw, path, side: sidePx, bands });
    const best = { ours: Infinity, gdal: Infinity, theirs: Infinity };
    const check = ({ seconds, sum }: Timed) => {
      if (sum !== checksum) throw new Error(`a reader's samples add up to ${sum} instead of ${checksum}`);
      return seconds;
    };
    for (let round = 0; round < rounds; round++) {
      best.ours = Math.min(best.ours, check(await readOurs(path)));
      best.gdal = Math.min(best.gdal, check(runGdalPython(readByGdal, { path }) as Timed));
    }
    // last: the garbage it leaves would be collected on the others' time
    for (let round = 0; round < 2; round++) best.theirs = Math.min(best.theirs, check(await readRasters(path)));
    const rate = (seconds: number) => (sidePx * sidePx) / 1e6 / seconds;
    return {
      ourMpxPerS: rate(best.ours),
      gdalMpxPerS: rate(best.gdal),
      readRastersMpxPerS: rate(best.theirs),
      ofGdal: best.gdal / best.ours,
      ofReadRasters: best.theirs / best.ours,
      checksum,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(`${JSON.stringify(await benchRead(), null, 2)}\n`);
