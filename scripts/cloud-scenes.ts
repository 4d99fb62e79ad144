import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile } from 'geotiff';
import type { BandName, Raster } from '../pipeline/types.ts';

/** A scene to measure the cloud mask on; `truth` where somebody labelled it. */
export interface CloudScene {
  readonly set: 'biome' | 'sentinel2' | 'landsat7' | 'city' | 'slovenia' | 'boadella';
  readonly name: string;
  readonly gsdM: number;
  readonly raster: Raster;
  readonly bands: readonly BandName[];
  readonly truth: CloudTruth | null;
}

/** Labels as 0/1 planes; a scene without a kind of label has none of its pixels set. */
export interface CloudTruth {
  readonly thick: Uint8Array;
  readonly thin: Uint8Array;
  readonly shadow: Uint8Array;
  /** false: shadow is labelled in part or not at all, so a shadow found elsewhere is no error */
  readonly hasShadow: boolean;
}

const spectral: readonly BandName[] = ['blue', 'green', 'red', 'nir'];

/** The folder with the labelled scenes: `TIANWATCH_SHARED` or `../shared`; null when it is absent. */
export function cloudDataFolder(): string | null {
  const folder = join(process.env['TIANWATCH_SHARED'] ?? join(import.meta.dirname, '../../shared'), 'data');
  return existsSync(join(folder, 'cloud_masks')) ? folder : null;
}

async function readPlanes(path: string, samples: readonly number[]): Promise<Raster> {
  const tiff = await fromFile(path);
  const image = await tiff.getImage();
  const planes = await image.readRasters({ samples: [...samples] });
  const pixels = planes.width * planes.height;
  const data = new Float32Array(samples.length * pixels);
  samples.forEach((_, band) => {
    const plane = planes[band];
    if (typeof plane === 'object') for (let i = 0; i < pixels; i++) data[band * pixels + i] = Number(plane[i]);
  });
  tiff.close();
  return { data, width: planes.width, height: planes.height, bands: samples.length };
}

async function readReflectance(path: string, samples: readonly number[]): Promise<Raster> {
  const raster = await readPlanes(path, samples);
  for (let i = 0; i < raster.data.length; i++) raster.data[i] = raster.data[i]! / 10_000;
  return raster;
}

function flags(labels: Float32Array, value: number): Uint8Array {
  return Uint8Array.from(labels, (label) => (label === value ? 1 : 0));
}

const noLabels = (pixels: number): Uint8Array => new Uint8Array(pixels);

async function biome(folder: string): Promise<CloudScene[]> {
  const root = join(folder, 'cloud_masks/landsat8_biome');
  const names = readdirSync(root).filter((name) => name.endsWith('_img.tif'));
  return Promise.all(
    names.sort().map(async (name) => {
      const labels = (await readPlanes(join(root, name.replace('_img', '_mask')), [0])).data;
      const shadow = flags(labels, 64);
      const truth = { thick: flags(labels, 255), thin: flags(labels, 192), shadow, hasShadow: shadow.includes(1) };
      const raster = await readReflectance(join(root, name), [0, 1, 2, 3]);
      return { set: 'biome', name: name.slice(0, -8), gsdM: 30, raster, bands: spectral, truth };
    }),
  );
}

/**
 * One image with labels. The Sentinel-2 one has no georeference and its section roads, 73 px apart, fit half a mile at 11 m as
 * well as a mile at 22 m: the mask is measured at both.
 */
async function single(folder: string, set: 'sentinel2' | 'landsat7', gsdM: number): Promise<CloudScene> {
  const raster = await readReflectance(join(folder, `cloud_masks/${set}_img.tif`), [0, 1, 2, 3]);
  const labels = (await readPlanes(join(folder, `cloud_masks/${set}_mask.tif`), [0])).data;
  const truth = {
    thick: flags(labels, 4),
    thin: noLabels(labels.length),
    shadow: flags(labels, 0),
    hasShadow: true,
  };
  return { set, name: `${set} at ${gsdM} m`, gsdM, raster, bands: spectral, truth };
}

async function unlabelled(
  root: string,
  set: 'city' | 'slovenia' | 'boadella',
  samples: readonly number[],
  pattern: RegExp,
): Promise<CloudScene[]> {
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => pattern.test(name));
  return Promise.all(
    files.sort().map(async (file) => ({
      set,
      name: file.replace(/^.*\//, '').replace(/(_10m)?\.tif$/, ''),
      gsdM: 10,
      raster: await readReflectance(join(root, file), samples),
      bands: spectral,
      truth: null,
    })),
  );
}

/**
 * Scenes of the shared data on which a cloud mask can be judged.
 *
 * @param city which of the 40 city scenes, by file name
 */
export async function readCloudScenes(folder: string, city = /_10m\.tif$/): Promise<CloudScene[]> {
  return [
    ...(await biome(folder)),
    await single(folder, 'sentinel2', 10),
    await single(folder, 'sentinel2', 20),
    await single(folder, 'landsat7', 30),
    ...(await unlabelled(join(folder, 's2_pairs'), 'city', [0, 1, 2, 3], city)),
    ...(await unlabelled(join(folder, 'eolearn_slovenia'), 'slovenia', [1, 2, 3, 7], /s2l1c_scene\d\.tif$/)),
    ...(await unlabelled(join(folder, 'boadella_series'), 'boadella', [0, 1, 2, 3], /\.tif$/)),
  ];
}
