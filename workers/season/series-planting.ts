import { loadSeasonModel } from '../../models/season-shelf.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import type { Region } from '../../pipeline/rule/region.ts';
import { plantingStatuses, type PlantingStatus } from '../../pipeline/season/planting.ts';
import type { BandName, Grid, Scene, SceneBand } from '../../pipeline/types.ts';
import { createLookReader, openSceneFiles, type LookReaderOptions } from '../compute/look-reader.ts';
import { openFileSink } from '../images/file-sink.ts';
import { loadSeasonRules } from '../rule/load-rules.ts';
import { meanLook } from './mean-look.ts';
import { parcelMeans, type MeanLook } from './parcel-means.ts';
import { judgeParcels, plantingText, type ParcelBasis, type PlantingRow } from './planting-file.ts';

/** A look as a series has measured it. */
export interface PlantingLook extends Pick<LookReaderOptions, 'scene' | 'cloud' | 'shiftPx'> {}

export interface PlantingOfSeries {
  /** scenes that took no part: no reflectance, no date, or fewer bands than the others */
  readonly leftOut: readonly string[];
  readonly rows: AsyncGenerator<PlantingRow>;
}

const full: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];
const masks: readonly BandName[] = ['scl', 'cloudmask'];

const has = ({ bands }: Scene, wanted: readonly BandName[]): boolean =>
  wanted.every((name) => bands.some((band) => band.name === name));

/** Files are opened for a strip and closed after it: a series has more looks than a process has memory for blocks. */
function lookOf(
  look: PlantingLook,
  bands: readonly BandName[],
  place: { readonly grid: Grid; readonly gsdM: number },
): MeanLook {
  const { scene, cloud, shiftPx } = look;
  const read: readonly SceneBand[] = [...bands, ...masks].flatMap(
    (name) => scene.bands.find((band) => band.name === name) ?? [],
  );
  const date = scene.acquired!.slice(0, 10);
  return {
    date,
    async read(window) {
      const files = await openSceneFiles(scene);
      try {
        const common = { scene, files, bands: read, neededBands: bands.length, cloud, ...place };
        const reader = createLookReader({ ...common, ...(shiftPx && { shiftPx }) });
        return await meanLook(reader, { date, gsdM: place.gsdM, bands: bands.length }).read(window);
      } finally {
        for (const file of files) await file.close();
      }
    },
  };
}

/**
 * Planting status of the parcels of a survey in every crop year that the looks reach into.
 *
 * Looks with short-wave infrared are taken where there are any, else all with blue, green, red and near infrared, which
 * rules alone judge.
 *
 * @param region whose calendar counts; null: there is none, and nothing is judged
 * @param isWanted which features of the survey; all where it is left out
 */
export function plantingOfSeries(
  looks: readonly PlantingLook[],
  layer: ParcelLayer,
  input: {
    readonly grid: Grid;
    readonly gsdM: number;
    readonly region: Region | null;
    readonly isWanted?: (feature: number) => boolean;
  },
): PlantingOfSeries {
  const { grid, gsdM, region, isWanted } = input;
  const usable = looks.filter(({ scene }) => scene.radiometry === 'reflectance' && scene.acquired !== null);
  const bands = usable.some(({ scene }) => has(scene, full)) ? full : full.slice(0, 4);
  const taken = region === null ? [] : usable.filter(({ scene }) => has(scene, bands));
  const leftOut = looks.filter((look) => !taken.includes(look)).map(({ scene }) => scene.id);
  const years = taken.map(({ scene }) => Number(scene.acquired!.slice(0, 4)));
  const span = years.length === 0 ? 0 : Math.max(...years) - Math.min(...years) + 1;
  return {
    leftOut,
    rows: judgeParcels(
      parcelMeans(layer, {
        grid,
        frame: equalAreaFrame(layer.centre),
        bands,
        looks: taken.map((look) => lookOf(look, bands, { grid, gsdM })),
        ...(isWanted && { isWanted }),
      }),
      {
        layer,
        years: Array.from({ length: span }, (_, i) => Math.min(...years) + i),
        basis: basisOf(region),
      },
    ),
  };
}

const basisOf = (region: Region | null): ParcelBasis | null =>
  region && { rules: loadSeasonRules(), region, models: [loadSeasonModel()] };

const rowsPerWrite = 2000;

/**
 * Write `planting.csv` as the rows come; nothing of a file that was not finished remains.
 *
 * @param onRow told of each
 * @returns how many rows of each status
 */
export async function writePlantingFile(
  path: string,
  rows: AsyncIterable<PlantingRow>,
  onRow: (row: PlantingRow) => void = () => undefined,
): Promise<Readonly<Record<PlantingStatus, number>>> {
  const counts = Object.fromEntries(plantingStatuses.map((status) => [status, 0])) as Record<PlantingStatus, number>;
  const sink = await openFileSink(path);
  try {
    let [block, isFirst]: [PlantingRow[], boolean] = [[], true];
    const flush = async (): Promise<void> => {
      await sink.write(new TextEncoder().encode(plantingText(block, isFirst)));
      [block, isFirst] = [[], false];
    };
    for await (const row of rows) {
      counts[row.judgement.status] += 1;
      onRow(row);
      if (block.push(row) === rowsPerWrite) await flush();
    }
    await flush();
    await sink.publish();
    return counts;
  } finally {
    await sink.discard();
  }
}
