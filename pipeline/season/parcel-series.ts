import { AppError } from '../errors.ts';
import type { BandName } from '../types.ts';

/** What all looks saw of one parcel: mean reflectance by band and look, NaN = not seen. */
export interface ParcelSeries {
  /** ISO-8601, ascending; a date may stand several times (neighbouring scenes) */
  readonly dates: readonly string[];
  /** reflectance 0..1, one a date */
  readonly bands: Readonly<Partial<Record<BandName, Float32Array>>>;
}

const dayMs = 86_400_000;

/** Days since 1970-01-01 of an ISO-8601 date. */
export const dayNumber = (date: string): number => Math.floor(Date.parse(date.slice(0, 10)) / dayMs);

/** YYYY-MM-DD of days since 1970-01-01. */
export const dateOfDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/**
 * The series in the order of its dates; equal dates keep theirs.
 *
 * @throws AppError INPUT_INVALID for a date that is none, or bands of another length than the dates
 */
export function orderSeries({ dates, bands }: ParcelSeries): ParcelSeries {
  const bad = dates.find((date) => !/^\d{4}-\d{2}-\d{2}/.test(date) || Number.isNaN(dayNumber(date)));
  if (bad !== undefined)
    throw new AppError('INPUT_INVALID', `${JSON.stringify(bad)} is no date of a look.`, 'Give ISO-8601 dates.');
  for (const [name, values] of Object.entries(bands))
    if (values.length !== dates.length)
      throw new AppError(
        'INPUT_INVALID',
        `A series has ${dates.length} dates and ${values.length} values of ${name}.`,
        'Give one value a date, NaN where the ground was not seen.',
      );
  const order = dates.map((_, i) => i).sort((a, b) => dayNumber(dates[a]!) - dayNumber(dates[b]!) || a - b);
  const sorted: Partial<Record<BandName, Float32Array>> = {};
  for (const [name, values] of Object.entries(bands) as [BandName, Float32Array][])
    sorted[name] = Float32Array.from(order, (i) => values[i]!);
  return { dates: order.map((i) => dates[i]!.slice(0, 10)), bands: sorted };
}
