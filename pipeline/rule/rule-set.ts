import { AppError } from '../errors.ts';
import { categoryRulesSchema, type CategoryRules, type Ground } from './category-rules.ts';
import { parseConfig } from './config-document.ts';
import { parsePolicyRules, type PolicyRules } from './policy-rules.ts';
import type { LandCodes } from './land-code.ts';
import type { Region } from './region.ts';
import { severityRulesSchema, type SeverityRules } from './severity-rules.ts';

/** All that `judge` goes by. */
export interface RuleSet {
  readonly landCodes: LandCodes;
  readonly category: CategoryRules;
  readonly severity: SeverityRules;
  readonly policy: PolicyRules;
  /** whose calendar counts; null: season rules are off */
  readonly region: Region | null;
  readonly groundOfCode: ReadonlyMap<string, Ground>;
  readonly groundOfClass: ReadonlyMap<string, Ground>;
}

const category = 'config/rules/category.json';

function refuse(message: string, todo: string, file = category): never {
  throw new AppError('CONFIG_INVALID', `${file}: ${message}`, todo);
}

/** Each key in exactly one ground, and each that is wanted in one. */
function groundBy(rules: CategoryRules, key: 'codes' | 'classes', wanted: Iterable<string>): Map<string, Ground> {
  const found = new Map<string, Ground>();
  const known = new Set(wanted);
  for (const ground of rules.grounds)
    for (const value of ground[key]) {
      const other = found.get(value);
      if (other) refuse(`${value} is in the grounds ${other.id} and ${ground.id}.`, 'Keep it in one of them.');
      if (!known.has(value)) refuse(`ground ${ground.id} names ${value}, which is unknown.`, `Correct its ${key}.`);
      found.set(value, ground);
    }
  for (const value of known)
    if (!found.has(value)) refuse(`${value} is in no ground.`, `Add it to the ${key} of a ground.`);
  return found;
}

function checkRows({ rows, grounds, classes }: CategoryRules): void {
  const groundIds = new Set(grounds.map(({ id }) => id));
  const classNames = new Set(classes.map(({ name }) => name));
  const refuseClasses = (where: string, named: readonly string[]): void => {
    for (const name of named)
      if (!classNames.has(name))
        refuse(`${where} names the class ${name}.`, `Name one of ${[...classNames].join(', ')}.`);
  };
  for (const { id, looksLike } of grounds) refuseClasses(`ground ${id}`, looksLike);
  const ids = new Set<string>();
  for (const { id, ground, seen, before = [] } of rows) {
    if (ids.has(id)) refuse(`row ${id} stands twice.`, 'Give each row an id of its own.');
    ids.add(id);
    for (const name of ground === 'any' ? [] : ground)
      if (!groundIds.has(name))
        refuse(`row ${id} names the ground ${name}.`, `Name one of ${[...groundIds].join(', ')}.`);
    refuseClasses(`row ${id}`, [...before, ...(seen === 'any' ? [] : seen)]);
  }
}

/**
 * Rules from their documents, checked against one another.
 *
 * @throws AppError CONFIG_INVALID where a key is wrong, a land code or class is in no ground or in two, a row names
 *   what is unknown
 */
export function buildRuleSet(documents: {
  readonly landCodes: LandCodes;
  readonly category: unknown;
  readonly severity: unknown;
  readonly policy: unknown;
  readonly region: Region | null;
}): RuleSet {
  const rules = parseConfig(categoryRulesSchema, documents.category, category);
  checkRows(rules);
  const severity = parseConfig(severityRulesSchema, documents.severity, 'config/rules/severity.json');
  const classNames = rules.classes.map(({ name }) => name);
  for (const { id, seen } of severity.rows)
    for (const name of seen === 'any' ? [] : seen)
      if (!classNames.includes(name))
        refuse(
          `row ${id} names the class ${name}.`,
          `Name one of ${classNames.join(', ')}.`,
          'config/rules/severity.json',
        );
  return {
    landCodes: documents.landCodes,
    category: rules,
    severity,
    policy: parsePolicyRules(documents.policy, classNames),
    region: documents.region,
    groundOfCode: groundBy(rules, 'codes', documents.landCodes.keys()),
    groundOfClass: groundBy(rules, 'classes', classNames),
  };
}
