import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import type { ReportedRow } from '../../pipeline/ledger/report-facts.ts';
import {
  type NewReport,
  type RecordedReport,
  type ReportVersion,
  type StoredReport,
  type StoredReportRow,
  storedReportSchema,
} from '../registry/report-record.ts';
import { appendEvents, canonicalJson } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import { knowUser } from './users.ts';

const batchRows = 500;

interface MonthOfCounty {
  readonly month: string;
  readonly county: string;
  readonly digest: string;
  readonly rows: readonly StoredReportRow[];
}

/** Rows that count, by month and county; the digest does not depend on their order or their lines. */
function groupsOf(rows: readonly StoredReportRow[]): readonly MonthOfCounty[] {
  const groups = new Map<string, StoredReportRow[]>();
  for (const row of rows) {
    if (row.refused !== null || row.month === null || row.county === null) continue;
    const key = `${row.month}/${row.county}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => {
      const said = own
        .map(({ project, subProject, town, work, plannedM2, reportedM2 }) =>
          canonicalJson([project, subProject, town, work, plannedM2, reportedM2]),
        )
        .toSorted();
      return {
        month: key.slice(0, 7),
        county: key.slice(8),
        digest: createHash('sha256').update(said.join('\n')).digest('hex'),
        rows: own,
      };
    });
}

/**
 * Record a file of monthly reports in the caller's transaction: each month of each county becomes a version. What is
 * known with the same content stays; with other content it is superseded where the file says so.
 *
 * @throws AppError CONFLICT for a month and county that is known with other content
 */
export async function recordReport(sql: Sql, report: NewReport, at: string): Promise<RecordedReport> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.report'))");
  const database = queriesOn(sql);
  const known = await database.selectFrom('report_version').selectAll().where('state', '=', 'current').execute();
  const current = new Map(known.map((row) => [`${row.month}/${row.county}`, row]));
  const fresh = groupsOf(report.rows).filter(
    ({ month, county, digest }) => current.get(`${month}/${county}`)?.digest !== digest,
  );
  const clashing = fresh.filter(({ month, county }) => current.has(`${month}/${county}`));
  if (clashing.length > 0 && !report.supersedes) throw conflict(clashing, report.file);
  const isKnown = (await database.selectFrom('report').select('id').where('id', '=', report.id).execute()).length > 0;
  if (isKnown && fresh.length === 0) return { isNew: false, versions: [] };
  const { by, why } = report.actor;
  await knowUser(sql, by, at);
  if (!isKnown) await insertReport(sql, report, at);
  for (const { month, county, digest, rows } of fresh) {
    const before = current.get(`${month}/${county}`);
    if (before)
      await database
        .updateTable('report_version')
        .set({ state: 'superseded' })
        .where('month', '=', month)
        .where('county', '=', county)
        .execute();
    await database
      .insertInto('report_version')
      .values({
        month,
        county,
        number: (before?.number ?? 0) + 1,
        report: report.id,
        digest,
        rows: rows.length,
        reported_m2: rows.reduce((sum, row) => sum + (row.reportedM2 ?? 0), 0),
        state: 'current',
        recorded_at: new Date(at),
      })
      .execute();
  }
  await appendEvents(
    sql,
    fresh.map(({ month, county, digest, rows }) => ({
      subject: 'report',
      subjectId: `${month}/${county}`,
      kind: current.has(`${month}/${county}`) ? 'report-superseded' : 'report-recorded',
      body: { by, why, file: report.file, report: report.id, digest, rows: rows.length },
      at,
    })),
  );
  const isFresh = new Set(fresh.map(({ month, county }) => `${month}/${county}`));
  const versions = (await listReports(sql)).filter(
    (version) => version.state === 'current' && isFresh.has(`${version.month}/${version.county}`),
  );
  return { isNew: true, versions };
}

function conflict(clashing: readonly MonthOfCounty[], file: string): AppError {
  const named = clashing.slice(0, 8).map(({ month, county }) => `${month} ${county}`);
  const more = clashing.length > named.length ? ` … (${clashing.length})` : '';
  return new AppError(
    'CONFLICT',
    `${file} gives months that are reported already with other figures: ${named.join(', ')}${more}.`,
    'Give --supersede if this file is the corrected one: the earlier version is kept, and no longer counts.',
  );
}

async function insertReport(sql: Sql, { id, file, facts, rows, actor }: NewReport, at: string): Promise<void> {
  const database = queriesOn(sql);
  const head = { id, file, facts: jsonb(facts), imported_by: actor.by, imported_at: new Date(at) };
  await database.insertInto('report').values(head).execute();
  for (let from = 0; from < rows.length; from += batchRows)
    await database
      .insertInto('report_row')
      .values(
        rows.slice(from, from + batchRows).map((row) => ({
          report: id,
          line: row.line,
          month: row.month,
          county: row.county,
          project: row.project,
          sub_project: row.subProject,
          town: row.town,
          work: row.work,
          planned_m2: row.plannedM2,
          reported_m2: row.reportedM2,
          refused: row.refused,
          cells: jsonb(row.cells),
        })),
      )
      .execute();
}

/** All versions, the latest month first. */
export async function listReports(sql: Sql): Promise<readonly ReportVersion[]> {
  const { rows } = await sql.query<Record<string, unknown>>(
    `SELECT v.month, v.county, v.number, v.state, v.report, r.file, v.rows, v.reported_m2 AS "reportedM2",
            (SELECT count(*)::int FROM tianwatch.report_row w
              WHERE w.report = v.report AND w.month = v.month AND w.county = v.county AND w.refused IS NOT NULL) AS "refusedRows",
            r.imported_by AS "importedBy", r.imported_at AS "importedAt"
       FROM tianwatch.report_version v JOIN tianwatch.report r ON r.id = v.report
      ORDER BY v.month DESC, v.county, v.number DESC`,
  );
  return rows.map((row) => ({ ...row, importedAt: (row['importedAt'] as Date).toISOString() }) as ReportVersion);
}

const factsSchema = z.looseObject({
  sheet: z.string().nullable().default(null),
  problems: storedReportSchema.shape.problems.default([]),
  notes: storedReportSchema.shape.notes.default([]),
});

/** Files of reports whose id begins so, the latest first, with what of them does not count. */
export async function selectReportFiles(sql: Sql, start: string): Promise<readonly StoredReport[]> {
  const database = queriesOn(sql);
  const files = (
    await database.selectFrom('report').selectAll().orderBy('imported_at', 'desc').orderBy('id').execute()
  ).filter(({ id }) => id.startsWith(start));
  const reports: StoredReport[] = [];
  for (const { id, file, facts, imported_by: importedBy, imported_at: importedAt } of files) {
    const rows = await database
      .selectFrom('report_row')
      .select(['line', 'refused', 'cells'])
      .where('report', '=', id)
      .orderBy('line')
      .execute();
    const { sheet, problems, notes } = factsSchema.parse(facts);
    const refused = rows.flatMap(({ line, refused: reason, cells }) =>
      reason === null ? [] : [{ line, reason, cells: z.array(z.string()).parse(cells) }],
    );
    const of = { report: id, file, sheet, rows: rows.length, refused, problems, notes };
    reports.push(storedReportSchema.parse({ ...of, importedBy, importedAt: importedAt.toISOString() }));
  }
  return reports;
}

/** Rows that count, up to a month. */
export async function selectReportedRows(sql: Sql, month: string): Promise<readonly ReportedRow[]> {
  const { rows } = await sql.query<ReportedRow>(
    `SELECT w.month, w.project, w.sub_project AS "subProject", w.town, w.work, w.reported_m2 AS "reportedM2"
       FROM tianwatch.report_row w
       JOIN tianwatch.report_version v ON v.report = w.report AND v.month = w.month AND v.county = w.county
      WHERE v.state = 'current' AND w.refused IS NULL AND w.month <= $1
      ORDER BY w.month, w.project, w.sub_project, w.town, w.work, w.line`,
    [month],
  );
  return rows;
}
