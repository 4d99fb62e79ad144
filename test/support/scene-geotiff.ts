import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
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

/** A made scene of `sidePx`² px again at some 20 m in longitude and latitude, taken from the nearest pixel. */
export function coarseScene(dn: Uint16Array, sidePx: number): MadeScene {
  const toGrid = projector(crsFromEpsg(4326), crsFromEpsg(32651));
  const [left, top] = projector(crsFromEpsg(32651), crsFromEpsg(4326))(madeAffine[2], madeAffine[5]);
  const affine: Affine = [2.1e-4, 0, left, 0, -1.8e-4, top];
  const side = sidePx >> 1;
  const data = new Uint16Array(madeBands.length * side * side);
  for (let row = 0; row < side; row++)
    for (let col = 0; col < side; col++) {
      const [x, y] = toGrid(left + (col + 0.5) * affine[0], top + (row + 0.5) * affine[4]);
      const [c, r] = [Math.floor((x - madeAffine[2]) / 10), Math.floor((madeAffine[5] - y) / 10)];
      if (c < 0 || r < 0 || c >= sidePx || r >= sidePx) continue;
      for (let band = 0; band < madeBands.length; band++)
        data[(band * side + row) * side + col] = dn[(band * sidePx + r) * sidePx + c]!;
    }
  return { data, width: side, height: side, affine, epsg: 4326, acquired: '2026-08-12' };
}
