import { reasonCode, reasonsOf, seen } from '../../pipeline/change/observe.ts';
import { cloudDecision, unobservedFrom } from '../../pipeline/pair/cloud-class.ts';
import { fitCloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { sampleWindows } from '../../pipeline/tile/sample.ts';
import type { BandName, Raster, Scene } from '../../pipeline/types.ts';
import { createLookReader, openSceneFiles } from '../compute/look-reader.ts';
import type { OpenedLook } from './series-plan.ts';

export type Clearness = Pick<OpenedLook, 'seenFraction' | 'cloudFraction'>;

const sampleBlocks = 36;
const wanted: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22', 'scl', 'cloudmask'];
const masks: readonly BandName[] = ['scl', 'cloudmask'];

/** How much of a scene shows ground, from a sample of blocks on its own grid. */
export async function surveyLook(scene: Scene): Promise<Clearness> {
  const bands = wanted.flatMap((name) => scene.bands.find((band) => band.name === name) ?? []);
  const names = bands.map(({ name }) => name);
  const files = await openSceneFiles(scene);
  try {
    const common = { scene, files, bands, neededBands: names.filter((name) => !masks.includes(name)).length };
    const place = { grid: scene.grid, gsdM: scene.gsdM };
    const plain = createLookReader({ ...common, ...place, cloud: null });
    const samples: { readonly window: Parameters<typeof plain.lookOf>[1]; readonly raster: Raster }[] = [];
    for (const window of sampleWindows(scene.grid, sampleBlocks))
      samples.push({ window, raster: await plain.readRaster(window) });
    const { source } = cloudDecision(scene);
    const rasters = samples.map(({ raster }) => raster);
    const cloud = source === 'spectral' ? fitCloudStatistics(rasters, names) : null;
    const reader = createLookReader({ ...common, ...place, cloud });
    const counts = { all: 0, valid: 0, seen: 0 };
    for (const { window, raster } of samples) {
      const look = reader.lookOf(raster, window);
      const hidden = look.clouds === null ? null : unobservedFrom(look.clouds, raster, scene.gsdM);
      for (const reason of reasonsOf({ ...look, cloud: hidden, shadow: null })) {
        counts.all++;
        if (reason !== reasonCode.outside && reason !== reasonCode.nodata) counts.valid++;
        if (reason === seen) counts.seen++;
      }
    }
    return {
      seenFraction: counts.seen / Math.max(1, counts.all),
      cloudFraction: source === 'none' ? null : counts.valid === 0 ? 0 : 1 - counts.seen / counts.valid,
    };
  } finally {
    for (const file of files) await file.close();
  }
}
