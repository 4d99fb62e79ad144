import type { BandName } from '../types.ts';
import { bandsOfIndex, indexOf, type FieldIndex, type Reflectances } from './field-index.ts';
import { dayNumber, type ParcelSeries } from './parcel-series.ts';
import { whittaker } from './whittaker.ts';

/** Steps of equal length that a year is looked at in. */
export interface SeasonSteps {
  /** days since 1970-01-01 of the first step's first day */
  readonly firstDay: number;
  readonly steps: number;
  readonly stepDays: number;
  /** stiffness of `whittaker` */
  readonly lambda: number;
}

/** Smooth curves of one parcel in one year. */
export interface SeasonCurves {
  readonly steps: SeasonSteps;
  /** one value a step; NaN throughout where an index was never seen */
  readonly curves: Readonly<Partial<Record<FieldIndex, Float64Array>>>;
  /** clear looks in each step */
  readonly looks: Uint8Array;
  /** days from the middle of each step to the nearest clear look, seen from any side */
  readonly gapDays: Float64Array;
}

const lookAt = ({ bands }: ParcelSeries, at: number): Reflectances => {
  const look: Partial<Record<BandName, number>> = {};
  for (const [name, values] of Object.entries(bands) as [BandName, Float32Array][]) look[name] = values[at]!;
  return look;
};

/** Positions of the looks that saw the parcel: those with a value of `bands`. */
export function clearLooks(series: ParcelSeries, bands: readonly BandName[]): readonly number[] {
  return series.dates.flatMap((_, i) =>
    bands.every((band) => Number.isFinite(series.bands[band]?.[i] ?? Number.NaN)) ? [i] : [],
  );
}

/**
 * Index curves on steps of equal length: looks of one step are averaged, then smoothed; looks outside the steps help
 * nothing.
 *
 * @param series in the order of its dates
 */
export function seasonCurves(series: ParcelSeries, steps: SeasonSteps, indices: readonly FieldIndex[]): SeasonCurves {
  const { firstDay, steps: count, stepDays, lambda } = steps;
  const needed = [...new Set(indices.flatMap(bandsOfIndex))];
  const looks = new Uint8Array(count);
  const seenDays: number[] = [];
  const sums = indices.map(() => new Float64Array(count));
  for (const at of clearLooks(series, needed)) {
    const day = dayNumber(series.dates[at]!);
    const step = Math.floor((day - firstDay) / stepDays);
    if (step < 0 || step >= count) continue;
    const look = lookAt(series, at);
    const values = indices.map((index) => indexOf(index, look));
    if (values.some(Number.isNaN)) continue;
    looks[step]!++;
    seenDays.push(day);
    values.forEach((value, k) => (sums[k]![step]! += value));
  }
  const curves: Partial<Record<FieldIndex, Float64Array>> = {};
  indices.forEach((index, k) => {
    const means = sums[k]!.map((sum, step) => (looks[step] === 0 ? Number.NaN : sum / looks[step]!));
    curves[index] = whittaker(means, looks, lambda);
  });
  return { steps, curves, looks, gapDays: gapsOf(seenDays, steps) };
}

/** Days to the nearest look; the whole length where there is none. */
function gapsOf(days: readonly number[], { firstDay, steps, stepDays }: SeasonSteps): Float64Array {
  const whole = steps * stepDays;
  return Float64Array.from({ length: steps }, (_, step) => {
    const middle = firstDay + (step + 0.5) * stepDays;
    return days.reduce((least, day) => Math.min(least, Math.abs(day + 0.5 - middle)), whole);
  });
}
