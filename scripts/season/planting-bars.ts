import { loadSeasonModel } from '../../models/season-shelf.ts';
import { judgePlanting, type PlantingBasis } from '../../pipeline/season/planting.ts';
import { loadRegion, loadSeasonRules } from '../../workers/rule/load-rules.ts';
import type { Bar } from './bar.ts';
import { intervalOverGroups, scoreBinary } from './figure.ts';
import { seriesOfLandscape, type Landscape } from './landscape-cache.ts';

const seeds = [1, 2, 3, 4, 5];
const years = [2025, 2026];

/** Grain or not on simulated years of test seeds: what was judged, and how much of it was. */
export async function plantingBars(folder: string, { size, looks }: Omit<Landscape, 'seed'>): Promise<readonly Bar[]> {
  const basis: PlantingBasis = { rules: loadSeasonRules().planting, region: loadRegion(), models: [loadSeasonModel()] };
  const [truth, found, groups]: [boolean[], boolean[], string[]] = [[], [], []];
  const rules = { said: 0, right: 0 };
  let count = 0;
  for (const seed of seeds)
    for (const { series, truth: planted } of await seriesOfLandscape({ seed, size, looks }, folder))
      for (const { year, grainFraction } of planted) {
        if (!years.includes(year)) continue;
        count += 1;
        const isGrain = grainFraction >= 0.5;
        const { status, evidence } = judgePlanting({ series, year, county: null }, basis);
        if (evidence.some(({ code }) => code === 'green-peak')) {
          rules.said += 1;
          if (isGrain) rules.right += 1;
        }
        if (status === 'unknown') continue;
        truth.push(isGrain);
        found.push(status === 'grain' || status === 'rotation');
        groups.push(String(seed));
      }
  const grain = scoreBinary(truth, found);
  const negate = (values: readonly boolean[]): boolean[] => values.map((value) => !value);
  const other = scoreBinary(negate(truth), negate(found));
  const judged = `${truth.length} of ${count} parcel years judged, the others unknown; ${looks} looks, seeds ${seeds.join(', ')}`;
  return [
    {
      name: `grain, simulated years of ${looks / 2} looks`,
      value: grain.f1,
      interval: intervalOverGroups(truth, found, groups),
      least: 0.9,
      note: `F1; precision ${grain.precision.toFixed(3)}, recall ${grain.recall.toFixed(3)}; ${judged}`,
    },
    {
      name: `non-grain, simulated years of ${looks / 2} looks`,
      value: other.f1,
      interval: intervalOverGroups(negate(truth), negate(found), groups),
      least: 0.9,
      note: `F1; precision ${other.precision.toFixed(3)}, recall ${other.recall.toFixed(3)}; ${other.positives} such among those judged`,
    },
    {
      name: `flooding and green peak, simulated years of ${looks / 2} looks`,
      value: rules.right / Math.max(1, rules.said),
      interval: null,
      least: null,
      note: `precision of rule evidence alone; it spoke of ${rules.said} parcel years`,
    },
  ];
}
