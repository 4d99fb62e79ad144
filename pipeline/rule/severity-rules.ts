import { z } from 'zod';
import { categories, reasonSchema, severities } from './reason.ts';

const fraction = z.number().min(0).max(1);
const sourced = {
  source: z.string().describe('rule, notice or practice that it follows'),
  verified: z.boolean().describe('whether somebody has held it against the text of its source'),
};

const severityRowSchema = z.strictObject({
  id: z.string().describe('stable word'),
  layer: z.enum(['permanent-farmland', 'grain-zone']).describe('what the finding lies on'),
  categories: z.array(z.enum(categories)).min(1).describe('findings that it is about'),
  seen: z.union([z.literal('any'), z.array(z.string()).min(1)]).describe('classes that the image sees now'),
  severity: z.enum(severities).describe('how grave'),
  reason: reasonSchema.describe('why, as people read it'),
  ...sourced,
});

/** `config/rules/severity.json`: how grave a finding is, and when a permit makes it lawful. */
export const severityRulesSchema = z.strictObject({
  format: z.literal('tianwatch-severity/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change'),
  description: z.string().describe('how to read it'),
  overlap: z
    .strictObject({
      fromFraction: fraction.describe('a finding lies on a layer from this share of its area on'),
      fromM2: z.number().positive().describe('or from this area on (m²), where its area is known'),
      ...sourced,
    })
    .describe('from when on a layer counts'),
  permit: z
    .strictObject({
      lawfulFraction: fraction.describe('covered by a permit from this share of its area on'),
      onPermanentFarmland: z
        .enum(severities)
        .describe('severity of what is permitted on permanent farmland: the permit itself is to be checked'),
      ...sourced,
    })
    .describe('when a permit makes a finding lawful'),
  rows: z.array(severityRowSchema).describe('of each layer the first row that holds'),
});
export type SeverityRules = z.infer<typeof severityRulesSchema>;
export type SeverityRow = SeverityRules['rows'][number];
