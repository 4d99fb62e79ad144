import { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseConfig } from './config-document.ts';
import { severities } from './reason.ts';

/** What a rule protects; zones have the names of imported layers, grain apart. */
export const policyLayers = [
  'cropland',
  'permanent-farmland',
  'grain-zone',
  'high-standard',
  'red-line',
  'town-boundary',
] as const;
export type PolicyLayer = (typeof policyLayers)[number];

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const zh = z.string().min(1).describe('Chinese');
const en = z.string().min(1).describe('English');

const ruleSchema = z.strictObject({
  id: z.string().describe('stable word; alerts name it with the version of the document'),
  zh,
  en,
  source: z.string().describe('notice or law that it is from'),
  clause: z.string().describe('where in it'),
  layer: z.enum(policyLayers).describe('what the change lies on'),
  axis: z.enum(['land-class', 'planting']).describe('whether changed ground or planting touches it'),
  categories: z.array(z.string()).min(1).describe('findings that touch it'),
  seen: z.union([z.literal('any'), z.array(z.string()).min(1)]).describe('classes that the image sees now'),
  severity: z.enum(severities).describe('how grave, where it is touched for sure'),
  isPossible: z
    .boolean()
    .describe('an image alone cannot tell: named to be looked at, without making the finding graver'),
  from: day.describe('first day in force (ISO-8601)'),
  to: day.nullable().describe('last day in force; null: still is'),
  description: z.string().describe('why it is as it is, and what the image cannot tell'),
  verified: z.boolean().describe('whether somebody has held it against the text of its source'),
});
export type PolicyRule = z.infer<typeof ruleSchema>;

/** `config/rules/policy.json`: the named rules, dated. */
export const policyRulesSchema = z.strictObject({
  format: z.literal('tianwatch-policy/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change; alerts name it'),
  description: z.string().describe('how to read it'),
  layers: z
    .array(z.strictObject({ id: z.enum(policyLayers).describe('layer'), zh, en }))
    .describe('what rules are about'),
  rules: z.array(ruleSchema).min(1).describe('every one that holds is told'),
});
export type PolicyRules = z.infer<typeof policyRulesSchema>;

/**
 * @param classes names that rules may see
 * @throws AppError CONFIG_INVALID where a key is wrong, an id stands twice, a class is unknown or a rule ends before it begins
 */
export function parsePolicyRules(document: unknown, classes: readonly string[]): PolicyRules {
  const policy = parseConfig(policyRulesSchema, document, 'config/rules/policy.json');
  const ids = new Set<string>();
  for (const { id, seen, from, to } of policy.rules) {
    const wrong =
      (ids.has(id) && 'stands twice') ||
      (to !== null && to < from && `ends ${to} before it begins ${from}`) ||
      (seen !== 'any' && seen.find((name) => !classes.includes(name)) && `sees ${seen.join(', ')}, not all known`);
    if (wrong)
      throw new AppError('CONFIG_INVALID', `config/rules/policy.json: rule ${id} ${wrong}.`, 'Correct the rule.');
    ids.add(id);
  }
  return policy;
}
