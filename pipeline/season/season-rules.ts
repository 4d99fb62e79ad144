import { z } from 'zod';
import { reasonSchema } from '../rule/reason.ts';
import { periodKinds } from '../rule/region.ts';

const names = z.array(z.string()).min(1);

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

/** `config/rules/season.json`: what the fields' year explains. */
export const seasonRulesSchema = z.strictObject({
  format: z.literal('tianwatch-season/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change; what was judged by it names it'),
  description: z.string().describe('how to read it'),
  fieldLooks: names.describe('classes that a field shows in the course of a year; guards hold only on such ground'),
  guards: z.array(guardSchema).describe('looks that say nothing of a change of the land; the first that holds counts'),
});
export type SeasonRules = z.infer<typeof seasonRulesSchema>;
