import type { BandName } from '../types.ts';
import { pairShares, type CurveNet } from './curve-net.ts';
import { bandsOfIndex } from './field-index.ts';
import { dayNumber, type ParcelSeries } from './parcel-series.ts';
import { seasonCurves } from './season-curve.ts';
import { seasonFeatures, type SeasonInput } from './season-features.ts';

/** A season model ready to use. */
export interface SeasonModel {
  /** card id and version, as judgements name it */
  readonly id: string;
  readonly input: SeasonInput;
  readonly net: CurveNet;
}

/** What may have stood on a parcel in the winter and the summer of one crop year, and how likely that is, 0..1. */
export interface YearShare {
  readonly winter: string;
  readonly summer: string;
  readonly share: number;
}

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

/** What probably stood on a parcel in a crop year, shares adding up to 1; null where nothing was seen. */
export function cropShares(model: SeasonModel, series: ParcelSeries, year: number): readonly YearShare[] | null {
  const features = yearFeatures(series, year, model.input);
  if (features === null) return null;
  const shares = pairShares(model.net, features);
  return model.net.pairs.map((pair, k) => ({ ...pair, share: shares[k]! }));
}
