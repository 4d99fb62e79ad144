import { fieldDay } from '../rule/calendar.ts';
import type { Reason } from '../rule/reason.ts';
import { isWithin, type Region } from '../rule/region.ts';
import type { BandName } from '../types.ts';
import { indexOf, type FieldIndex, type Reflectances } from './field-index.ts';
import { dayNumber, type ParcelSeries } from './parcel-series.ts';
import type { PlantingRules } from './season-rules.ts';

/** A reason with the look that it rests on; null: on several, or on none. */
export interface Evidence extends Reason {
  readonly date: string | null;
}

/** A clear look and its indices. */
export interface SeenLook {
  readonly date: string;
  readonly day: number;
  readonly valueOf: (index: FieldIndex) => number;
}

/** Clear looks of a span of days, in order: those with red and near infrared. */
export function seenLooks(series: ParcelSeries, from: string, to: string): readonly SeenLook[] {
  const [first, last] = [dayNumber(from), dayNumber(to)];
  return series.dates.flatMap((date, at) => {
    const day = dayNumber(date);
    if (day < first || day > last) return [];
    const look: Partial<Record<BandName, number>> = {};
    for (const [name, values] of Object.entries(series.bands) as [BandName, Float32Array][]) look[name] = values[at]!;
    const values: Reflectances = look;
    if (Number.isNaN(indexOf('ndvi', values))) return [];
    return [{ date: date.slice(0, 10), day, valueOf: (index: FieldIndex) => indexOf(index, values) }];
  });
}

/** Water under or between plants: LSWI + margin above NDVI; without short-wave infrared NDWI above 0. */
function isFlooded({ valueOf }: SeenLook, margin: number): boolean {
  const lswi = valueOf('lswi');
  return Number.isNaN(lswi) ? valueOf('ndwi') > 0 : lswi + margin > valueOf('ndvi');
}

/**
 * Rice: flooding in the period of flooding, then a green peak.
 *
 * @see Xiao et al. 2005, doi:10.1016/j.rse.2004.12.009; wet winter soil shows the same, so the period restricts it
 * @returns what was seen, the flooding first; empty: no rice was seen, which does not say that none was there
 */
export function riceEvidence(
  looks: readonly SeenLook[],
  { rice }: Pick<PlantingRules, 'rice'>,
  { region, county }: { readonly region: Region; readonly county: string | null },
): readonly Evidence[] {
  const [least, most] = rice.peakAfterDays;
  for (const look of looks) {
    const kinds = fieldDay(look.date, county, region)!.kinds;
    if (!rice.kinds.some((kind) => kinds.has(kind)) || !isFlooded(look, rice.margin)) continue;
    const peak = looks.find(
      ({ day, valueOf }) => day - look.day >= least && day - look.day <= most && valueOf('ndvi') >= rice.peakNdvi,
    );
    if (peak === undefined) continue;
    return [
      { code: 'flooded', zh: '灌水期见水', en: 'flooded in the period of flooding', date: look.date },
      { code: 'green-peak', zh: '灌水后见绿峰：水稻', en: 'then a green peak: rice', date: peak.date },
    ];
  }
  return [];
}

/**
 * What was harvested in May or June: green in spring, a drop after; yellow in flower: rape, green in flower: wheat.
 *
 * @see NDYI (green − blue) / (green + blue): Sulik & Long 2016, doi:10.1016/j.rse.2016.06.016
 * @returns crop null: a harvest was seen, but no look when rape flowers, so it may be either
 */
export function winterEvidence(
  looks: readonly SeenLook[],
  { winterCereal }: Pick<PlantingRules, 'winterCereal'>,
): { readonly crop: 'wheat' | 'rape' | null; readonly evidence: readonly Evidence[] } {
  const { green, drop, flower } = winterCereal;
  const within = (span: { readonly from: string; readonly to: string }) =>
    looks.filter(({ date }) => isWithin(date.slice(5), span));
  const highest = within(green).reduce<SeenLook | null>(
    (best, look) => (best === null || look.valueOf('ndvi') > best.valueOf('ndvi') ? look : best),
    null,
  );
  if (highest === null || highest.valueOf('ndvi') < green.ndvi) return { crop: null, evidence: [] };
  const fallen = within(drop).find(
    ({ day, valueOf }) => day > highest.day && highest.valueOf('ndvi') - valueOf('ndvi') >= drop.ndvi,
  );
  if (fallen === undefined) return { crop: null, evidence: [] };
  const evidence: Evidence[] = [
    { code: 'winter-green', zh: '冬春见绿', en: 'green in winter and spring', date: highest.date },
    { code: 'summer-drop', zh: '5-6月收割', en: 'harvested in May or June', date: fallen.date },
  ];
  const inFlower = within(flower);
  const yellow = inFlower.find(
    ({ valueOf }) => valueOf('ndyi') >= flower.ndyi && valueOf('greenRed') < flower.greenRed,
  );
  if (yellow)
    return {
      crop: 'rape',
      evidence: [...evidence, { code: 'rape-flower', zh: '见油菜花', en: 'rape in flower', date: yellow.date }],
    };
  return { crop: inFlower.length > 0 ? 'wheat' : null, evidence };
}
