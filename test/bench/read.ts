import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

const sidePx = 4096;
const bands = 4;
const rounds = 5;
const reader = fileURLToPath(new URL('./reader.ts', import.meta.url));

export interface ReadFigures {
  readonly ourMpxPerS: number;
  /** null: python3-gdal is absent */
  readonly gdalMpxPerS: number | null;
  readonly readRastersMpxPerS: number;
  /** medians of the rounds' ratios */
  readonly ofGdal: number | null;
  readonly ofReadRasters: number;
  /** smallest and largest ratio of a round */
  readonly spread: { readonly ofGdal: readonly [number, number]; readonly ofReadRasters: readonly [number, number] };
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
for turn in range(2):
    d = gdal.Open(given['path'])
    start = time.process_time()
    a = d.ReadAsArray()
    seconds = time.process_time() - start
    d = None
print(json.dumps({'seconds': seconds, 'sum': int(a.sum(dtype='uint64'))}))
`;

interface Timed {
  /** processor time of all threads */
  readonly seconds: number;
  readonly sum: number;
}

function readIn(which: 'ours' | 'readRasters', path: string): Timed {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', reader, which, path], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${which} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Timed;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/**
 * Speed of reading 4 × uint16, DEFLATE, predictor 2, 512² tiles against GDAL's ReadAsArray and geotiff.js.
 *
 * The readers take turns, each in a process of its own that has read the file once before, so that none pays for the
 * garbage, the first compilation or the neighbours of another; processor time of all threads counts. Ratios are taken
 * within a round, where the machine was the same for all. Mpx are pixels of all bands together.
 */
export async function benchRead(): Promise<ReadFigures> {
  if (!hasGdalPython) throw new Error('the file of this benchmark is made by python3-gdal, which is absent');
  const folder = mkdtempSync(join(tmpdir(), 'bench-read-'));
  try {
    const [raw, path] = [join(folder, 'raw'), join(folder, 'in.tif')];
    const texture = madeTexture();
    let checksum = 0;
    for (const value of texture) checksum += value;
    writeFileSync(raw, new Uint8Array(texture.buffer));
    runGdalPython(makeFile, { raw, path, side: sidePx, bands });
    const check = ({ seconds, sum }: Timed): number => {
      if (sum !== checksum) throw new Error(`a reader's samples add up to ${sum} instead of ${checksum}`);
      return seconds;
    };
    const turns = Array.from({ length: rounds }, () => ({
      ours: check(readIn('ours', path)),
      gdal: check(runGdalPython(readByGdal, { path }) as Timed),
      theirs: check(readIn('readRasters', path)),
    }));
    const rate = (reader: 'ours' | 'gdal' | 'theirs'): number =>
      (sidePx * sidePx) / 1e6 / median(turns.map((turn) => turn[reader]));
    const ratios = (peer: 'gdal' | 'theirs'): number[] => turns.map((turn) => turn[peer] / turn.ours);
    const span = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)];
    return {
      ourMpxPerS: rate('ours'),
      gdalMpxPerS: rate('gdal'),
      readRastersMpxPerS: rate('theirs'),
      ofGdal: median(ratios('gdal')),
      ofReadRasters: median(ratios('theirs')),
      spread: { ofGdal: span(ratios('gdal')), ofReadRasters: span(ratios('theirs')) },
      checksum,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(`${JSON.stringify(await benchRead(), null, 2)}\n`);
