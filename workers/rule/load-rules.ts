import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AlertRules, parseAlertRules } from '../../pipeline/alert/alert-rules.ts';
import { AppError } from '../../pipeline/errors.ts';
import { parsePotentialRules, type PotentialRules } from '../../pipeline/ledger/potential.ts';
import { parseLedgerRules, type LedgerRules } from '../../pipeline/ledger/ledger-rules.ts';
import { type LookRules, parseLookRules } from '../../pipeline/look/look-rules.ts';
import { parseConfig } from '../../pipeline/rule/config-document.ts';
import { landCodesSchema, parseLandCodes, type LandCodes } from '../../pipeline/rule/land-code.ts';
import { parseProjectRules, type ProjectRules } from '../../pipeline/rule/project-rules.ts';
import { parseRegion, parseTowns, type Region, type Town } from '../../pipeline/rule/region.ts';
import { buildRuleSet, type RuleSet } from '../../pipeline/rule/rule-set.ts';
import { seasonRulesSchema, type SeasonRules } from '../../pipeline/season/season-rules.ts';
import { parseConfirmation, type ConfirmationRules } from '../../pipeline/track/confirmation.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

function documentOf(path: string): unknown {
  try {
    return JSON.parse(textOf(path));
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `${path}: ${(error as Error).message}.`, 'Restore the file.', {}, error);
  }
}

/** A table must be as long as the document beside it says: a cut file is no smaller truth. */
function sameLength(found: number, wanted: number, path: string): void {
  if (found !== wanted)
    throw new AppError(
      'CONFIG_INVALID',
      `${path} has ${found} rows; its document says ${wanted}.`,
      'Restore the table, or count the rows anew and raise the version.',
    );
}

/** The dictionary of land codes, `config/land-codes.csv`. */
export function loadLandCodes(): LandCodes {
  const head = parseConfig(landCodesSchema, documentOf('config/land-codes.json'), 'config/land-codes.json');
  const codes = parseLandCodes(textOf(`config/${head.table}`), `config/${head.table}`);
  sameLength(codes.size, head.codes, `config/${head.table}`);
  return codes;
}

export function loadRegion(id = 'jiaxing'): Region {
  const path = `config/regions/${id}.json`;
  return parseRegion(documentOf(path), path);
}

/** Towns of a region by their 9 digits. */
export function loadTowns(region: Region): ReadonlyMap<string, Town> {
  const path = `config/regions/${region.towns.file}`;
  const towns = parseTowns(textOf(path), path);
  sameLength(towns.size, region.towns.rows, path);
  return towns;
}

/** Files that shape judgements, as paths on this machine, for the manifest. */
export function ruleFiles(regionId = 'jiaxing'): readonly string[] {
  return [
    'config/land-codes.csv',
    'config/rules/category.json',
    'config/rules/severity.json',
    'config/rules/policy.json',
    'config/rules/project.json',
    'config/rules/season.json',
    `config/regions/${regionId}.json`,
  ].map((path) => fileURLToPath(new URL(path, root)));
}

/**
 * The rules that judge changes.
 *
 * @param region whose calendar counts; null: season rules are off
 * @throws AppError CONFIG_INVALID
 */
export function loadRules(region: Region | null = loadRegion()): RuleSet {
  return buildRuleSet({
    landCodes: loadLandCodes(),
    category: documentOf('config/rules/category.json'),
    severity: documentOf('config/rules/severity.json'),
    policy: documentOf('config/rules/policy.json'),
    region,
  });
}

/** What opens an alert and when it is due. */
export const loadAlertRules = (): AlertRules => parseAlertRules(documentOf('config/rules/alert.json'));

/** When a photo is a look at a place. */
export const loadLookRules = (): LookRules => parseLookRules(documentOf('config/rules/look.json'));

/** What works of projects should look like. */
export function loadProjectRules(rules: RuleSet): ProjectRules {
  return parseProjectRules(documentOf('config/rules/project.json'), rules);
}

/** What the fields' year explains. */
export function loadSeasonRules(): SeasonRules {
  const path = 'config/rules/season.json';
  return parseConfig(seasonRulesSchema, documentOf(path), path);
}

/** When what a series shows is believed. */
export function loadConfirmation(): ConfirmationRules {
  const path = 'config/rules/confirmation.json';
  return parseConfirmation(documentOf(path), path);
}

/** What ledgers count, and what the programme is to reach. */
export function loadLedgerRules(rules: RuleSet): LedgerRules {
  return parseLedgerRules(documentOf('config/rules/ledger.json'), rules);
}

/** Which parcels are looked at for consolidation. */
export function loadPotentialRules(): PotentialRules {
  return parsePotentialRules(documentOf('config/rules/potential.json'), loadLandCodes());
}
