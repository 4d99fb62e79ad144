import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import type { CogOptions } from '../../pipeline/raster/cog.ts';
import type { Affine, Raster, Samples } from '../../pipeline/types.ts';
import { madeBands } from '../../scripts/made-pair.ts';
import { openFileSink } from '../../workers/images/file-sink.ts';

/** 10 m in UTM 51 N, as the made landscapes of the demo. */
export const madeAffine: Affine = [10, 0, 330_000, 0, -10, 3_400_000];

export interface MadeScene extends Partial<Pick<CogOptions, 'dtype' | 'nodata' | 'predictor'>> {
  /** `[band][row][col]`, bands as `names` */
  readonly data: Samples;
  readonly width: number;
  readonly height: number;
  readonly names?: readonly string[];
  readonly affine?: Affine;
  /** null: the file says nothing of where it lies */
  readonly epsg?: number | null;
  readonly acquired: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Write a scene as a tiled GeoTIFF that says its bands and its date. */
export async function writeMadeScene(path: string, scene: MadeScene): Promise<string> {
  const { data, width, height, names = madeBands, affine = madeAffine, epsg = 32651, acquired, metadata } = scene;
  const { dtype = 'uint16', nodata = 0, predictor } = scene;
  const writer = await openCogWriter({
    width,
    height,
    bands: names.length,
    dtype,
    crs: epsg === null ? null : crsFromEpsg(epsg),
    affine: epsg === null ? null : affine,
    nodata,
    overview: 'average',
    bandDescriptions: [...names],
    metadata: { ACQUISITION_DATE: acquired, SENSOR: 'Sentinel-2', ...metadata },
    ...(predictor && { predictor }),
  });
  await writer.writeRows({ data, width, height, bands: names.length });
  const sink = await openFileSink(path);
  await writer.finish(sink);
  await sink.publish();
  return path;
}

/** A window of a raster of DN. */
export function cutScene(
  { data, width, height, bands }: Raster<Uint16Array>,
  { col, row, width: w, height: h }: { col: number; row: number; width: number; height: number },
): Uint16Array {
  const out = new Uint16Array(bands * w * h);
  for (let band = 0; band < bands; band++)
    for (let r = 0; r < h; r++) {
      const from = (band * height + row + r) * width + col;
      out.set(data.subarray(from, from + w), (band * h + r) * w);
    }
  return out;
}
