import { muM2 } from '../parcel/mu.ts';
import { workOf } from '../vector/value-alias.ts';
import type { ReportColumn } from './report-columns.ts';
import type { ReportRow, TotalRow } from './report-row.ts';
import { findHead, reportColumns } from './report-columns.ts';
import { isMonth } from './month.ts';
import type { KnownProgramme, ReportProblems } from './report-check.ts';
import { checkRow, checkTotals } from './report-check.ts';

export interface ReadReport {
  readonly rows: readonly ReportRow[];
  readonly totals: readonly TotalRow[];
  /** lines that are no rows: titles, notes */
  readonly notes: readonly { readonly line: number; readonly text: string }[];
  readonly columns: readonly (ReportColumn | null)[];
}

const totalWord = /^(合计|总计|共计|小计|total|sum|subtotal)/i;
const partWord = /^(小计|subtotal)/i;

/** Months as people write them: 2026-10, 2026年10月, 202610, 2026/10/31; null = none. */
export function monthOf(text: string): string | null {
  const found = /^(\d{4})\s*(?:[-/.年]\s*)?(\d{1,2})(?:\s*月(?:份)?|[-/.]\d{1,2}(?:日)?)?$/.exec(
    text.normalize('NFKC').trim(),
  );
  const month = found ? `${found[1]}-${found[2]!.padStart(2, '0')}` : '';
  return isMonth(month) ? month : null;
}

/** A number of people: spaces and thousands' commas apart; null = empty, NaN = none. */
function numberOf(text: string): number | null {
  const plain = text.normalize('NFKC').replaceAll(/[\s,]/g, '');
  if (plain === '' || plain === '-') return null;
  return /^-?\d+(\.\d*)?(e[+-]?\d{1,3})?$/i.test(plain) ? Number(plain) : Number.NaN;
}

/**
 * Understand a table as a monthly report and hold it against what is known; nothing is left out without being listed.
 *
 * @param table cells by row, as the file has them
 * @param options.month of rows that name none
 */
export function readReport(
  table: readonly (readonly string[])[],
  options: {
    readonly known: KnownProgramme;
    readonly month: string | null;
    readonly problems: ReportProblems;
  },
): ReadReport {
  const { known, problems } = options;
  const head = findHead(table);
  if (head === null) {
    const names = [reportColumns.project[1], reportColumns.reportedM2[2], reportColumns.reportedMu[1]].join('、');
    problems.add('COLUMN_MISSING', {
      what: `no row of the first twelve names a project and a reported area (${names})`,
      todo: 'Name the columns as docs/formats.md has them.',
    });
    return { rows: [], totals: [], notes: [], columns: [] };
  }
  const { columns } = head;
  if (!columns.includes('month') && options.month === null)
    problems.add('COLUMN_MISSING', { what: 'no column names the month', todo: 'Give --month yyyy-mm.' });
  const rows: ReportRow[] = [];
  const totals: TotalRow[] = [];
  const notes = table.slice(0, head.row).map((cells, i) => ({ line: i + 1, text: cells.join(' ').trim() }));
  table.slice(head.row + 1).forEach((cells, i) => {
    const line = head.row + 2 + i;
    const of = (column: ReportColumn): string => cells[columns.indexOf(column)]?.trim() ?? '';
    const first = cells.find((cell) => cell.trim() !== '')?.trim() ?? '';
    if (first === '') return;
    if (first.startsWith('#') || (of('project') === '' && areaText(of) === '')) {
      notes.push({ line, text: cells.join(' ').trim() });
      return;
    }
    const areas = { plannedM2: areaOf(of, 'planned'), reportedM2: areaOf(of, 'reported') };
    const month = of('month') === '' ? options.month : monthOf(of('month'));
    if (totalWord.test(first) || totalWord.test(of('project')))
      return void totals.push({
        line,
        kind: partWord.test(first) ? 'part' : 'whole',
        month: monthOf(of('month')),
        ...areas,
        toleranceM2: digitM2(of),
      });
    const row = {
      line,
      month,
      project: of('project'),
      subProject: of('subProject') || null,
      county: of('county') || null,
      town: of('town') || null,
      work: of('work') === '' ? null : (workOf(of('work')) ?? of('work')),
      ...areas,
      cells,
    };
    rows.push({ ...row, refused: checkRow(row, rows, { known, problems, monthText: of('month') }) });
  });
  if (rows.length === 0) problems.add('NO_ROWS', { what: 'the table has no rows', todo: 'Give a table with rows.' });
  checkTotals(rows, totals, problems);
  return { rows, totals, notes: notes.filter(({ text }) => text !== ''), columns };
}

const areaText = (of: (column: ReportColumn) => string): string => `${of('reportedM2')}${of('reportedMu')}`;

/** A digit and a half of two decimals, in the unit that the reported area stands in (m²). */
const digitM2 = (of: (column: ReportColumn) => string): number => 0.015 * (of('reportedM2') === '' ? muM2 : 1);

/** m², of the column in m² where it says something, else of the one in 亩; NaN = no number. */
function areaOf(of: (column: ReportColumn) => string, which: 'planned' | 'reported'): number | null {
  const m2 = numberOf(of(`${which}M2`));
  if (m2 !== null) return m2;
  const mu = numberOf(of(`${which}Mu`));
  return mu === null ? null : mu * muM2;
}
