import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { fitCloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { parseTable } from '../../pipeline/rule/csv-table.ts';
import type { ParcelSeries } from '../../pipeline/season/parcel-series.ts';
import { sampleWindows } from '../../pipeline/tile/sample.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';
import { createLookReader } from '../../workers/compute/look-reader.ts';
import { openScene } from '../../workers/images/open-scene.ts';
import { readDraft } from '../../workers/registry/draft.ts';
import { loadImportBasis } from '../../workers/registry/import-basis.ts';
import { meanLook } from '../../workers/season/mean-look.ts';
import { parcelMeans, type MeanLook } from '../../workers/season/parcel-means.ts';
import { openVector } from '../../workers/vector/open-vector.ts';

const columns = ['parcel', 'year', 'winter', 'summer', 'status', 'grainFraction'] as const;

/** What grew on a parcel in a year. */
export interface PlantingTruth {
  readonly year: number;
  readonly winter: string;
  readonly summer: string;
  /** ZZSXDM */
  readonly status: string;
  readonly grainFraction: number;
}

/** A cropland parcel of a simulated landscape. */
export interface SimulatedParcel {
  readonly parcel: number;
  readonly landCode: string;
  readonly pixels: number;
  readonly isCore: boolean;
  readonly series: ParcelSeries;
  readonly truth: readonly PlantingTruth[];
}

export const landscapeBands: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];

/** Looks of a simulation as a run sees them: its own cloud mask, no truth. */
async function openLooks(folder: string): Promise<{ readonly looks: MeanLook[]; close(): Promise<void> }> {
  const names = (await readdir(join(folder, 'scenes'))).filter((name) => name.endsWith('.tif')).sort();
  const scenes = await Promise.all(names.map((name) => openScene({ files: [join(folder, 'scenes', name)] })));
  const looks: MeanLook[] = [];
  for (const { scene, files } of scenes) {
    const bands = landscapeBands.map((name) => scene.bands.find((band) => band.name === name)!);
    const { grid, gsdM } = scene;
    const common = { scene, files, bands, neededBands: bands.length, grid, gsdM };
    const sampler = createLookReader({ ...common, cloud: null });
    const samples: Raster[] = [];
    for (const window of sampleWindows(grid, 64)) samples.push(await sampler.readRaster(window));
    const reader = createLookReader({ ...common, cloud: fitCloudStatistics(samples, landscapeBands) });
    looks.push(meanLook(reader, { date: scene.acquired!, gsdM, bands: bands.length }));
  }
  return { looks, close: async () => void (await Promise.all(scenes.map((scene) => scene.close()))) };
}

/** Series of all parcels of a simulation whose planting is known, with what the truth says of them. */
export async function* landscapeSeries(folder: string): AsyncGenerator<SimulatedParcel> {
  const text = await readFile(join(folder, 'truth/planting.csv'), 'utf8');
  const truth = new Map<number, PlantingTruth[]>();
  for (const row of parseTable(text, [...columns], 'planting.csv')) {
    const parcel = Number(row['parcel']);
    const { winter = '', summer = '', status = '' } = row;
    const one = { year: Number(row['year']), winter, summer, status, grainFraction: Number(row['grainFraction']) };
    truth.set(parcel, [...(truth.get(parcel) ?? []), one]);
  }
  const source = await openVector(join(folder, 'survey/DLTB.geojson'));
  const basis = loadImportBasis();
  const { layer } = await readDraft(source, { kind: 'land-survey', zone: null, basis });
  await source.close();
  const { looks, close } = await openLooks(folder);
  try {
    const first = await openScene({ files: [join(folder, 'scenes', await firstScene(folder))] });
    const { grid } = first.scene;
    await first.close();
    const frame = equalAreaFrame(layer.centre);
    // the survey numbers its parcels as the truth does; those outside the scene are in the truth alone
    const ids = layer.columns['id'] ?? [];
    const numberOf = (feature: number): number => Number(ids[feature]?.slice(-8));
    const isWanted = (feature: number): boolean => truth.has(numberOf(feature));
    const codes = layer.columns['code'];
    for await (const means of parcelMeans(layer, { grid, frame, bands: landscapeBands, looks, isWanted })) {
      const parcel = numberOf(means.feature);
      yield { ...means, parcel, landCode: codes?.[means.feature] ?? '', truth: truth.get(parcel)! };
    }
  } finally {
    await close();
  }
}

const firstScene = async (folder: string): Promise<string> =>
  (await readdir(join(folder, 'scenes'))).filter((name) => name.endsWith('.tif')).sort()[0]!;
