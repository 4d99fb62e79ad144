import { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseConfig } from './config-document.ts';
import { categories } from './reason.ts';
import type { RuleSet } from './rule-set.ts';

const fraction = z.number().min(0).max(1);
const classes = z.array(z.string());
const sourced = {
  source: z.string().describe('rule, standard or reason that it follows'),
  verified: z.boolean().describe('whether somebody has held it against the text of its source'),
};

/** The five works of land consolidation. */
export const works = ['contiguous', 'high-standard', 'reclaimed', 'added', 'redeveloped'] as const;
export type Work = (typeof works)[number];

const workSchema = z.strictObject({
  work: z.enum(works).describe('stable word'),
  zh: z.string().describe('Chinese'),
  en: z.string().describe('English'),
  plannedCode: z.string().describe('land code after the works where the sub-project names none'),
  mustChange: z.boolean().describe('only changed ground is as planned: before and after look alike'),
  leavesMark: z.boolean().describe('false: the finished works look like what was there before'),
  underWay: classes.describe('classes that ground changes into while the works go on'),
  site: classes.describe('classes that are works under way even where nothing changed between the dates'),
  tolerated: classes.describe('classes that may be new up to limits.toleratedFraction'),
  description: z.string().describe('what is seen of such works'),
  ...sourced,
});
export type WorkRule = z.infer<typeof workSchema>;

/** `config/rules/project.json`: what works of a project should look like. */
export const projectRulesSchema = z.strictObject({
  format: z.literal('tianwatch-project-rules/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change'),
  description: z.string().describe('how to read it'),
  limits: z
    .strictObject({
      minObservedFraction: fraction.describe('seen to less than this share: unobserved'),
      doneFraction: fraction.describe('as planned from this share of the seen area on'),
      startedFraction: fraction.describe(
        'begun from this share of the seen area on, that changed as planned or is under way',
      ),
      toleratedFraction: fraction.describe('share that tolerated classes may take'),
      deviationM2: z.number().positive().describe('deviates from this area of other change on, m²'),
      overBoundaryM2: z.number().positive().describe('over the boundary from this area on, m²'),
      adjoiningM: z.number().min(0).describe('a change this near to a boundary adjoins it, m'),
      ...sourced,
    })
    .describe('from when on what is seen is called otherwise'),
  outside: z.array(z.enum(categories)).min(1).describe('categories of change that count outside a boundary'),
  works: z
    .array(workSchema)
    .length(works.length)
    .refine((rows) => new Set(rows.map(({ work }) => work)).size === works.length, 'wants each work once')
    .describe('the five works'),
});
export type ProjectRules = z.infer<typeof projectRulesSchema>;

/**
 * @throws AppError CONFIG_INVALID where a key is wrong or a row names an unknown land code or class
 */
export function parseProjectRules(document: unknown, { landCodes, groundOfClass }: RuleSet): ProjectRules {
  const name = 'config/rules/project.json';
  const rules = parseConfig(projectRulesSchema, document, name);
  for (const { work, plannedCode, underWay, site, tolerated } of rules.works) {
    const unknown = [
      ...(landCodes.has(plannedCode) ? [] : [plannedCode]),
      ...[...underWay, ...site, ...tolerated].filter((each) => !groundOfClass.has(each)),
    ];
    if (unknown.length > 0)
      throw new AppError(
        'CONFIG_INVALID',
        `${name}: ${work} names ${unknown.join(', ')}.`,
        'Name land codes of config/land-codes.csv and classes of config/rules/category.json.',
      );
  }
  return rules;
}
