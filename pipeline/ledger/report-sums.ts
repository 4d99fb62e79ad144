import { areaText } from './report-area.ts';
import type { ReportProblems } from './report-problem.ts';
import type { ReportRow, TotalRow } from './report-row.ts';

const figures = { reportedM2: '累计完成 reported', plannedM2: '计划 planned' } as const;

/** Every row counts in its sums, refused or not: a wrong total is wrong by what the file itself says. */
export function checkTotals(rows: readonly ReportRow[], totals: readonly TotalRow[], problems: ReportProblems): void {
  let since = 0;
  for (const total of totals) {
    const all = rows.filter(({ line, month }) => line < total.line && (total.month === null || month === total.month));
    const part = all.filter(({ line }) => line > since);
    if (total.kind !== 'whole') since = total.line;
    const choices = total.kind === 'whole' ? [all] : total.kind === 'part' ? [part] : [part, all];
    for (const which of ['reportedM2', 'plannedM2'] as const) {
      const said = total[which];
      if (said === null) continue;
      const sums = choices.map((own) => own.reduce((sum, row) => sum + (row[which] ?? 0), 0));
      if (sums.some((sum) => Math.abs(sum - said) <= total.toleranceM2)) continue;
      const is = Number.isNaN(said) ? `${JSON.stringify(total.texts[which])}, no number` : areaText(said, total.unit);
      problems.add('TOTAL_WRONG', {
        what: `${figures[which]} is ${is}; its rows add up to ${areaText(sums[0]!, total.unit)}`,
        todo: 'Correct the rows or the total.',
        row: total.line,
      });
    }
  }
}

/** A project and its sub-projects in one month: their sum is what it is. */
export function checkProjects(rows: readonly ReportRow[], problems: ReportProblems): void {
  const counted = rows.filter(
    ({ refused, subProject, work, town }) =>
      refused === null && (subProject !== null || (work === null && town === null)),
  );
  for (const whole of counted.filter(({ subProject }) => subProject === null)) {
    const parts = counted.filter(
      ({ subProject, project, month }) => subProject !== null && project === whole.project && month === whole.month,
    );
    if (parts.length === 0) continue;
    const sum = parts.reduce((total, { reportedM2 }) => total + reportedM2!, 0);
    // digits of two decimals in 亩
    if (Math.abs(sum - whole.reportedM2!) <= 10) continue;
    problems.add('TOTAL_WRONG', {
      what: `${whole.project} reports ${areaText(whole.reportedM2!, whole.unit)} in ${whole.month}, its ${parts.length} sub-projects add up to ${areaText(sum, whole.unit)}`,
      todo: 'Correct the project or its sub-projects; where both are given the sub-projects count.',
      row: whole.line,
    });
  }
}
