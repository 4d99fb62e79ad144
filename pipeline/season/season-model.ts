import type { BandName } from '../types.ts';
import { bandsOfIndex } from './field-index.ts';
import { forestShares, type Forest } from './forest.ts';
import { dayNumber, type ParcelSeries } from './parcel-series.ts';
import { seasonCurves } from './season-curve.ts';
import { seasonFeatures, type SeasonInput } from './season-features.ts';

/** A season model ready to use: one forest for what stands in winter, one for summer. */
export interface SeasonModel {
  /** card id and version, as judgements name it */
  readonly id: string;
  readonly input: SeasonInput;
  readonly winter: Forest;
  readonly summer: Forest;
}

/** Shares of the crops of a season, 0..1. */
export type CropShares = Readonly<Record<string, number>>;

export const bandsOfModel = ({ input }: Pick<SeasonModel, 'input'>): readonly BandName[] => [
  ...new Set(input.indices.flatMap(bandsOfIndex)),
];

/** Whether a series has the bands of a model in any look. */
export const mayJudge = (model: SeasonModel, { bands }: ParcelSeries): boolean =>
  bandsOfModel(model).every((band) => bands[band]?.some(Number.isFinite) ?? false);

/** Features of a crop year, float32, or null where none of its looks was clear. @param series in order of dates */
export function yearFeatures(series: ParcelSeries, year: number, input: SeasonInput): Float32Array | null {
  const { yearFrom, steps, stepDays, lambda, indices } = input;
  const firstDay = dayNumber(`${year - 1}-${yearFrom}`);
  const curves = seasonCurves(series, { firstDay, steps, stepDays, lambda }, indices);
  return curves.looks.some((count) => count > 0) ? seasonFeatures(curves, input) : null;
}

/** What probably stood on a parcel in a crop year; null where nothing was seen. */
export function cropShares(
  model: SeasonModel,
  series: ParcelSeries,
  year: number,
): { readonly winter: CropShares; readonly summer: CropShares } | null {
  const features = yearFeatures(series, year, model.input);
  if (features === null) return null;
  const named = (forest: Forest): CropShares => {
    const shares = forestShares(forest, features);
    return Object.fromEntries(forest.classes.map((name, k) => [name, shares[k]!]));
  };
  return { winter: named(model.winter), summer: named(model.summer) };
}
