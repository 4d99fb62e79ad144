import { muM2 } from '../parcel/mu.ts';
import { works } from '../rule/project-rules.ts';
import { areaText, type ReadArea } from './report-area.ts';
import { type ReportProblemCode, type ReportProblems, reportProblemTable } from './report-problem.ts';
import type { ReportRow } from './report-row.ts';

interface KnownSubProject {
  readonly project: string;
  readonly work: string;
  readonly town: string;
  readonly plannedM2: number;
}

/** What a report is held against. */
export interface KnownProgramme {
  readonly projects: ReadonlyMap<string, { readonly county: string; readonly towns: readonly string[] }>;
  readonly subProjects: ReadonlyMap<string, KnownSubProject>;
  /** 9 and 6 digits */
  readonly towns: ReadonlySet<string>;
  readonly counties: ReadonlySet<string>;
  /** the month that is now, yyyy-mm */
  readonly thisMonth: string;
}

/** A plan in 亩 with two decimals is this far from one in m². */
const plannedToleranceFraction = 0.001;

type Unchecked = Omit<ReportRow, 'refused'>;

/** What the cells of a row say, as they stand. */
export interface SaidRow {
  readonly planned: ReadArea;
  readonly reported: ReadArea;
  /** an area of the row stands in a cell over these rows too; null: none does */
  readonly merge: { readonly row: number; readonly rows: number } | null;
  readonly monthText: string;
}

/** @returns why the row does not count, null = it counts */
export function checkRow(
  row: Unchecked,
  before: readonly ReportRow[],
  options: { readonly known: KnownProgramme; readonly problems: ReportProblems; readonly said: SaidRow },
): string | null {
  const { known, problems, said } = options;
  const refuse = (code: ReportProblemCode, what: string, todo: string): string => {
    problems.add(code, { what, todo, row: row.line });
    return `${code} ${reportProblemTable[code].zh}: ${what}`;
  };
  const { month, project, subProject, county, town, work, reportedM2, plannedM2 } = row;
  if (month === null)
    return refuse('MONTH_INVALID', `the month ${JSON.stringify(said.monthText)} is none`, 'Write yyyy-mm.');
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
  if (said.merge !== null)
    return refuse(
      'AREA_MERGED',
      `one area stands over the rows ${said.merge.row + 1}-${said.merge.row + said.merge.rows}`,
      'Give each row its own area.',
    );
  if (reportedM2 === null || !(reportedM2 >= 0))
    return refuse('VALUE_INVALID', `the reported area ${valueText(said.reported)}`, 'Correct the area.');
  if (plannedM2 !== null && !(plannedM2 >= 0))
    return refuse('VALUE_INVALID', `the planned area ${valueText(said.planned)}`, 'Correct the area.');
  for (const { other, areaM2, unit } of [said.reported, said.planned])
    if (other !== null)
      return refuse(
        'UNITS_DIFFER',
        `${areaText(areaM2!, unit)} and ${other} stand for one area`,
        'Correct one of them; 1 亩 is 2000/3 m².',
      );
  const key = (each: Unchecked): string => [each.month, each.project, each.subProject, each.town, each.work].join('\n');
  const twin = before.find((each) => each.refused === null && key(each) === key(row));
  if (twin) return refuse('ROW_TWICE', `line ${twin.line} says the same month of it already`, 'Keep one of them.');
  remark(row, before, { sub, problems, said });
  return null;
}

/** Why a text is no area. */
function valueText({ text }: ReadArea): string {
  if (text === '') return 'is empty';
  if (text.startsWith('=')) return `is a formula without a value (${text})`;
  return `${JSON.stringify(text)} is no number of 0 or more`;
}

/** m² of a 亩: an area in the wrong unit is so many times too large or too small. */
const wrongUnits = [muM2, 1 / muM2, 10_000 / muM2, muM2 / 10_000];
const muchMoreThanPlanned = 100;

function remark(
  row: Unchecked,
  before: readonly ReportRow[],
  options: {
    readonly sub: KnownSubProject | null;
    readonly problems: ReportProblems;
    readonly said: SaidRow;
  },
): void {
  const { sub, problems, said } = options;
  const { line, month, project, subProject, plannedM2, unit } = row;
  const reportedM2 = row.reportedM2!;
  const name = subProject ?? project;
  const plan = sub?.plannedM2 ?? plannedM2;
  const tell = (code: ReportProblemCode, what: string, todo: string): void =>
    problems.add(code, { what, todo, row: line });
  const tolerance = (areaM2: number): number => Math.max(0.01 + plannedToleranceFraction * areaM2, digits);
  const digits = 1.1 * Math.max(said.planned.halfDigitM2, said.reported.halfDigitM2);
  const ratio = sub !== null && plannedM2 !== null && sub.plannedM2 > 0 ? plannedM2 / sub.plannedM2 : 1;
  if (
    wrongUnits.some((factor) => Math.abs(ratio / factor - 1) < 0.02) ||
    (plan !== null && plan > 0 && reportedM2 > muchMoreThanPlanned * plan)
  )
    return tell(
      'UNIT_SUSPECT',
      `${name} reports ${areaText(reportedM2, unit)} of a plan of ${areaText(plannedM2 ?? plan!, said.planned.unit)}; the imported plan is ${areaText(plan!, unit)}`,
      'Correct the unit that the column names (m², 亩, 公顷), or the areas.',
    );
  if (plan !== null && reportedM2 > plan + tolerance(plan))
    tell(
      'MORE_THAN_PLANNED',
      `${name} reports ${areaText(reportedM2, unit)} done in ${month}, planned are ${areaText(plan, unit)}`,
      'Check the areas.',
    );
  if (sub !== null && plannedM2 !== null && Math.abs(plannedM2 - sub.plannedM2) > tolerance(sub.plannedM2))
    tell(
      'PLANNED_DIFFERS',
      `${name} gives a plan of ${areaText(plannedM2, said.planned.unit)}, imported are ${areaText(sub.plannedM2, said.planned.unit)}`,
      'The imported one counts.',
    );
  const earlier = before.findLast(
    (each) =>
      each.refused === null &&
      each.project === project &&
      each.subProject === subProject &&
      each.town === row.town &&
      each.month! < month!,
  );
  if (earlier && reportedM2 < earlier.reportedM2! - 0.01)
    tell(
      'LESS_THAN_BEFORE',
      `${name} reports ${areaText(reportedM2, unit)} in ${month}, in ${earlier.month} it was ${areaText(earlier.reportedM2!, unit)}`,
      'Areas are those done up to the end of the month; check them.',
    );
}
