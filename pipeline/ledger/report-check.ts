import { works } from '../rule/project-rules.ts';
import type { ReportRow, TotalRow } from './report-row.ts';

/** The closed set of what a monthly report may have. `blocks`: nothing is stored; `refuses`: the row does not count, and the file is stored only with `--accept`; `asks`: only with `--accept`; `tells`. */
export const reportProblemTable = {
  COLUMN_MISSING: { effect: 'blocks', zh: '缺少必需列', en: 'a column that a report needs is not there' },
  NO_ROWS: { effect: 'blocks', zh: '没有数据行', en: 'a table without rows' },
  MONTH_INVALID: { effect: 'refuses', zh: '月份无效', en: 'a month that is none' },
  MONTH_IN_FUTURE: { effect: 'refuses', zh: '月份在将来', en: 'a month that has not begun' },
  PROJECT_UNKNOWN: { effect: 'refuses', zh: '项目不存在', en: 'a project that was not imported' },
  SUB_PROJECT_UNKNOWN: {
    effect: 'refuses',
    zh: '子项目不存在',
    en: 'a sub-project that was not imported, or of another project',
  },
  OUTSIDE_COUNTY: { effect: 'refuses', zh: '项目不在所填县', en: 'a county or town that is not that of the project' },
  TOWN_UNKNOWN: {
    effect: 'refuses',
    zh: '乡镇或县代码不存在',
    en: 'a town or county code that the region does not have',
  },
  WORK_DIFFERS: {
    effect: 'refuses',
    zh: '工程类型不符',
    en: 'a work that is none of the five, or not that of the sub-project',
  },
  VALUE_INVALID: { effect: 'refuses', zh: '面积无效', en: 'an area that is no number, below 0 or missing' },
  ROW_TWICE: { effect: 'refuses', zh: '同月重复填报', en: 'a second row of one month and sub-project' },
  TOTAL_WRONG: { effect: 'asks', zh: '合计不符', en: 'a line of sums that its rows do not add up to' },
  MORE_THAN_PLANNED: { effect: 'tells', zh: '完成超过计划', en: 'more done than planned' },
  PLANNED_DIFFERS: {
    effect: 'tells',
    zh: '计划面积与项目库不符',
    en: 'a planned area that is not that of the imported sub-project',
  },
  LESS_THAN_BEFORE: { effect: 'tells', zh: '累计完成减少', en: 'less done than in an earlier month' },
  PROJECT_MISSING: {
    effect: 'tells',
    zh: '缺少项目',
    en: 'a known project of the county of which a month says nothing',
  },
} as const;
export type ReportProblemCode = keyof typeof reportProblemTable;

/** Gathers what is wrong; one problem may concern many lines. */
export interface ReportProblems {
  add(code: ReportProblemCode, what: { readonly what: string; readonly todo: string; readonly row?: number }): void;
}

/** What a report is held against. */
export interface KnownProgramme {
  readonly projects: ReadonlyMap<string, { readonly county: string; readonly towns: readonly string[] }>;
  readonly subProjects: ReadonlyMap<
    string,
    { readonly project: string; readonly work: string; readonly town: string; readonly plannedM2: number }
  >;
  /** 9 and 6 digits */
  readonly towns: ReadonlySet<string>;
  readonly counties: ReadonlySet<string>;
  /** the month that is now, yyyy-mm */
  readonly thisMonth: string;
}

/** A plan in 亩 with two decimals is this far from one in m². */
const plannedToleranceFraction = 0.001;

type Unchecked = Omit<ReportRow, 'refused'>;

/** @returns why the row does not count, null = it counts */
export function checkRow(
  row: Unchecked,
  before: readonly ReportRow[],
  options: { readonly known: KnownProgramme; readonly problems: ReportProblems; readonly monthText: string },
): string | null {
  const { known, problems } = options;
  const refuse = (code: ReportProblemCode, what: string, todo: string): string => {
    problems.add(code, { what, todo, row: row.line });
    return `${code} ${reportProblemTable[code].zh}: ${what}`;
  };
  const { month, project, subProject, county, town, work, reportedM2, plannedM2 } = row;
  if (month === null)
    return refuse('MONTH_INVALID', `the month ${JSON.stringify(options.monthText)} is none`, 'Write yyyy-mm.');
  if (month > known.thisMonth)
    return refuse('MONTH_IN_FUTURE', `${month} has not begun; it is ${known.thisMonth}`, 'Correct the month.');
  const own = known.projects.get(project);
  if (own === undefined)
    return refuse(
      'PROJECT_UNKNOWN',
      `the project ${JSON.stringify(project)} is not known`,
      'Import it, or correct the id.',
    );
  const sub = subProject === null ? null : (known.subProjects.get(subProject) ?? undefined);
  if (sub === undefined || (sub !== null && sub.project !== project))
    return refuse(
      'SUB_PROJECT_UNKNOWN',
      `the sub-project ${JSON.stringify(subProject)} is none of ${project}`,
      'Correct the id.',
    );
  if ((county !== null && !known.counties.has(county)) || (town !== null && !known.towns.has(town)))
    return refuse('TOWN_UNKNOWN', `the region has no ${county ?? ''} ${town ?? ''}`.trim(), 'Give 6 and 9 digits.');
  const towns = new Set([...own.towns, ...(sub ? [sub.town] : [])]);
  if ((county !== null && county !== own.county) || (town !== null && !towns.has(town)))
    return refuse(
      'OUTSIDE_COUNTY',
      `${project} is of ${own.county} (${[...towns].join(', ')}), the row says ${[county, town].filter(Boolean).join(' ')}`,
      'Correct the county or town.',
    );
  if (work !== null && (!(works as readonly string[]).includes(work) || (sub && sub.work !== work)))
    return refuse(
      'WORK_DIFFERS',
      `the work ${JSON.stringify(work)}${sub ? ` is not ${sub.work}` : ' is none'}`,
      'Correct the work.',
    );
  if (reportedM2 === null || !(reportedM2 >= 0) || (plannedM2 !== null && !(plannedM2 >= 0)))
    return refuse('VALUE_INVALID', 'an area is no number of 0 or more', 'Correct the areas.');
  const key = (each: Unchecked): string => [each.month, each.project, each.subProject, each.town, each.work].join('\n');
  const twin = before.find((each) => each.refused === null && key(each) === key(row));
  if (twin) return refuse('ROW_TWICE', `line ${twin.line} says the same month of it already`, 'Keep one of them.');
  remark(row, before, { sub, problems });
  return null;
}

function remark(
  row: Unchecked,
  before: readonly ReportRow[],
  { sub, problems }: { readonly sub: { readonly plannedM2: number } | null; readonly problems: ReportProblems },
): void {
  const { line, month, project, subProject, reportedM2, plannedM2 } = row;
  const plan = plannedM2 ?? sub?.plannedM2 ?? null;
  const tolerance = (areaM2: number): number => 0.01 + plannedToleranceFraction * areaM2;
  if (plan !== null && reportedM2! > plan + tolerance(plan))
    problems.add('MORE_THAN_PLANNED', {
      what: `more is done than planned in ${month}`,
      todo: 'Check the areas.',
      row: line,
    });
  if (sub && plannedM2 !== null && Math.abs(plannedM2 - sub.plannedM2) > tolerance(sub.plannedM2))
    problems.add('PLANNED_DIFFERS', {
      what: 'the planned area is not that of the sub-project',
      todo: 'The imported one counts.',
      row: line,
    });
  const earlier = before.findLast(
    (each) =>
      each.refused === null &&
      each.project === project &&
      each.subProject === subProject &&
      each.town === row.town &&
      each.month! < month!,
  );
  if (earlier && reportedM2! < earlier.reportedM2! - 0.01)
    problems.add('LESS_THAN_BEFORE', {
      what: `less is done in ${month} than in ${earlier.month}`,
      todo: 'Check the areas.',
      row: line,
    });
}

/** Every row counts in its sums, refused or not: a wrong total is wrong by what the file itself says. */
export function checkTotals(rows: readonly ReportRow[], totals: readonly TotalRow[], problems: ReportProblems): void {
  let since = 0;
  for (const total of totals) {
    const own = rows.filter(
      ({ line, month }) =>
        line < total.line &&
        (total.kind === 'whole' || line > since) &&
        (total.month === null || month === total.month),
    );
    if (total.kind === 'part') since = total.line;
    for (const which of ['reportedM2', 'plannedM2'] as const) {
      const said = total[which];
      if (said === null) continue;
      const found = own.reduce((sum, row) => sum + (row[which] ?? 0), 0);
      if (Math.abs(found - said) <= total.toleranceM2) continue;
      problems.add('TOTAL_WRONG', {
        what: `${which} is ${said.toFixed(2)}, its rows add up to ${found.toFixed(2)} m²`,
        todo: 'Correct the rows or the total.',
        row: total.line,
      });
    }
  }
}
