import { createHash } from 'node:crypto';
import type { NewEvent } from './event.ts';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { AlertRow, PatchRow } from './tables.ts';

/** A suspected loss of cropland without an approval is looked at by somebody; all else is told in the report. */
function alertKind({ state, is_lawful, category }: PatchRow): string | null {
  if (state !== 'suspected' || is_lawful) return null;
  return category === 'non-farm' || category === 'non-grain' ? category : null;
}

/** Id of the alert that this kind of suspicion of this patch opens: computed, so that it opens once. */
export function alertIdOf(patch: string, kind: string): string {
  return createHash('sha256').update(`${kind}\n${patch}`).digest('hex').slice(0, 16);
}

function alertFrom(look: PatchRow, kind: string, at: string): AlertRow {
  return {
    id: alertIdOf(look.id, kind),
    patch: look.id,
    kind,
    severity: look.severity,
    state: 'open',
    rule: look.rule,
    rule_version: look.rule_version,
    look: look.look,
    assignee: null,
    due_date: null,
    opened_at: new Date(at),
  };
}

/**
 * Bring the alerts of these patches to what their looks call for. An alert is there when any look called for
 * it, open while the latest look does, and says what the latest look that called for it said: so the order in
 * which looks arrive does not matter.
 *
 * @param seen what this run says
 * @param now the patches as their latest look says, by id
 * @returns the events, yet to be appended
 */
export async function alertsOf(
  sql: Sql,
  {
    seen,
    now,
    at,
  }: { readonly seen: readonly PatchRow[]; readonly now: ReadonlyMap<string, PatchRow>; readonly at: string },
): Promise<readonly NewEvent[]> {
  const database = queriesOn(sql);
  const ids = seen.map(({ id }) => id);
  const known = await database.selectFrom('alert').selectAll().where('patch', 'in', ids).execute();
  const knownById = new Map(known.map((row) => [row.id, row]));
  const wanted = new Map(knownById);
  for (const look of seen) {
    const kind = alertKind(look);
    if (kind === null) continue;
    const fresh = alertFrom(look, kind, at);
    const before = wanted.get(fresh.id);
    const { severity, rule, rule_version, look: told } = fresh;
    if (!before) wanted.set(fresh.id, fresh);
    else if (told >= before.look) wanted.set(fresh.id, { ...before, severity, rule, rule_version, look: told });
  }
  const after = [...wanted.values()].map((row): AlertRow => {
    const patch = now.get(row.patch);
    return { ...row, state: patch && alertKind(patch) === row.kind ? 'open' : 'withdrawn' };
  });
  const changed = after.filter((row) => {
    const before = knownById.get(row.id);
    return !before || before.state !== row.state || before.look !== row.look || before.severity !== row.severity;
  });
  await putAlerts(sql, changed);
  return changed
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((row) => eventOf(row, { before: knownById.get(row.id), run: now.get(row.patch)?.run_id ?? '', at }));
}

function eventOf(
  row: AlertRow,
  { before, run, at }: { readonly before: AlertRow | undefined; readonly run: string; readonly at: string },
): NewEvent {
  const isSame = before?.state === row.state;
  const kind =
    !before && row.state === 'open'
      ? 'alert-opened'
      : isSame
        ? 'alert-changed'
        : `alert-${row.state === 'open' ? 'reopened' : 'withdrawn'}`;
  const { patch, kind: suspicion, severity, rule, rule_version } = row;
  const body = { by: `run ${run}`, why: `${rule} v${rule_version}`, patch, suspicion, severity, state: row.state };
  return { subject: 'alert', subjectId: row.id, kind, body, at };
}

async function putAlerts(sql: Sql, rows: readonly AlertRow[]): Promise<void> {
  if (rows.length === 0) return;
  await queriesOn(sql)
    .insertInto('alert')
    .values([...rows])
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        severity: ref('excluded.severity'),
        state: ref('excluded.state'),
        rule: ref('excluded.rule'),
        rule_version: ref('excluded.rule_version'),
        look: ref('excluded.look'),
      })),
    )
    .execute();
}
