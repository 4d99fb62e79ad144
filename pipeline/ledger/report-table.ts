import { workOf } from '../vector/value-alias.ts';
import { isMonth } from './month.ts';
import { readArea, sumToleranceM2 } from './report-area.ts';
import { findHead, type Head, type ReportColumn, reportColumns } from './report-columns.ts';
import { checkRow, type KnownProgramme } from './report-check.ts';
import type { ReportProblems } from './report-problem.ts';
import { checkProjects, checkTotals } from './report-sums.ts';
import { type ReportRow, sumKindOf, type TotalRow } from './report-row.ts';

export interface ReadReport {
  readonly rows: readonly ReportRow[];
  readonly totals: readonly TotalRow[];
  /** lines that are no rows: titles, notes */
  readonly notes: readonly { readonly line: number; readonly text: string }[];
  readonly columns: readonly (ReportColumn | null)[];
}

/** Months as people write them: 2026-10, 2026年10月, 202610, 2026/10/31; null = none. */
export function monthOf(text: string): string | null {
  const found = /^(\d{4})\s*(?:[-/.年]\s*)?(\d{1,2})(?:\s*月(?:份)?|[-/.]\d{1,2}(?:日)?)?$/.exec(
    text.normalize('NFKC').trim(),
  );
  const month = found ? `${found[1]}-${found[2]!.padStart(2, '0')}` : '';
  return isMonth(month) ? month : null;
}

/** Cells that are shown as one; positions are 0-based, sizes ≥ 1. */
export interface MergedCells {
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
}

/** Row in which the text of a cell stands that is merged with those above it. */
function mergeReader(merges: readonly MergedCells[]): (row: number, col: number) => MergedCells | null {
  const tall = merges.filter(({ rows }) => rows > 1);
  return (row, col) => tall.find((one) => one.col === col && row >= one.row && row < one.row + one.rows) ?? null;
}

/**
 * Understand a table as a monthly report and hold it against what is known; nothing is left out without being listed.
 *
 * @param table cells by row, as the file has them
 * @param options.month of rows that name none
 * @param options.merges of a workbook: a text over several rows is of each; an area over several rows is of none
 */
export function readReport(
  table: readonly (readonly string[])[],
  options: {
    readonly known: KnownProgramme;
    readonly month: string | null;
    readonly problems: ReportProblems;
    readonly merges?: readonly MergedCells[];
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
  tellHead(head, options);
  const mergeAt = mergeReader(options.merges ?? []);
  const rows: ReportRow[] = [];
  const totals: TotalRow[] = [];
  const begin = head.row + 1 - head.rows;
  const notes = table.slice(0, begin).map((cells, i) => ({ line: i + 1, text: cells.join(' ').trim() }));
  table.slice(head.row + 1).forEach((cells, i) => {
    const row = head.row + 1 + i;
    const line = row + 1;
    const of = (column: ReportColumn): string => {
      const col = columns.indexOf(column);
      const isArea = /^(planned|reported)/.test(column);
      return (table[isArea ? row : (mergeAt(row, col)?.row ?? row)]?.[col] ?? '').trim();
    };
    const first = cells.find((cell) => cell.trim() !== '')?.trim() ?? '';
    if (first === '') return;
    const [planned, reported] = [readArea(of, 'planned'), readArea(of, 'reported')];
    const own = cells[columns.indexOf('project')]?.trim() ?? '';
    const sumKind = known.projects.has(own) ? null : (sumKindOf(first) ?? sumKindOf(own));
    if (sumKind !== null) {
      totals.push({
        line,
        kind: sumKind,
        month: monthOf(of('month')),
        plannedM2: planned.areaM2,
        reportedM2: reported.areaM2,
        unit: reported.unit,
        texts: { plannedM2: planned.text, reportedM2: reported.text },
        toleranceM2: sumToleranceM2[reported.unit],
      });
      if (reported.areaM2 === null)
        problems.add('TOTAL_EMPTY', {
          what: `${first} gives no reported area: it was not held against its rows`,
          todo: 'Fill it in; a workbook keeps sums once a spreadsheet program has saved it.',
          row: line,
        });
      return;
    }
    if (first.startsWith('#') || (of('project') === '' && reported.text === '')) {
      notes.push({ line, text: cells.join(' ').trim() });
      return;
    }
    const month = of('month') === '' ? options.month : monthOf(of('month'));
    const understood = {
      line,
      month,
      project: of('project'),
      subProject: of('subProject') || null,
      county: of('county') || null,
      town: of('town') || null,
      work: of('work') === '' ? null : (workOf(of('work')) ?? of('work')),
      plannedM2: planned.areaM2,
      reportedM2: reported.areaM2,
      unit: reported.unit,
      cells,
    };
    const merge = columns
      .flatMap((column, col) => (column !== null && /^(planned|reported)/.test(column) ? mergeAt(row, col) : []))
      .find((one) => one !== null);
    const said = { planned, reported, merge: merge ?? null, monthText: of('month') };
    rows.push({ ...understood, refused: checkRow(understood, rows, { known, problems, said }) });
  });
  if (rows.length === 0) problems.add('NO_ROWS', { what: 'the table has no rows', todo: 'Give a table with rows.' });
  checkTotals(rows, totals, problems);
  checkProjects(rows, problems);
  return { rows, totals, notes: notes.filter(({ text }) => text !== ''), columns };
}

/** What the head leaves open: a month, a unit, columns that nobody knows. */
function tellHead(
  { columns, names, unit }: Head,
  { month, problems }: { readonly month: string | null; readonly problems: ReportProblems },
): void {
  if (!columns.includes('month') && month === null)
    problems.add('COLUMN_MISSING', { what: 'no column names the month', todo: 'Give --month yyyy-mm.' });
  if (unit !== null && !unit.isSaid)
    problems.add('UNIT_ASSUMED', {
      what: 'neither a column nor a title (单位：亩) says what the areas are in: taken as m²',
      todo: 'Name the unit: 累计完成面积（亩）, or 单位：亩 above the head.',
    });
  const unused = names.filter((name, col) => name.trim() !== '' && columns[col] === null);
  if (unused.length > 0)
    problems.add('COLUMN_UNUSED', {
      what: `columns that are kept and not read: ${unused.join('、')}`,
      todo: 'Name those that matter as docs/formats.md has them.',
    });
}
