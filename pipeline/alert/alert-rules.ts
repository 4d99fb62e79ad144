import { z } from 'zod';
import { parseConfig } from '../rule/config-document.ts';

const days = z.number().int().positive();

/** `config/rules/alert.json`: what opens an alert, when it is due, what is one place. */
export const alertRulesSchema = z.strictObject({
  format: z.literal('tianwatch-alert/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change'),
  description: z.string().describe('how to read it'),
  categories: z
    .strictObject({
      'land-class': z.array(z.string()).min(1).describe('categories of changed ground'),
      planting: z.array(z.string()).min(1).describe('what is planted or not'),
    })
    .describe('what is alerted, by axis; all else is told in reports'),
  sameGroundFraction: z
    .number()
    .gt(0)
    .max(1)
    .describe('tracks that share so much of the smaller one are one place and have one alert'),
  explainedFraction: z
    .number()
    .gt(0)
    .max(1)
    .describe('a parcel covered so far by standing alerts of changed ground has no alert of its planting'),
  dueDays: z
    .strictObject({ severe: days, high: days, normal: days, recovering: days })
    .describe('days to look at the ground by severity, and to give closing evidence'),
  source: z.string().describe('where it is from'),
  verified: z.boolean().describe('whether somebody has held it against its source'),
});
export type AlertRules = z.infer<typeof alertRulesSchema>;

/** @throws AppError CONFIG_INVALID */
export const parseAlertRules = (document: unknown): AlertRules =>
  parseConfig(alertRulesSchema, document, 'config/rules/alert.json');
