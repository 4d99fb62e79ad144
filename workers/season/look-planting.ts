import { composeImages } from '../compose.ts';
import { regionOf } from '../compute/run-rules.ts';
import { loadLayer } from '../registry/stored-layers.ts';
import { loadRules } from '../rule/load-rules.ts';
import type { SeriesPlan } from '../series/series-plan.ts';
import type { PlantingRow } from './planting-file.ts';
import { plantingOfSeries } from './series-planting.ts';

/**
 * Judges the cropland parcels of a series' survey by its looks, registered and masked as the series has them.
 *
 * @returns null without a survey, or where no calendar is known for the place
 * @throws AppError NOT_FOUND when the survey's object is absent or damaged
 */
export async function plantingOf(
  { looks, layers, grid, gsdM }: Pick<SeriesPlan, 'looks' | 'layers' | 'grid' | 'gsdM'>,
  { dataFolder, throwIfCancelled }: { readonly dataFolder: string; throwIfCancelled(): void },
): Promise<(() => AsyncIterable<PlantingRow>) | null> {
  const ref = layers.find(({ kind }) => kind === 'land-survey');
  const region = regionOf(grid);
  if (ref === undefined || region === null) return null;
  const layer = await loadLayer(await composeImages(dataFolder), ref);
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
