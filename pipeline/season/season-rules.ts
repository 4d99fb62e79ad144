import { z } from 'zod';
import { reasonSchema } from '../rule/reason.ts';
import { periodKinds } from '../rule/region.ts';

const names = z.array(z.string()).min(1);
const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/);
const sourced = {
  source: z.string().describe('where the figures are from'),
  verified: z.boolean().describe('whether somebody has held them against their source'),
};
const span = { from: monthDay.describe('first day, MM-DD'), to: monthDay.describe('last day, MM-DD') };

const guardSchema = z.strictObject({
  id: z.string().describe('stable word; observations name it'),
  seen: names.describe('classes that the look shows'),
  kinds: z.array(z.enum(periodKinds)).min(1).describe('kinds of periods of the calendar in which the guard holds'),
  reason: reasonSchema.describe('why, as people read it'),
  description: z.string().describe('why the guard is as it is'),
  source: z.string().describe('notice or practice that it follows'),
  verified: z.boolean().describe('whether somebody has held it against its source'),
});
export type SeasonGuard = z.infer<typeof guardSchema>;

export const cropCounts = ['grain', 'non-grain', 'none', 'uncultivated'] as const;

const cropSchema = z.strictObject({
  id: z.string().describe('class of a season model'),
  zh: z.string().describe('Chinese'),
  en: z.string().describe('English'),
  season: z.enum(['winter', 'summer']).describe('which half of the crop year it stands in'),
  counts: z
    .enum(cropCounts)
    .describe('grain: a grain season; non-grain: a crop that is none; none: neither (allowed rotation, stubble)'),
});
export type CropRule = z.infer<typeof cropSchema>;

const plantingSchema = z.strictObject({
  yearFrom: monthDay.describe('first day of the crop year, in the calendar year before'),
  yearTo: monthDay.describe('last day; only after it a parcel may be called non-grain'),
  leastLooks: z.number().int().positive().describe('clear looks in the crop year, fewer: insufficient observations'),
  summer: z
    .strictObject({ ...span, leastLooks: z.number().int().positive().describe('clear looks in it') })
    .describe('part of the year in which the main crop stands'),
  rice: z
    .strictObject({
      kinds: z.array(z.enum(periodKinds)).min(1).describe('periods in which water is flooding'),
      margin: z.number().min(0).max(0.2).describe('added to LSWI'),
      peakNdvi: z.number().describe('a green peak reaches this'),
      peakAfterDays: z.tuple([z.number(), z.number()]).describe('days from flooding to the peak, least and most'),
      ...sourced,
    })
    .describe('flooding (LSWI + margin above NDVI, without short-wave infrared NDWI above 0), then a green peak'),
  winterCereal: z
    .strictObject({
      green: z.strictObject({ ...span, ndvi: z.number().describe('at least so green in it') }),
      drop: z.strictObject({ ...span, ndvi: z.number().describe('lower by at least this in it') }),
      flower: z.strictObject({
        ...span,
        ndyi: z.number().describe('yellow, rape in flower, from here on …'),
        greenRed: z.number().describe('… where (green − red) / (green + red) is below this: leaves are greener'),
      }),
      ...sourced,
    })
    .describe('winter green with a drop in May or June; yellow before it: rape, else wheat'),
  evidenceConfidence: z
    .number()
    .gt(0.5)
    .max(1)
    .describe('probability that rule evidence is worth alone: where no model judges, or the year is not over'),
  grainFrom: z.number().min(0.5).max(1).describe('probability of a grain season from which on a parcel is grain'),
  nonGrainFrom: z.number().min(0.5).max(1).describe('the same of no grain season'),
  crops: z.array(cropSchema).min(1).describe('what crops count as: policy, not botany'),
  ...sourced,
});
export type PlantingRules = z.infer<typeof plantingSchema>;

const abandonmentSchema = z.strictObject({
  seasons: z.number().int().min(1).describe('growing seasons on end without a crop'),
  ...span,
  leastLooks: z.number().int().positive().describe('clear looks in each season, fewer: insufficient observations'),
  cropNdviRise: z.number().describe('a crop rises and falls by at least this within the season'),
  ...sourced,
});
export type AbandonmentRules = z.infer<typeof abandonmentSchema>;

const findingSchema = z.strictObject({
  id: z.string().describe('stable word; alerts name it with the version of the document'),
  when: z
    .enum(['non-grain', 'abandoned'])
    .describe(
      'non-grain: planting status of a crop year that is over; abandoned: suspected, and no year says otherwise',
    ),
  category: z.string().describe('what the alert is called (config/rules/alert.json, categories of planting)'),
  reason: reasonSchema.describe('why, as people read it'),
  description: z.string().describe('what it leaves out'),
  ...sourced,
});
export type FindingRule = z.infer<typeof findingSchema>;

const findingsSchema = z.strictObject({
  rows: z.array(findingSchema).min(1).describe('what of a parcel and crop year becomes an alert; the first that holds'),
  certainFrom: z
    .number()
    .min(0.5)
    .max(1)
    .describe('probability from which on a finding is certain: its end is to be proven'),
  ...sourced,
});

const tendingSchema = z.strictObject({
  months: z.number().int().positive().describe('months from the end of a project in which its land is watched'),
  ...sourced,
});
export type TendingRules = z.infer<typeof tendingSchema>;

/** `config/rules/season.json`: what the fields' year explains, and what a parcel's series says of its planting. */
export const seasonRulesSchema = z.strictObject({
  format: z.literal('tianwatch-season/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change; what was judged by it names it'),
  description: z.string().describe('how to read it'),
  fieldLooks: names.describe('classes that a field shows in the course of a year; guards hold only on such ground'),
  guards: z.array(guardSchema).describe('looks that say nothing of a change of the land; the first that holds counts'),
  planting: plantingSchema.describe('planting status (种植属性) from a series of looks'),
  abandonment: abandonmentSchema.describe('abandonment (抛荒)'),
  findings: findingsSchema.describe('which judgements of planting ask somebody to look'),
  tending: tendingSchema.describe('tending period (管护期) of projects'),
});
export type SeasonRules = z.infer<typeof seasonRulesSchema>;
