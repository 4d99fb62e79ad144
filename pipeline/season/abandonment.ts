import { seenLooks, type Evidence } from './evidence.ts';
import { dayNumber, orderSeries, type ParcelSeries } from './parcel-series.ts';
import type { AbandonmentRules } from './season-rules.ts';

export type Abandonment = 'cultivated' | 'suspected' | 'insufficient-observations';

export interface AbandonmentJudgement {
  readonly state: Abandonment;
  /** by season, the latest last; null: too few clear looks */
  readonly seasons: readonly { readonly year: number; readonly looks: number; readonly hasCrop: boolean | null }[];
  readonly evidence: readonly Evidence[];
}

/**
 * Whether a parcel was left without a crop (疑似抛荒) for so many growing seasons on end up to a year.
 *
 * Only the growing season is looked at: winter bare says nothing. A season without enough clear looks is neither
 * cultivated nor abandoned; nor is one that is not over, in which no crop was seen yet. A crop in the latest seen season is
 * enough to be cultivated.
 *
 * @param year the last season
 * @throws AppError INPUT_INVALID for a date that is none, or bands of another length than the dates
 */
export function judgeAbandonment(series: ParcelSeries, year: number, rules: AbandonmentRules): AbandonmentJudgement {
  const ordered = orderSeries(series);
  const seasons = Array.from({ length: rules.seasons }, (_, i) =>
    seasonOf(ordered, year - rules.seasons + 1 + i, rules),
  );
  const last = seasons.at(-1)!;
  const cropped = seasons.filter(({ hasCrop }) => hasCrop === true);
  if (last.hasCrop === true || (cropped.length > 0 && seasons.every(({ hasCrop }) => hasCrop !== null)))
    return {
      state: 'cultivated',
      seasons,
      evidence: cropped.map(({ year: grown }) => ({
        code: 'crop-season',
        zh: `${grown}年生长季见作物生长与收割`,
        en: `a crop grew and went in ${grown}`,
        date: null,
      })),
    };
  if (seasons.some(({ hasCrop }) => hasCrop === null))
    return {
      state: 'insufficient-observations',
      seasons,
      evidence: seasons
        .filter(({ hasCrop }) => hasCrop === null)
        .map(({ year: unseen, looks }) => ({
          code: 'insufficient-observations',
          zh: `${unseen}年生长季有效观测${looks}次，须${rules.leastLooks}次且生长季已结束`,
          en: `${looks} clear looks in the season of ${unseen}; ${rules.leastLooks} are needed and the season over`,
          date: null,
        })),
    };
  return {
    state: 'suspected',
    seasons,
    evidence: seasons.map(({ year: bare }) => ({
      code: 'no-crop-season',
      zh: `${bare}年生长季未见作物`,
      en: `no crop seen in the growing season of ${bare}`,
      date: null,
    })),
  };
}

/** A crop rises from bare or flooded ground and falls again, or falls from a closed canopy: wild plants do neither. */
function seasonOf(series: ParcelSeries, year: number, { from, to, leastLooks, cropNdviRise }: AbandonmentRules) {
  const ndvi = seenLooks(series, `${year}-${from}`, `${year}-${to}`).map(({ valueOf }) => valueOf('ndvi'));
  const looks = ndvi.length;
  const hasCrop = looks >= leastLooks && Math.max(...ndvi) - Math.min(...ndvi) >= cropNdviRise;
  const end = dayNumber(`${year}-${to}`);
  const isOver = series.dates.some((date) => dayNumber(date) > end);
  if (hasCrop) return { year, looks, hasCrop };
  return { year, looks, hasCrop: looks >= leastLooks && isOver ? false : null };
}
