import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPatchDetector, type ChangePatch } from '../../pipeline/change/patches.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { keepEverything, patchOptions } from '../support/patch-rows.ts';
import { cpuSeconds, madeClasses } from './landscape.ts';

const sidePx = 4096;
const stripPx = 512;
const rounds = 3;

export interface PolygoniseFigures {
  readonly regions: number;
  readonly vertices: number;
  readonly ourSeconds: number;
  /** null: python3-gdal is absent */
  readonly gdalSeconds: number | null;
  /** GDAL's seconds by ours */
  readonly ratio: number | null;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function detectAll(change: Uint8Array, classes: Uint8Array): { seconds: number; patches: ChangePatch[] } {
  const start = process.cpuUsage();
  const detector = openPatchDetector(patchOptions(sidePx, { minimumArea: keepEverything, hash }));
  const patches: ChangePatch[] = [];
  for (let row = 0; row < sidePx; row += stripPx) {
    const cut = (data: Uint8Array) => data.subarray(row * sidePx, (row + stripPx) * sidePx);
    patches.push(
      ...detector.addRows({
        rowCount: stripPx,
        change: cut(change),
        classBefore: cut(classes),
        changeInto: cut(classes),
      }),
    );
  }
  patches.push(...detector.finish().patches);
  return { seconds: cpuSeconds(start), patches };
}

const gdalProgram = `
import time
import numpy as np
n = given['side']
a = np.fromfile(given['raw'], np.uint8).reshape(n, n)
src = gdal.GetDriverByName('MEM').Create('', n, n, 1)
src.GetRasterBand(1).WriteArray(a)
best = 1e9
for _ in range(given['rounds']):
    store = ogr.GetDriverByName('Memory').CreateDataSource('')
    layer = store.CreateLayer('p')
    layer.CreateField(ogr.FieldDefn('v', ogr.OFTInteger))
    t = time.process_time()
    gdal.Polygonize(src.GetRasterBand(1), src.GetRasterBand(1), layer, 0, [])
    best = min(best, time.process_time() - t)
print(json.dumps(dict(seconds=best, regions=layer.GetFeatureCount())))
`;

/**
 * Patches of a mask, ids, classes and areas included, beside gdal_polygonize of the same mask: 4 neighbours, in
 * memory, best of three, seconds of processor time (other work on the machine does not count). Both must find the same number of regions.
 */
export function benchPolygonise(): PolygoniseFigures {
  const landscape = madeClasses(sidePx, sidePx, 20, 7);
  const change = landscape.map((code) => (code >= 4 ? 200 : 0));
  // one group of classes: the regions are those of the mask
  const classes = new Uint8Array(sidePx * sidePx);
  let ours = detectAll(change, classes);
  for (let round = 1; round < rounds; round++) {
    const again = detectAll(change, classes);
    if (again.seconds < ours.seconds) ours = again;
  }
  const regions = ours.patches.length;
  const vertices = ours.patches.reduce((sum, { rings }) => sum + rings.reduce((s, ring) => s + ring.length / 2, 0), 0);
  if (!hasGdalPython) return { regions, vertices, ourSeconds: ours.seconds, gdalSeconds: null, ratio: null };
  const folder = mkdtempSync(join(tmpdir(), 'bench-polygonise-'));
  try {
    const raw = join(folder, 'raw');
    writeFileSync(raw, change);
    const gdal = runGdalPython(gdalProgram, { raw, side: sidePx, rounds }) as { seconds: number; regions: number };
    if (gdal.regions !== regions) throw new Error(`GDAL finds ${gdal.regions} regions, we ${regions}`);
    return {
      regions,
      vertices,
      ourSeconds: ours.seconds,
      gdalSeconds: gdal.seconds,
      ratio: gdal.seconds / ours.seconds,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1]?.endsWith('bench/polygonise.ts')) process.stdout.write(`${JSON.stringify(benchPolygonise())}\n`);
