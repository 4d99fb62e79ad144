import type { Home } from '../home.ts';
import { composeImages } from '../compose.ts';
import { openTimedLand } from '../compute/patch-land.ts';
import { regionOf, rulesFor } from '../compute/run-rules.ts';
import { loadLayer } from '../registry/stored-layers.ts';
import { loadRules, loadSeasonRules } from '../rule/load-rules.ts';
import type { SeriesPlan } from '../series/series-plan.ts';
import type { PlantingRow } from './planting-file.ts';
import { openPlantingRecorder, plantingSourceOf, type PlantingRecorder } from './record-planting.ts';
import { plantingOfSeries } from './series-planting.ts';

/**
 * Judges the cropland parcels of a series' survey by its looks, registered and masked as the series has them.
 *
 * @returns null without a survey, or where no calendar is known for the place
 * @throws AppError NOT_FOUND when the survey's object is absent or damaged
 */
export async function plantingOf(
  { looks, layers, grid, gsdM }: Pick<SeriesPlan, 'looks' | 'layers' | 'grid' | 'gsdM'>,
  { home, throwIfCancelled }: { readonly home: Home; throwIfCancelled(): void },
): Promise<(() => AsyncIterable<PlantingRow>) | null> {
  const ref = layers.find(({ kind }) => kind === 'land-survey');
  const region = regionOf(grid);
  if (ref === undefined || region === null) return null;
  const layer = await loadLayer(await composeImages(home), ref);
  const { groundOfCode } = loadRules(region);
  const codes = layer.columns['code'] ?? [];
  const isWanted = (feature: number): boolean => groundOfCode.get(codes[feature] ?? '')?.isCropland === true;
  const seen = looks.map(({ pair, shiftPx }) => {
    const { scene, cloud } = pair.after;
    return { scene, cloud, ...(shiftPx && { shiftPx }) };
  });
  return async function* () {
    for await (const row of plantingOfSeries(seen, layer, { grid, gsdM, region, isWanted }).rows) {
      throwIfCancelled();
      yield row;
    }
  };
}

/**
 * Who records what the rows of `plantingOf` say, with the layers of the series below the parcels.
 *
 * @param source name of the series
 * @returns null without a survey
 */
export async function plantingRecorderOf(
  { layers, grid }: Pick<SeriesPlan, 'layers' | 'grid'>,
  source: string,
  home: Home,
): Promise<PlantingRecorder | null> {
  const survey = layers.find(({ kind }) => kind === 'land-survey');
  const land = survey && (await openTimedLand(layers, await composeImages(home), grid));
  if (survey === undefined || !land) return null;
  return openPlantingRecorder({
    land,
    rules: rulesFor(grid),
    seasonVersion: loadSeasonRules().version,
    source: plantingSourceOf(source),
    surveyAsOf: survey.asOf,
  });
}
