import { alertsOf } from './alerts.ts';
import { type NewEvent, appendEvents, canonicalJson } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { PatchRow } from './tables.ts';

/** What a run says of a patch. Codes are null where no baseline lies there. */
export interface Finding {
  /** as in patches.geojson: computed from what the patch is */
  readonly id: string;
  readonly category: 'non-farm' | 'non-grain' | 'recovered' | 'other' | 'review';
  readonly severity: 'normal' | 'high' | 'severe';
  readonly state: 'suspected' | 'watch';
  readonly isLawful: boolean;
  readonly areaM2: number;
  /** 6, 9 and 12 digits */
  readonly county: string | null;
  readonly town: string | null;
  readonly village: string | null;
  /** ISO dates */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** as-of date of the land survey that the rule was told, null where there was none */
  readonly surveyAsOf: string | null;
  /** row of category.json, and its version */
  readonly rule: string;
  readonly ruleVersion: number;
  /** what else its properties say, small */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface RecordedFindings {
  /** patches that were not known, or that a later look changed */
  readonly patches: number;
  /** alerts opened, withdrawn, reopened, or given another severity or rule */
  readonly alerts: number;
}

/** Rows a statement: one message to the database thread stays small. */
const batchRows = 500;

/**
 * Record what a run found, in the caller's transaction: patches are inserted or brought up to their latest
 * look, alerts opened, each with its event. In whatever order runs are recorded the rows end up the same; the
 * same run again changes nothing.
 */
export async function recordFindings(
  sql: Sql,
  { runId, findings, at }: { readonly runId: string; readonly findings: readonly Finding[]; readonly at: string },
): Promise<RecordedFindings> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.findings'))");
  const byId = new Map(findings.map((finding) => [finding.id, rowOf(runId, finding, at)]));
  const seen = [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const events: NewEvent[] = [];
  for (let from = 0; from < seen.length; from += batchRows)
    events.push(...(await recordBatch(sql, seen.slice(from, from + batchRows), at)));
  await appendEvents(sql, events);
  const count = (subject: string): number => events.filter((event) => event.subject === subject).length;
  return { patches: count('patch'), alerts: count('alert') };
}

function rowOf(runId: string, finding: Finding, at: string): PatchRow {
  const version = String(finding.ruleVersion).padStart(9, '0');
  return {
    id: finding.id,
    run_id: runId,
    category: finding.category,
    severity: finding.severity,
    state: finding.state,
    county: finding.county,
    town: finding.town,
    village: finding.village,
    rule: finding.rule,
    facts: finding.facts,
    is_lawful: finding.isLawful,
    area_m2: finding.areaM2,
    first_seen: finding.firstSeen,
    last_seen: finding.lastSeen,
    rule_version: finding.ruleVersion,
    // a look that knew the survey says more than one of the same day that did not
    look: [finding.lastSeen ?? '', finding.surveyAsOf ?? '', version, runId].join('/'),
    recorded_at: new Date(at),
  };
}

const firstOf = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b < a) ? b : a);

function merged(known: PatchRow, seen: PatchRow): PatchRow {
  const latest = seen.look >= known.look ? seen : known;
  return { ...latest, first_seen: firstOf(known.first_seen, seen.first_seen) };
}

/** What a row says, apart from when it was written. */
const said = (row: PatchRow): string => canonicalJson({ ...row, recorded_at: undefined });

async function recordBatch(sql: Sql, seen: readonly PatchRow[], at: string): Promise<readonly NewEvent[]> {
  const ids = seen.map(({ id }) => id);
  const rows = await queriesOn(sql).selectFrom('patch').selectAll().where('id', 'in', ids).execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  const now = new Map(
    seen.map((row) => {
      const before = known.get(row.id);
      return [row.id, before ? merged(before, row) : row];
    }),
  );
  const changed = [...now.values()].filter((row) => {
    const before = known.get(row.id);
    return !before || said(before) !== said(row);
  });
  await putPatches(sql, changed);
  const events = changed.map((row): NewEvent => {
    const { id, run_id: run, category, severity, state, is_lawful: isLawful, area_m2: areaM2, rule } = row;
    const body = { by: `run ${run}`, why: `${rule} v${row.rule_version}`, category, severity, state, isLawful, areaM2 };
    return { subject: 'patch', subjectId: id, kind: known.has(id) ? 'patch-seen-again' : 'patch-found', body, at };
  });
  return [...events, ...(await alertsOf(sql, { seen, now, at }))];
}

async function putPatches(sql: Sql, rows: readonly PatchRow[]): Promise<void> {
  if (rows.length === 0) return;
  await queriesOn(sql)
    .insertInto('patch')
    .values(rows.map((row) => ({ ...row, facts: jsonb(row.facts) })))
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        run_id: ref('excluded.run_id'),
        category: ref('excluded.category'),
        severity: ref('excluded.severity'),
        state: ref('excluded.state'),
        is_lawful: ref('excluded.is_lawful'),
        area_m2: ref('excluded.area_m2'),
        county: ref('excluded.county'),
        town: ref('excluded.town'),
        village: ref('excluded.village'),
        first_seen: ref('excluded.first_seen'),
        last_seen: ref('excluded.last_seen'),
        rule: ref('excluded.rule'),
        rule_version: ref('excluded.rule_version'),
        facts: ref('excluded.facts'),
        look: ref('excluded.look'),
        recorded_at: ref('excluded.recorded_at'),
      })),
    )
    .execute();
}
