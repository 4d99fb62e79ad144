import { AppError } from '../errors.ts';
import { areComparable, fieldDay, type FieldDay } from './calendar.ts';
import type { CategoryRow, Ground } from './category-rules.ts';
import { landCodeOf } from './land-code.ts';
import type { PolicyLayer } from './policy-rules.ts';
import { touchedRules, type TouchedRule } from './policy.ts';
import { severities, type Category, type Reason, type Severity } from './reason.ts';
import type { RuleSet } from './rule-set.ts';
import { isOnLayer, weigh } from './severity.ts';

/** What is known of a change, or of its part in one parcel. Classes are English keys of class maps. */
export interface GroundFacts {
  readonly classBefore: string;
  readonly classSeen: string;
  /** DLBM of the parcel, null = no baseline there */
  readonly landCode: string | null;
  /** ISO-8601, null = unknown */
  readonly dateBefore: string | null;
  readonly dateAfter: string | null;
  /** 6 digits, null = unknown */
  readonly county: string | null;
  readonly permanentFarmlandFraction: number;
  readonly grainZoneFraction: number;
  /** shares in other zones, by the names of imported layers */
  readonly zoneFractions?: Readonly<Partial<Record<PolicyLayer, number>>>;
  /** share covered by permits that were in force */
  readonly permitFraction: number;
  /** where given, a small share of a large patch counts by its area too */
  readonly areaM2?: number;
  /** true: seen by an experimental network, so that no finding goes beyond review */
  readonly isExperimental?: boolean;
  /** true: what saw the change knows the fields' year and more than two dates, so rows with conditions on dates are passed over */
  readonly isSeasonWeighed?: boolean;
}

export interface Judgement {
  readonly category: Category;
  readonly severity: Severity;
  /** covered by a permit; says nothing of whether one is needed */
  readonly isLawful: boolean;
  /** whether the parcel or the image said what the ground was */
  readonly beforeFrom: 'survey' | 'image';
  /** the first is that of the category */
  readonly reasons: readonly Reason[];
  readonly flags: readonly string[];
  /** named rules that it touches or may touch, of `config/rules/policy.json` */
  readonly policies: readonly TouchedRule[];
  /** id of the row of `config/rules/category.json` */
  readonly rule: string;
  readonly ruleVersion: number;
}

interface Case {
  readonly facts: GroundFacts;
  readonly ground: Ground;
  readonly beforeFrom: Judgement['beforeFrom'];
  readonly before: FieldDay | null;
  readonly after: FieldDay | null;
}

const seasonOff: Reason = {
  code: 'season-off',
  zh: '影像日期或当地农事日历未知，季节规则未启用',
  en: 'a date or the calendar of the place is unknown: season rules are off',
};
const experimental: Reason = {
  code: 'experimental',
  zh: '试验性模型的结果，仅供核查',
  en: 'seen by an experimental network: to be reviewed',
};

/** Whether the conditions on the dates hold; null = they cannot be told. */
function isSeason({ when }: CategoryRow, { facts, before, after }: Case): boolean | null {
  if (when === undefined) return true;
  if (facts.isSeasonWeighed === true) return false;
  const parts = [
    when.before && before && when.before.some((kind) => before.kinds.has(kind)),
    when.after && after && when.after.some((kind) => after.kinds.has(kind)),
    when.seasons && before && after && !areComparable(before, after),
  ].filter((part) => part !== undefined);
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

function isGround(row: CategoryRow, { facts, ground, beforeFrom }: Case): boolean {
  const { classBefore, classSeen } = facts;
  return (
    (row.ground === 'any' || row.ground.includes(ground.id)) &&
    (row.seen === 'any' || row.seen.includes(classSeen)) &&
    (row.from === undefined || row.from === beforeFrom) &&
    (row.before === undefined || row.before.includes(classBefore)) &&
    (row.isSameClass === undefined || classBefore === classSeen)
  );
}

/** The first row that holds, and whether an unknown date kept an earlier one from holding. */
function findRow(
  rows: readonly CategoryRow[],
  from: Case,
): { readonly row: CategoryRow; readonly isSeasonOff: boolean } {
  let isSeasonOff = false;
  for (const row of rows) {
    if (!isGround(row, from)) continue;
    const isHeld = isSeason(row, from);
    if (isHeld === true) return { row, isSeasonOff };
    if (isHeld === null) isSeasonOff = true;
  }
  const { classBefore, classSeen, landCode } = from.facts;
  throw new AppError(
    'CONFIG_INVALID',
    `config/rules/category.json has no row for ${landCode ?? 'no land code'}, ${classBefore} before, ${classSeen} seen.`,
    'Add a row; nothing may stay without a category.',
  );
}

function groundOfClass(rules: RuleSet, name: string): Ground {
  const ground = rules.groundOfClass.get(name);
  if (ground) return ground;
  throw new AppError(
    'CONFIG_INVALID',
    `The class ${JSON.stringify(name)} is not in config/rules/category.json.`,
    'Add it to classes and to a ground there, or use a class map whose names are known.',
  );
}

/** Survey and image disagree on whether the ground was cropland. */
function disagree(survey: Ground, image: Ground): boolean {
  return survey.isCropland ? !image.mayBeField : image.isCropland;
}

/**
 * What a change is called, how grave it is, and why.
 *
 * A permit never changes the category: figures are printed with and without what is permitted.
 *
 * @throws AppError INPUT_INVALID for an unknown land code or a date that is none; CONFIG_INVALID for an unknown class
 */
export function judge(facts: GroundFacts, rules: RuleSet): Judgement {
  const { classBefore, classSeen, landCode, county } = facts;
  const image = groundOfClass(rules, classBefore);
  groundOfClass(rules, classSeen);
  const survey = landCode === null ? null : groundOfCode(rules, landCode);
  const from: Case = {
    facts,
    ground: survey ?? image,
    beforeFrom: survey === null ? 'image' : 'survey',
    before: fieldDay(facts.dateBefore, county, rules.region),
    after: fieldDay(facts.dateAfter, county, rules.region),
  };
  const { row, isSeasonOff } = findRow(rules.category.rows, from);
  const isHeldBack = facts.isExperimental === true && row.category !== 'none' && row.category !== 'review';
  const category = isHeldBack ? 'review' : row.category;
  const { severity, isLawful, reasons, flags } = weigh({ ...facts, category }, rules.severity);
  const { dateBefore, dateAfter } = facts;
  const layers = category === 'none' ? noLayers : layersOf(from, rules);
  const policies = touchedRules(
    { axis: 'land-class', category, classSeen, layers, dateBefore, dateAfter },
    rules.policy,
  );
  return {
    category,
    severity: isLawful ? severity : gravest(severity, policies),
    isLawful,
    policies,
    beforeFrom: from.beforeFrom,
    reasons: [row.reason, ...(isHeldBack ? [experimental] : []), ...(isSeasonOff ? [seasonOff] : []), ...reasons],
    flags: [...row.flags, ...(survey && disagree(survey, image) ? ['survey-differs'] : []), ...flags],
    rule: row.id,
    ruleVersion: rules.category.version,
  };
}

function groundOfCode(rules: RuleSet, code: string): Ground {
  const { code: known } = landCodeOf(rules.landCodes, code, 'A parcel');
  return rules.groundOfCode.get(known)!;
}

const noLayers: ReadonlySet<PolicyLayer> = new Set();

/** What a finding lies on, by share or by area. */
function layersOf({ facts, ground }: Case, { severity }: RuleSet): ReadonlySet<PolicyLayer> {
  const { permanentFarmlandFraction, grainZoneFraction, zoneFractions, areaM2 } = facts;
  const layers = new Set<PolicyLayer>(ground.isCropland ? ['cropland'] : []);
  const add = (layer: PolicyLayer, fraction = 0): void => {
    if (fraction > 0 && isOnLayer({ fraction, ...(areaM2 === undefined ? {} : { areaM2 }) }, severity))
      layers.add(layer);
  };
  add('permanent-farmland', permanentFarmlandFraction);
  add('grain-zone', grainZoneFraction);
  for (const layer of ['high-standard', 'red-line', 'town-boundary'] as const) add(layer, zoneFractions?.[layer]);
  return layers;
}

function gravest(severity: Severity, policies: readonly TouchedRule[]): Severity {
  let rank = severities.indexOf(severity);
  for (const policy of policies) if (!policy.isPossible) rank = Math.max(rank, severities.indexOf(policy.severity));
  return severities[rank]!;
}
