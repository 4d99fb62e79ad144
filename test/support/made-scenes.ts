import { join } from 'node:path';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { openFileSink } from '../../workers/images/file-sink.ts';

/** Two made scenes of `sizePx`² px at 10 m, written into `folder`. @returns their paths */
export async function writeMadeScenes(folder: string, sizePx: number): Promise<{ before: string; after: string }> {
  const pair = makePair(sizePx, 1);
  const write = async (name: string, data: Uint16Array, acquired: string): Promise<string> => {
    const path = join(folder, name);
    const sink = await openFileSink(path);
    const writer = await openCogWriter({
      width: sizePx,
      height: sizePx,
      bands: madeBands.length,
      dtype: 'uint16',
      crs: crsFromEpsg(32651),
      affine: [10, 0, 330_000, 0, -10, 3_400_000],
      nodata: 0,
      overview: 'average',
      bandDescriptions: [...madeBands],
      metadata: { ACQUISITION_DATE: acquired, SENSOR: 'Sentinel-2' },
    });
    await writer.writeRows({ data, width: sizePx, height: sizePx, bands: madeBands.length });
    await writer.finish(sink);
    await sink.publish();
    return path;
  };
  return {
    before: await write('before.tif', pair.before, '2025-08-15'),
    after: await write('after.tif', pair.after, '2026-08-12'),
  };
}
