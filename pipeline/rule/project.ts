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

export interface GroundShares {
  /** looks as planned (m²) */
  plannedM2: number;
  /** of it, changed between the dates, and works under way (m²) */
  startedM2: number;
  underWayM2: number;
  deviatingM2: number;
  toleratedM2: number;
  /** seen, but the class or the season says nothing (m²) */
  unclearM2: number;
  /** seen, and neither as planned nor changed (m²) */
  idleM2: number;
}

/** What the ground of a sub-project shows; `turned`: as planned and other than before. */
export const groundKinds = ['as-planned', 'turned', 'under-way', 'deviating', 'tolerated', 'unclear', 'idle'] as const;
export type GroundKind = (typeof groundKinds)[number];

/** What decides on the kind of ground, for one sub-project and one day. */
export interface GroundContext {
  readonly rule: WorkRule;
  /** classes that the planned code looks like */
  readonly planned: readonly string[];
  /** classes that cropland and other ground may look like on that day */
  readonly seasonal: readonly string[];
}

/** @throws AppError INPUT_INVALID for an unknown planned code */
export function groundContext(
  facts: Pick<SubProjectFacts, 'work' | 'plannedCode' | 'dateAfter' | 'county'>,
  projectRules: ProjectRules,
  rules: RuleSet,
): GroundContext {
  const rule = projectRules.works.find(({ work }) => work === facts.work)!;
  const planned = plannedClasses(facts, rule, rules);
  return { rule, planned, seasonal: seasonalClasses(planned, fieldDay(facts.dateAfter, facts.county, rules.region)) };
}

/** @param isChanged other ground than before */
export function groundKind(name: string, isChanged: boolean, { rule, planned, seasonal }: GroundContext): GroundKind {
  if (name === 'unknown') return 'unclear';
  if (rule.site.includes(name)) return 'under-way';
  if (planned.includes(name)) return isChanged ? 'turned' : rule.mustChange ? 'idle' : 'as-planned';
  if (!isChanged) {
    if (!seasonal.includes(name)) return 'idle';
    return rule.leavesMark ? 'unclear' : 'as-planned';
  }
  if (rule.underWay.includes(name)) return 'under-way';
  if (rule.tolerated.includes(name)) return 'tolerated';
  return seasonal.includes(name) ? 'unclear' : 'deviating';
}

/** Sums of ground by its kind. */
export function sharesOf(areaOf: (kind: GroundKind) => number): GroundShares {
  const underWayM2 = areaOf('under-way');
  return {
    plannedM2: areaOf('as-planned') + areaOf('turned'),
    startedM2: areaOf('turned') + underWayM2,
    underWayM2,
    deviatingM2: areaOf('deviating'),
    toleratedM2: areaOf('tolerated'),
    unclearM2: areaOf('unclear'),
    idleM2: areaOf('idle'),
  };
}

function shareOut(facts: SubProjectFacts, context: GroundContext, rules: RuleSet): GroundShares {
  const areas = new Map<GroundKind, number>();
  for (const [name, seenM2] of Object.entries(facts.seenM2)) {
    checkClass(name, rules);
    const changedM2 = facts.changedM2[name] ?? 0;
    for (const [isChanged, areaM2] of [
      [true, changedM2],
      [false, seenM2 - changedM2],
    ] as const) {
      const kind = groundKind(name, isChanged, context);
      areas.set(kind, (areas.get(kind) ?? 0) + areaM2);
    }
  }
  return sharesOf((kind) => areas.get(kind) ?? 0);
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

/** Sums and dates that a state follows from. */
export interface SubProjectSums extends Pick<
  SubProjectFacts,
  'plannedM2' | 'unobservedM2' | 'outsideM2' | 'dateAfter' | 'startDate' | 'endDate'
> {
  readonly shares: GroundShares;
  readonly seenM2: number;
  readonly changedM2: number;
}

function stateOf(
  { shares, seenM2, changedM2, unobservedM2, dateAfter, startDate, endDate }: SubProjectSums,
  rule: WorkRule,
  limits: ProjectRules['limits'],
): { readonly state: SubProjectState; readonly reasons: readonly Reason[] } {
  const day = dateAfter?.slice(0, 10) ?? null;
  const excessM2 = Math.max(0, shares.toleratedM2 - limits.toleratedFraction * seenM2);
  if (shares.deviatingM2 + excessM2 >= limits.deviationM2) return { state: 'deviates', reasons: [saysDeviation] };
  const knownM2 = seenM2 - shares.unclearM2;
  if (knownM2 <= 0 || fractionOf(knownM2, seenM2 + unobservedM2) < limits.minObservedFraction)
    return { state: 'unobserved', reasons: [saysUnseen] };
  if (fractionOf(shares.plannedM2, knownM2) >= limits.doneFraction) {
    const isStill = changedM2 < limits.deviationM2;
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
  const context = groundContext(facts, projectRules, rules);
  const { plannedM2, unobservedM2, outsideM2, dateAfter, startDate, endDate } = facts;
  const sums = { plannedM2, unobservedM2, outsideM2, dateAfter, startDate, endDate };
  const shares = shareOut(facts, context, rules);
  return judgeSums(
    { ...sums, shares, seenM2: sum(facts.seenM2), changedM2: sum(facts.changedM2) },
    context.rule,
    projectRules,
  );
}

/** The same of sums: what the ground shows may come from many looks. */
export function judgeSums(sums: SubProjectSums, rule: WorkRule, { limits }: ProjectRules): SubProjectJudgement {
  const { shares } = sums;
  const { state, reasons } = stateOf(sums, rule, limits);
  const isOverBoundary = sums.outsideM2 >= limits.overBoundaryM2;
  const isEarly = reasons.includes(saysEarly);
  return {
    state,
    isOverBoundary,
    isDiscrepant: isOverBoundary || (state !== 'as-planned' && !isEarly),
    plannedM2: sums.plannedM2,
    observedM2: shares.plannedM2,
    underWayM2: shares.underWayM2,
    deviatingM2: shares.deviatingM2,
    unobservedM2: sums.unobservedM2,
    outsideM2: sums.outsideM2,
    reasons: [
      ...reasons,
      ...(isOverBoundary
        ? [says('over-boundary', '界外相邻地块有变化，疑似越界施工', 'change outside but adjoining')]
        : []),
    ],
  };
}
