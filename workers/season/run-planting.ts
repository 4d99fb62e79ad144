import type { Home } from '../home.ts';
import { AppError } from '../../pipeline/errors.ts';
import { cloudDecision } from '../../pipeline/pair/cloud-class.ts';
import { fitCloudStatistics, type CloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import type { PlantingStatus } from '../../pipeline/season/planting.ts';
import { sampleWindows } from '../../pipeline/tile/sample.ts';
import type { Raster, Scene } from '../../pipeline/types.ts';
import { composeImages } from '../compose.ts';
import { createLookReader, openSceneFiles } from '../compute/look-reader.ts';
import { regionOf } from '../compute/run-rules.ts';
import { loadLayer } from '../registry/stored-layers.ts';
import { loadRules } from '../rule/load-rules.ts';
import { recordSeriesAt } from '../registry/alert-door.ts';
import { resolveLayersOf } from '../registry/door.ts';
import { plantingRecorderOf } from './look-planting.ts';
import { type HeldTools, type HoldOptions, holdSeries } from '../series/hold-series.ts';
import { listScenes } from '../series/list-scenes.ts';
import { openLooks } from '../series/open-looks.ts';
import type { LeftOutLook } from '../series/series-plan.ts';
import { type SeriesRequest, sourceOf } from '../series/series-request.ts';
import { surveyLook } from '../series/survey-look.ts';
import { plantingOfSeries, writePlantingFile, type PlantingLook } from './series-planting.ts';

export interface PlantingRun {
  readonly looks: number;
  /** scenes that are no looks, with their reason */
  readonly leftOut: readonly LeftOutLook[];
  /** looks without the bands of the others, or without reflectance */
  readonly unfit: readonly string[];
  /** parcel years by status */
  readonly counts: Readonly<Record<PlantingStatus, number>>;
  /** alerts of planting that were opened or changed */
  readonly alerts: number;
}

const sampleBlocks = 36;

/** What is clear in a scene; null where a band of it says so, or no mask applies. */
async function cloudOf(scene: Scene): Promise<CloudStatistics | null> {
  if (cloudDecision(scene).source !== 'spectral') return null;
  const bands = scene.bands.filter(({ name }) => ['blue', 'green', 'red', 'nir'].includes(name));
  const files = await openSceneFiles(scene);
  try {
    const { grid, gsdM } = scene;
    const reader = createLookReader({ scene, files, bands, neededBands: bands.length, grid, gsdM, cloud: null });
    const samples: Raster[] = [];
    for (const window of sampleWindows(grid, sampleBlocks)) samples.push(await reader.readRaster(window));
    return fitCloudStatistics(
      samples,
      bands.map(({ name }) => name),
    );
  } finally {
    for (const file of files) await file.close();
  }
}

/**
 * Judge the planting of the cropland parcels of the newest survey from all scenes of a folder, write `planting.csv`, and
 * bring the alerts of planting to it; as one of the home's series, alone with its scenes and its file.
 *
 * @param options.today ISO-8601 day: later scenes are of the future
 * @throws AppError as `holdSeries`; NOT_FOUND without a survey, INPUT_INVALID without a look or where no calendar is
 *   known for the place
 */
export function runPlanting(
  request: SeriesRequest,
  options: HoldOptions & { readonly home: Home; readonly today: string },
): Promise<PlantingRun> {
  return holdSeries(request, options, async (held) => {
    const value = await judge(request, options, held);
    const { looks, counts, alerts } = value;
    return { value, end: { state: 'done', summary: { looks, planting: counts, alerts } } };
  });
}

async function judge(
  request: SeriesRequest,
  { home, today }: { readonly home: Home; readonly today: string },
  { signal, onStage }: HeldTools,
): Promise<PlantingRun> {
  const listing = await listScenes(request.scenes, request.out);
  const { looks, leftOut } = await openLooks(listing, request, {
    today,
    survey: surveyLook,
    throwIfCancelled: () => signal.throwIfAborted(),
  });
  const finest = looks.toSorted((a, b) => a.scene.gsdM - b.scene.gsdM || (a.id < b.id ? -1 : 1))[0];
  if (finest === undefined)
    throw new AppError('INPUT_INVALID', `${request.scenes} holds no look.`, 'Give a folder of scenes with dates.');
  const { grid, gsdM } = finest.scene;
  const region = regionOf(grid);
  if (region === null)
    throw new AppError(
      'INPUT_INVALID',
      'No calendar of the fields is known for the place of these scenes.',
      'Planting is judged where config/regions has a calendar.',
    );
  const { layers, survey } = await layersAsOf(home, lastDayOf(looks));
  const measured: PlantingLook[] = [];
  for (const [done, { scene }] of looks.entries()) {
    signal.throwIfAborted();
    onStage('measure', done, looks.length);
    measured.push({ scene, cloud: await cloudOf(scene) });
  }
  const { groundOfCode } = loadRules(region);
  const codes = survey.columns['code'] ?? [];
  const isWanted = (feature: number): boolean => groundOfCode.get(codes[feature] ?? '')?.isCropland === true;
  const { rows, leftOut: unfit } = plantingOfSeries(measured, survey, { grid, gsdM, region, isWanted });
  const recorder = await plantingRecorderOf({ layers, grid }, sourceOf(request), home);
  onStage('write', 0, 1);
  const counts = await writePlantingFile(request.out, rows, (row) => {
    signal.throwIfAborted();
    recorder?.add(row);
  });
  const recorded = recorder && (await recordSeriesAt(home, recorder.finish()));
  return { looks: looks.length, leftOut, unfit, counts, alerts: recorded?.alerts ?? 0 };
}

/** Day of the last look; null where none has a date. */
const lastDayOf = (looks: readonly { readonly acquired: string | null }[]): string | null =>
  looks
    .map(({ acquired }) => acquired?.slice(0, 10) ?? '')
    .toSorted()
    .at(-1) ?? null;

async function layersAsOf(home: Home, day: string | null) {
  const layers = await resolveLayersOf(home, { baseline: 'current', project: 'current' }, day);
  const ref = layers.find(({ kind }) => kind === 'land-survey');
  if (ref === undefined)
    throw new AppError(
      'NOT_FOUND',
      'No land survey was imported.',
      'tianwatch baseline import <file> --kind land-survey',
    );
  return { layers, survey: await loadLayer(await composeImages(home), ref) };
}
