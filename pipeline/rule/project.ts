import { AppError } from '../errors.ts';
import { type FieldDay, fieldDay } from './calendar.ts';
import { landCodeOf } from './land-code.ts';
import type { ProjectRules, Work, WorkRule } from './project-rules.ts';
import type { Reason } from './reason.ts';
import type { RuleSet } from './rule-set.ts';

export const subProjectStates = ['as-planned', 'not-started', 'deviates', 'unobserved'] as const;
export type SubProjectState = (typeof subProjectStates)[number];

export const subProjectStateZh: Readonly<Record<SubProjectState, string>> = {
  'as-planned': '与规划一致',
  'not-started': '未见动工',
  deviates: '疑似偏离规划',
  unobserved: '未观测',
};

/** m² by class, English keys of class maps. */
export type AreaByClass = Readonly<Record<string, number>>;

/** What is planned and what is seen in a sub-project, or in its part in one town. */
export interface SubProjectFacts {
  readonly work: Work;
  /** DLBM after the works, '' = as usual for such works */
  readonly plannedCode: string;
  /** area of the part in one town (m²) */
  readonly plannedM2: number;
  /** by the class of the later date (m²); adds up to what was observed */
  readonly seenM2: AreaByClass;
  /** of it, what changed between the dates into that class (m²), patches of category none and seasonal review left out */
  readonly changedM2: AreaByClass;
  readonly unobservedM2: number;
  /** changed outside the boundary and adjoining it (m²), see `pipeline/parcel/outside.ts` */
  readonly outsideM2: number;
  /** ISO-8601, null = unknown */
  readonly dateAfter: string | null;
  readonly startDate: string | null;
  readonly endDate: string | null;
  /** 6 digits */
  readonly county: string | null;
}

export interface SubProjectJudgement {
  readonly state: SubProjectState;
  readonly isOverBoundary: boolean;
  /** something for people to look at: any state but as planned, or over the boundary */
  readonly isDiscrepant: boolean;
  readonly plannedM2: number;
  /** seen to be as planned (m²) */
  readonly observedM2: number;
  /** works seen to go on (m²) */
  readonly underWayM2: number;
  /** changed into what was not planned (m²) */
  readonly deviatingM2: number;
  readonly unobservedM2: number;
  readonly outsideM2: number;
  readonly reasons: readonly Reason[];
}

const sum = (areas: AreaByClass): number => Object.values(areas).reduce((total, areaM2) => total + areaM2, 0);
const fractionOf = (partM2: number, wholeM2: number): number => (wholeM2 > 0 ? partM2 / wholeM2 : 0);

function plannedClasses(
  { plannedCode }: { readonly plannedCode: string },
  rule: WorkRule,
  rules: RuleSet,
): readonly string[] {
  const { code } = landCodeOf(rules.landCodes, plannedCode || rule.plannedCode, 'plannedCode of a sub-project');
  return rules.groundOfCode.get(code)!.looksLike;
}

/** Fields after harvest and flooded paddies: what cropland may look like then, and other ground too. */
function seasonalClasses(planned: readonly string[], day: FieldDay | null): readonly string[] {
  if (!planned.includes('crops') || day === null) return [];
  return [
    ...(day.kinds.has('harvest') || day.kinds.has('winter-bare') ? ['bare'] : []),
    ...(day.kinds.has('flooded') ? ['water', 'pond'] : []),
  ];
}

interface Shares {
  /** looks as planned (m²) */
  plannedM2: number;
  /** of it, changed between the dates, and works under way (m²) */
  startedM2: number;
  underWayM2: number;
  deviatingM2: number;
  toleratedM2: number;
  /** seen, but the class or the season says nothing (m²) */
  unclearM2: number;
}

function shareOut(facts: SubProjectFacts, rule: WorkRule, rules: RuleSet): Shares {
  const planned = plannedClasses(facts, rule, rules);
  const seasonal = seasonalClasses(planned, fieldDay(facts.dateAfter, facts.county, rules.region));
  const shares: Shares = { plannedM2: 0, startedM2: 0, underWayM2: 0, deviatingM2: 0, toleratedM2: 0, unclearM2: 0 };
  for (const [name, seenM2] of Object.entries(facts.seenM2)) {
    checkClass(name, rules);
    const changedM2 = facts.changedM2[name] ?? 0;
    const stillM2 = seenM2 - changedM2;
    if (name === 'unknown') shares.unclearM2 += seenM2;
    else if (rule.site.includes(name)) shares.underWayM2 += seenM2;
    else if (planned.includes(name)) {
      shares.plannedM2 += rule.mustChange ? changedM2 : seenM2;
      shares.startedM2 += changedM2;
    } else {
      if (rule.underWay.includes(name)) shares.underWayM2 += changedM2;
      else if (rule.tolerated.includes(name)) shares.toleratedM2 += changedM2;
      else if (seasonal.includes(name)) shares.unclearM2 += changedM2;
      else shares.deviatingM2 += changedM2;
      if (seasonal.includes(name)) shares[rule.leavesMark ? 'unclearM2' : 'plannedM2'] += stillM2;
    }
  }
  shares.startedM2 += shares.underWayM2;
  return shares;
}

function checkClass(name: string, rules: RuleSet): void {
  if (!rules.groundOfClass.has(name))
    throw new AppError(
      'CONFIG_INVALID',
      `The class ${JSON.stringify(name)} is not in config/rules/category.json.`,
      'Add it to classes and to a ground there, or use a class map whose names are known.',
    );
}

const says = (code: string, zh: string, en: string): Reason => ({ code, zh, en });

const saysDeviation = says('other-change', '变化方向与规划用途不一致，疑似偏离', 'changed into what was not planned');
const saysUnseen = says('unobserved', '有效观测不足，不能判定', 'too little was seen to tell');
const saysIncomplete = says('incomplete', '计划期已过，影像未见完工', 'past its end date and not seen to be finished');
const saysUnderWay = says('under-way', '施工中', 'works go on');
const saysIdle = says('no-start-seen', '两时相间未见动工迹象', 'no sign of works between the dates');
const saysEarly = says('before-start', '未到计划开工日期', 'before its start date');
const saysNoMark = says(
  'no-mark',
  '此类工程前后影像地类相同，是否完工须实地核查',
  'such works look the same before and after: whether they are finished is for the field',
);
const saysAlready = says(
  'already-so',
  '前后时相均为规划地类，是否本期新增须核对',
  'the planned class on both dates: whether it is new is to be checked',
);

function stateOf(
  facts: SubProjectFacts,
  rule: WorkRule,
  { shares, limits }: { readonly shares: Shares; readonly limits: ProjectRules['limits'] },
): { readonly state: SubProjectState; readonly reasons: readonly Reason[] } {
  const { dateAfter, startDate, endDate, unobservedM2, changedM2 } = facts;
  const seenM2 = sum(facts.seenM2);
  const day = dateAfter?.slice(0, 10) ?? null;
  const excessM2 = Math.max(0, shares.toleratedM2 - limits.toleratedFraction * seenM2);
  if (shares.deviatingM2 + excessM2 >= limits.deviationM2) return { state: 'deviates', reasons: [saysDeviation] };
  const knownM2 = seenM2 - shares.unclearM2;
  if (knownM2 <= 0 || fractionOf(knownM2, seenM2 + unobservedM2) < limits.minObservedFraction)
    return { state: 'unobserved', reasons: [saysUnseen] };
  if (fractionOf(shares.plannedM2, knownM2) >= limits.doneFraction) {
    const isStill = sum(changedM2) < limits.deviationM2;
    const remark = rule.leavesMark ? saysAlready : saysNoMark;
    return { state: 'as-planned', reasons: isStill && !rule.mustChange ? [remark] : [] };
  }
  if (fractionOf(shares.startedM2, knownM2) >= limits.startedFraction) {
    const isPast = day !== null && endDate !== null && day > endDate;
    return isPast ? { state: 'deviates', reasons: [saysIncomplete] } : { state: 'as-planned', reasons: [saysUnderWay] };
  }
  const isEarly = day !== null && startDate !== null && day < startDate;
  return { state: 'not-started', reasons: [isEarly ? saysEarly : saysIdle] };
}

/**
 * Whether a sub-project became what was planned, as far as two dates can tell.
 *
 * Deviation is seen at once; all other states need enough observed ground.
 *
 * @throws AppError INPUT_INVALID for an unknown planned code, CONFIG_INVALID for an unknown class
 */
export function judgeSubProject(
  facts: SubProjectFacts,
  projectRules: ProjectRules,
  rules: RuleSet,
): SubProjectJudgement {
  const { limits } = projectRules;
  const rule = projectRules.works.find(({ work }) => work === facts.work)!;
  const shares = shareOut(facts, rule, rules);
  const { state, reasons } = stateOf(facts, rule, { shares, limits });
  const isOverBoundary = facts.outsideM2 >= limits.overBoundaryM2;
  const isEarly = reasons.includes(saysEarly);
  return {
    state,
    isOverBoundary,
    isDiscrepant: isOverBoundary || (state !== 'as-planned' && !isEarly),
    plannedM2: facts.plannedM2,
    observedM2: shares.plannedM2,
    underWayM2: shares.underWayM2,
    deviatingM2: shares.deviatingM2,
    unobservedM2: facts.unobservedM2,
    outsideM2: facts.outsideM2,
    reasons: [
      ...reasons,
      ...(isOverBoundary
        ? [says('over-boundary', '界外相邻地块有变化，疑似越界施工', 'change outside but adjoining')]
        : []),
    ],
  };
}
