import type { Home } from '../home.ts';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import type { KnownProgramme } from '../../pipeline/ledger/report-check.ts';
import {
  type ReportProblemCode,
  type ReportProblems,
  reportProblemTable,
} from '../../pipeline/ledger/report-problem.ts';
import { readReport, type ReadReport } from '../../pipeline/ledger/report-table.ts';
import { canonicalJson } from '../database/event.ts';
import { loadRegion, loadTowns } from '../rule/load-rules.ts';
import { listProjects, recordMonthlyReport } from './door.ts';
import type { Actor } from './record.ts';
import type { RecordedReport, StoredReportRow } from './report-record.ts';
import { rowsText } from './problem.ts';
import { readTable } from './read-table.ts';

/** Rows that one problem names. */
const listedRows = 20;

export interface ReportProblem {
  readonly code: ReportProblemCode;
  readonly effect: 'blocks' | 'refuses' | 'asks' | 'tells';
  readonly message: string;
  readonly todo: string;
  /** 1-based lines of the file, the first of them */
  readonly rows: readonly number[];
  readonly count: number;
}

/** A file as it was understood; nothing is stored yet. */
export interface PreparedReport {
  readonly file: string;
  /** of a workbook */
  readonly sheet: string | null;
  readonly read: ReadReport;
  readonly problems: readonly ReportProblem[];
  readonly counties: ReadonlyMap<string, string>;
}

function gather(): ReportProblems & { list(): readonly ReportProblem[] } {
  const found = new Map<
    string,
    { code: ReportProblemCode; what: string; todo: string; rows: number[]; count: number }
  >();
  return {
    add(code, { what, todo, row }) {
      const key = `${code}\n${what}`;
      const own = found.get(key) ?? { code, what, todo, rows: [], count: 0 };
      found.set(key, own);
      if (row === undefined) return;
      own.count += 1;
      if (own.rows.length < listedRows) own.rows.push(row);
    },
    list: () =>
      [...found.values()].map(({ code, what, todo, rows, count }) => ({
        code,
        effect: reportProblemTable[code].effect,
        message: count === 0 ? what : `${rowsText(rows, count)}: ${what}`,
        todo,
        rows,
        count,
      })),
  };
}

/**
 * Read a monthly report and hold it against the imported projects; stores nothing.
 *
 * @param options.month of rows that name none
 * @param options.now ISO date: months after it are refused
 * @throws AppError INPUT_INVALID, NOT_FOUND for a file that cannot be read
 */
export async function prepareReport(
  path: string,
  options: {
    readonly home: Home;
    readonly month: string | null;
    readonly sheet?: string;
    readonly now: string;
  },
): Promise<PreparedReport> {
  const { rows, merges, others, sheet } = await readTable(path, options.sheet);
  const { projects, subProjects } = await listProjects(options.home);
  const region = loadRegion();
  const known: KnownProgramme = {
    projects: new Map(projects.map((project) => [project.id, project])),
    subProjects: new Map(subProjects.map((sub) => [sub.id, sub])),
    towns: new Set(loadTowns(region).keys()),
    counties: new Set(region.counties.map(({ code }) => code)),
    thisMonth: options.now.slice(0, 7),
  };
  const problems = gather();
  if (others.length > 0)
    problems.add('SHEETS_UNREAD', {
      what: `of the workbook the sheet ${sheet} was read, and not ${others.join('、')}`,
      todo: 'Import the others one by one with --sheet, where they are reports too.',
    });
  const read = readReport(rows, { known, month: options.month, problems, merges });
  return {
    file: basename(path),
    sheet,
    read,
    problems: problems.list(),
    counties: new Map(projects.map(({ id, county }) => [id, county])),
  };
}

/** @throws AppError INPUT_INVALID when a problem blocks, or asks and is not accepted */
export function refuseReport({ file, problems }: PreparedReport, accept: readonly string[]): void {
  const open = problems.filter(
    ({ code, effect }) => effect === 'blocks' || (effect !== 'tells' && !accept.includes(code)),
  );
  if (open.length === 0) return;
  const codes = [...new Set(open.map(({ code }) => code))];
  const acceptable = codes.filter((code) => reportProblemTable[code].effect !== 'blocks');
  throw new AppError(
    'INPUT_INVALID',
    `${file} was not imported: ${open
      .slice(0, 5)
      .map(({ code, message }) => `${code} ${message}`)
      .join('; ')}${open.length > 5 ? `; and ${open.length - 5} more` : ''}.`,
    acceptable.length < codes.length
      ? 'Correct the file and import it again.'
      : `Correct the file, or import it with --accept ${codes.join(',')}: rows that are refused are kept with the reason and do not count.`,
  );
}

/** @throws AppError CONFLICT when a month is known with other figures and `supersedes` is not set */
export function commitReport(
  { file, sheet, read, problems, counties }: PreparedReport,
  options: { readonly home: Home; readonly actor: Actor; readonly supersedes: boolean },
): Promise<RecordedReport> {
  const rows = read.rows.map(
    ({ line, month, project, subProject, town, work, plannedM2, reportedM2, refused, cells }): StoredReportRow => ({
      line,
      month,
      county: counties.get(project) ?? null,
      project,
      subProject,
      town,
      work,
      plannedM2: finite(plannedM2),
      reportedM2: finite(reportedM2),
      refused,
      cells: [...cells],
    }),
  );
  const facts = { sheet, problems, notes: read.notes, totals: read.totals.map((total) => ({ ...total })) };
  const id = createHash('sha256')
    .update(canonicalJson([file, rows, read.notes]))
    .digest('hex');
  const { actor, supersedes } = options;
  return recordMonthlyReport(options.home, { id, file, facts, rows, actor, supersedes });
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
