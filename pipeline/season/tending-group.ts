import { z } from 'zod';
import { plantingStatuses, type PlantingStatus } from './planting.ts';
import type { TendingRules } from './season-rules.ts';
import { judgeTending } from './tending.ts';

export const abandonmentStates = ['cultivated', 'suspected', 'insufficient-observations'] as const;

/** Cropland parcels of a project that are judged alike in a crop year. */
export const tendingGroupSchema = z.strictObject({
  abandonment: z.enum(abandonmentStates).describe('growing seasons up to the year'),
  planting: z.enum(plantingStatuses).describe('of the year'),
  parcels: z.number().int().describe('how many'),
  areaM2: z.number().describe('of them inside the project (m²)'),
});
export type TendingGroup = z.infer<typeof tendingGroupSchema>;

/** What one series says of a project in one crop year. */
export const tendingYearSchema = z.strictObject({
  source: z.string().describe('name of the series'),
  project: z.string().describe('id of the project'),
  year: z.number().int().describe('crop year'),
  groups: z.array(tendingGroupSchema),
});
export type TendingYear = z.infer<typeof tendingYearSchema>;

/** Whether a project's land is still watched, and whether its reward is to be held back. */
export const projectTendingSchema = z.strictObject({
  project: z.string().describe('id'),
  from: z
    .string()
    .nullable()
    .describe('first day of the tending period 管护期 (ISO-8601); null: the project has no end yet'),
  to: z.string().nullable().describe('last day'),
  isWatched: z.boolean().describe('the period runs'),
  isPaymentHeld: z.boolean().describe('pay nothing before somebody has looked 暂缓拨付'),
  year: z.number().int().nullable().describe('crop year that it rests on; null: none was over, or none was judged'),
  reasons: z
    .array(
      z.strictObject({
        code: z.string().describe('stable word'),
        zh: z.string().describe('Chinese'),
        en: z.string().describe('English'),
        parcels: z.number().int().describe('cropland parcels that it is about'),
        areaM2: z.number().describe('of them inside the project (m²)'),
      }),
    )
    .describe('why, the largest area first'),
});
export type ProjectTending = z.infer<typeof projectTendingSchema>;

/** The same day so many months later; a day that the month has not is its last. */
export function monthsLater(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const whole = year * 12 + month - 1 + months;
  const [laterYear, laterMonth] = [Math.floor(whole / 12), (whole % 12) + 1];
  const last = new Date(Date.UTC(laterYear, laterMonth, 0)).getUTCDate();
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${laterYear}-${two(laterMonth)}-${two(Math.min(date, last))}`;
}

const sizeOf = ({ groups }: TendingYear): number => groups.reduce((sum, { areaM2 }) => sum + areaM2, 0);

/** The latest year that was over, as the series that judged most of the project has it. */
function latestOf(years: readonly TendingYear[], on: string, yearTo: string): TendingYear | null {
  const over = years.filter(({ year }) => `${year}-${yearTo}` <= on);
  const order = (a: TendingYear, b: TendingYear): number =>
    b.year - a.year || sizeOf(b) - sizeOf(a) || (a.source < b.source ? -1 : 1);
  return over.toSorted(order)[0] ?? null;
}

/**
 * Tending of a project on a day: one parcel that is held holds the payment of all.
 *
 * @param years of this project alone, any order
 * @param options.yearTo last day of a crop year, MM-DD
 */
export function projectTending(
  { id, endDate }: { readonly id: string; readonly endDate: string | null },
  years: readonly TendingYear[],
  options: { readonly on: string; readonly yearTo: string; readonly rules: TendingRules },
): ProjectTending {
  const { on, yearTo, rules } = options;
  const to = endDate === null ? null : monthsLater(endDate, rules.months);
  const latest = latestOf(years, on, yearTo);
  const unseen = { abandonment: 'insufficient-observations', planting: null, parcels: 0, areaM2: 0 } as const;
  const groups: readonly (Omit<TendingGroup, 'planting'> & { planting: PlantingStatus | null })[] =
    latest === null || latest.groups.length === 0 ? [unseen] : latest.groups;
  const isBefore = endDate === null;
  const judged = groups.map(({ abandonment, planting, parcels, areaM2 }) => ({
    // without an end tending has not begun, whatever day it is
    ...judgeTending({ tendingFrom: isBefore ? '9999-12-31' : endDate, tendingTo: to, on, abandonment, planting }),
    parcels,
    areaM2,
  }));
  const reasons = new Map<string, ProjectTending['reasons'][number]>();
  for (const { reason, parcels, areaM2 } of judged) {
    const known = reasons.get(reason.code);
    reasons.set(reason.code, {
      ...reason,
      parcels: parcels + (known?.parcels ?? 0),
      areaM2: areaM2 + (known?.areaM2 ?? 0),
    });
  }
  return {
    project: id,
    from: endDate,
    to,
    isWatched: judged.some(({ isWatched }) => isWatched),
    isPaymentHeld: judged.some(({ isPaymentHeld }) => isPaymentHeld),
    year: latest?.year ?? null,
    reasons: [...reasons.values()].toSorted((a, b) => b.areaM2 - a.areaM2 || (a.code < b.code ? -1 : 1)),
  };
}
