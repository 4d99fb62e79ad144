import { z } from 'zod';
import { categories, reasonSchema } from './reason.ts';
import { periodKinds } from './region.ts';

const names = z.array(z.string()).min(1);
const kinds = z.array(z.enum(periodKinds)).min(1).optional();

const groundSchema = z.strictObject({
  id: z.string().describe('stable word'),
  zh: z.string().describe('Chinese'),
  en: z.string().describe('English'),
  codes: z.array(z.string()).describe('land codes that are this ground; every code of the dictionary is in one ground'),
  classes: z.array(z.string()).describe('classes that are this ground where no parcel is known; each class is in one'),
  looksLike: names.describe('classes that such ground shows, the most common one first'),
  isCropland: z.boolean().describe('the law calls it cropland'),
  mayBeField: z.boolean().describe('seen by an image, it may be a field: no contradiction to a survey that says so'),
  description: z.string().optional().describe('what a reader must know'),
});
export type Ground = z.infer<typeof groundSchema>;

const rowSchema = z.strictObject({
  id: z.string().describe('stable word; patches name it'),
  ground: z.union([z.literal('any'), names]).describe('what the ground was: ids of `grounds`'),
  from: z
    .enum(['survey', 'image'])
    .optional()
    .describe('only where the ground is known by the parcel, or only where by the image'),
  before: names.optional().describe('classes that the image saw before'),
  seen: z.union([z.literal('any'), names]).describe('classes that the image sees now'),
  isSameClass: z.literal(true).optional().describe('only where both dates show the same class'),
  when: z
    .strictObject({
      before: kinds.describe('the earlier date is in a period of one of these kinds'),
      after: kinds.describe('the later date is'),
      seasons: z
        .literal('differ')
        .optional()
        .describe('the dates are in different seasons of the region, or in one harvest'),
    })
    .refine((when) => Object.keys(when).length > 0, 'wants a condition')
    .optional()
    .describe('conditions on the dates; not met by an unknown date'),
  category: z.enum(categories).describe('what the change is called'),
  reason: reasonSchema.describe('why, as people read it'),
  flags: z.array(z.string()).describe('what to look at: contested codes, balances'),
  description: z.string().describe('why the row is as it is'),
  source: z.string().describe('rule, notice or practice that it follows'),
  verified: z.boolean().describe('whether somebody has held it against the text of its source'),
});
export type CategoryRow = z.infer<typeof rowSchema>;

/** `config/rules/category.json`: what a change is called. */
export const categoryRulesSchema = z.strictObject({
  format: z.literal('tianwatch-category/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change; patches name it'),
  description: z.string().describe('how to read it'),
  grounds: z.array(groundSchema).min(1).describe('what the ground was before'),
  classes: z
    .array(
      z.strictObject({ name: z.string().describe('English key of class maps'), zh: z.string().describe('Chinese') }),
    )
    .min(1)
    .describe('classes that the rows know; another one is an error'),
  rows: z.array(rowSchema).min(1).describe('the first row whose conditions all hold decides'),
});
export type CategoryRules = z.infer<typeof categoryRulesSchema>;
