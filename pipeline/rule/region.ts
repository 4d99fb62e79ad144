import { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseConfig } from './config-document.ts';
import { parseTable } from './csv-table.ts';

const monthDay = z
  .string()
  .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  .describe('month and day, MM-DD');
const span = {
  from: monthDay.describe('first day, MM-DD'),
  to: monthDay.describe('last day, MM-DD; before `from`: goes over the end of the year'),
};
const sourced = {
  source: z.string().describe('where it is from'),
  verified: z.boolean().describe('whether somebody has held it against its source'),
};
const deg = (limit: number) => z.number().min(-limit).max(limit);
const names = { zh: z.string().min(1).describe('Chinese'), en: z.string().min(1).describe('English') };

/** What rules ask of a day. */
export const periodKinds = [
  'flooded',
  'harvest',
  'winter-bare',
  'spring-bare',
  'refilled',
  'best-for-woody',
  'best-for-physical',
  'little-optical',
] as const;
export type PeriodKind = (typeof periodKinds)[number];

const periodSchema = z.strictObject({
  id: z.string().describe('stable word'),
  kinds: z
    .array(z.enum(periodKinds))
    .describe(
      'flooded: water on cropland is paddy; harvest, winter-bare: bare is normal; spring-bare, refilled: bare or water may be normal on some fields; the others are advice',
    ),
  ...names,
  ...span,
  description: z.string().describe('what is on the ground'),
  ...sourced,
});
export type Period = z.infer<typeof periodSchema>;

/** `config/regions/<id>.json`: where a region is, whom it consists of, and its year. */
export const regionSchema = z.strictObject({
  format: z.literal('tianwatch-region/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change'),
  id: z.string().describe('name of the file'),
  code: z
    .string()
    .regex(/^\d{6}$/)
    .describe('division code, 6 digits'),
  ...names,
  frame: z
    .strictObject({ lonDeg: deg(180), latDeg: deg(90), ...sourced })
    .describe('centre of the equal-area frame of all overlay'),
  bounds: z
    .strictObject({ westDeg: deg(180), southDeg: deg(90), eastDeg: deg(180), northDeg: deg(90), ...sourced })
    .describe('what the region lies in'),
  towns: z
    .strictObject({
      file: z.string().describe('table of towns beside this file'),
      rows: z.number().int().positive().describe('its rows'),
      ...sourced,
    })
    .describe('its towns'),
  counties: z
    .array(
      z.strictObject({
        code: z
          .string()
          .regex(/^\d{6}$/)
          .describe('division code, 6 digits'),
        ...names,
        periods: z
          .array(z.strictObject({ id: z.string().describe('period of the region'), ...span, ...sourced }))
          .describe('periods that fall otherwise in this county'),
      }),
    )
    .min(1)
    .describe('its counties'),
  seasons: z
    .array(
      z.strictObject({
        id: z.string().describe('stable word'),
        ...names,
        ...span,
        isChanging: z.boolean().describe('plants change within it: two dates of one year cannot be compared'),
      }),
    )
    .min(1)
    .describe('parts of the year in which plants look alike; every day is in exactly one'),
  seasonsSource: z.string().describe('where the seasons are from'),
  seasonsVerified: z.boolean().describe('whether somebody has held them against their source'),
  periods: z.array(periodSchema).describe('calendar of the fields; periods may overlap'),
});
export type Region = z.infer<typeof regionSchema>;

/** A row of the table of towns. */
export const townSchema = z.strictObject({
  code: z
    .string()
    .regex(/^\d{9}$/)
    .describe('9 digits; its first 6 are the county'),
  name: z.string().min(1).describe('Chinese name'),
  county: z
    .string()
    .regex(/^\d{6}$/)
    .describe('county code'),
});
export type Town = z.infer<typeof townSchema>;

/**
 * @param name what errors call the document
 * @throws AppError CONFIG_INVALID where keys are wrong, a day is in no season or in two, or a county names no period
 */
export function parseRegion(document: unknown, name: string): Region {
  const region = parseConfig(regionSchema, document, name);
  for (const day of daysOfYear) {
    const found = region.seasons.filter((season) => isWithin(day, season));
    if (found.length !== 1)
      throw new AppError(
        'CONFIG_INVALID',
        `${name}: ${day} is in ${found.length} seasons (${found.map(({ id }) => id).join(', ')}).`,
        'Let the seasons cover the year once.',
      );
  }
  const known = new Set(region.periods.map(({ id }) => id));
  for (const { code, periods } of region.counties)
    for (const { id } of periods)
      if (!known.has(id))
        throw new AppError(
          'CONFIG_INVALID',
          `${name}: county ${code} names the period ${id}.`,
          `Name one of ${[...known].join(', ')}.`,
        );
  return region;
}

/**
 * Towns by code.
 *
 * @throws AppError CONFIG_INVALID for a row that is not one, a code that stands twice or is not of its county
 */
export function parseTowns(text: string, name: string): ReadonlyMap<string, Town> {
  const towns = new Map<string, Town>();
  for (const [index, cells] of parseTable(text, ['code', 'name', 'county'], name).entries()) {
    const town = parseConfig(townSchema, cells, `${name}, row ${index + 1}`);
    if (towns.has(town.code) || !town.code.startsWith(town.county))
      throw new AppError(
        'CONFIG_INVALID',
        `${name}, row ${index + 1}: ${town.code} stands twice or is not of county ${town.county}.`,
        'Keep one row a town.',
      );
    towns.set(town.code, town);
  }
  return towns;
}

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const two = (value: number): string => String(value).padStart(2, '0');

/** Every day of a leap year, MM-DD. */
export const daysOfYear: readonly string[] = daysInMonth.flatMap((days, month) =>
  Array.from({ length: days }, (_, day) => `${two(month + 1)}-${two(day + 1)}`),
);

/** Whether a day (MM-DD) is in a span, both ends included. */
export function isWithin(day: string, { from, to }: { readonly from: string; readonly to: string }): boolean {
  return from <= to ? day >= from && day <= to : day >= from || day <= to;
}
