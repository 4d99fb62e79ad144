import { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseConfig } from '../rule/config-document.ts';
import { works } from '../rule/project-rules.ts';
import type { RuleSet } from '../rule/rule-set.ts';

const sourced = {
  source: z.string().describe('rule, standard or reason that it follows'),
  verified: z.boolean().describe('whether somebody has held it against the text of its source'),
};
const names = z.array(z.string());

/** `config/rules/ledger.json`: what balances count, and what the programme is to reach. */
export const ledgerRulesSchema = z.strictObject({
  format: z.literal('tianwatch-ledger-rules/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change'),
  description: z.string().describe('how to read it'),
  balance: z
    .strictObject({
      inOutGrounds: names.describe('grounds whose exchange with cropland counts for 进出平衡; all others for 占补平衡'),
      inOutClasses: names.describe('classes that cropland is lost to by 进出'),
      occupationClasses: names.describe('classes that cropland is lost to by 占用; the rest is undetermined'),
      ...sourced,
    })
    .describe('balances of cropland'),
  water: z
    .strictObject({
      codes: names.describe('land codes that are water'),
      classes: names.describe('classes that are water'),
      ...sourced,
    })
    .describe('balance of water 水域占补平衡'),
  seenFraction: z
    .strictObject({ value: z.number().gt(0).max(1).describe('0..1'), ...sourced })
    .describe('share of a parcel from which on a look without a change speaks for all of it'),
  targets: z
    .strictObject({
      year: z.number().int().describe('by the end of which'),
      projects: z.number().int().describe('number of projects'),
      crossTown: z.number().int().describe('of them, in more than one town'),
      worksMu: z.record(z.enum(works), z.number().positive()).describe('亩 by work'),
      ...sourced,
    })
    .describe('what the programme is to reach'),
  claimedNotSeenM2: z
    .strictObject({ value: z.number().positive().describe('m²'), ...sourced })
    .describe('from which area on a part is listed as claimed and not seen'),
});
export type LedgerRules = z.infer<typeof ledgerRulesSchema>;

/** @throws AppError CONFIG_INVALID where a key is wrong or an unknown ground, class or land code is named */
export function parseLedgerRules(document: unknown, { landCodes, groundOfCode, groundOfClass }: RuleSet): LedgerRules {
  const name = 'config/rules/ledger.json';
  const rules = parseConfig(ledgerRulesSchema, document, name);
  const grounds = new Set([...groundOfCode.values(), ...groundOfClass.values()].map(({ id }) => id));
  const { balance, water } = rules;
  const unknown = [
    ...balance.inOutGrounds.filter((ground) => !grounds.has(ground)),
    ...[...balance.inOutClasses, ...balance.occupationClasses, ...water.classes].filter((c) => !groundOfClass.has(c)),
    ...water.codes.filter((code) => !landCodes.has(code)),
  ];
  if (unknown.length === 0) return rules;
  throw new AppError(
    'CONFIG_INVALID',
    `${name} names ${unknown.join(', ')}.`,
    'Name grounds and classes of config/rules/category.json and codes of config/land-codes.csv.',
  );
}
