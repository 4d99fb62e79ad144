import { createHash } from 'node:crypto';
import type { Alert, Transition } from '../../pipeline/alert/alert.ts';
import { taskKey } from '../../pipeline/alert/task.ts';
import { canonicalJson, type NewEvent } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { AlertRow, TrackRow } from './tables.ts';
import { batchesOf } from './track-rows.ts';

const shortHash = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);

/** Ids are computed from what they are of, so that each is opened once. */
export const alertIdOf = (axis: string, track: string): string => shortHash(axis, track);
export const taskIdOf = (place: string, quarter: string): string => shortHash('task', place, quarter);

/** @param judged row of the track whose judgement is told */
export function alertRowOf(alert: Alert, judged: TrackRow, at: string): AlertRow {
  const { county, town, village } = judged;
  const { id, axis, track, tracks, kind, severity, state, certainty, rule, evidence, askedOn, history } = alert;
  const isErrand = askedOn !== '' && state !== 'lawful' && state !== 'withdrawn';
  return {
    id,
    axis,
    track,
    tracks,
    kind,
    severity,
    state,
    certainty,
    rule,
    evidence,
    history,
    county,
    town,
    village,
    area_m2: alert.areaM2,
    rule_version: alert.ruleVersion,
    policies: judged.policies,
    asked_on: askedOn,
    due_date: alert.dueDate,
    task: isErrand ? taskIdOf(...taskKey({ askedOn, county, town, village })) : null,
    assignee: null,
    opened_at: new Date(at),
  };
}

/** Alerts that name one of these tracks, and those of these ids. */
export async function selectAlerts(sql: Sql, tracks: readonly string[], ids: readonly string[]): Promise<AlertRow[]> {
  const found = new Map<string, AlertRow>();
  for (const batch of batchesOf(tracks))
    // the condition alone, as the index has it
    for (const row of (
      await sql.query<AlertRow>('SELECT * FROM tianwatch.alert WHERE tracks ?| $1::text[]', [[...batch]])
    ).rows)
      found.set(row.id, row);
  for (const batch of batchesOf(ids))
    for (const row of await queriesOn(sql)
      .selectFrom('alert')
      .selectAll()
      .where('id', 'in', [...batch])
      .execute())
      found.set(row.id, row);
  return [...found.values()];
}

/** What an alert says, apart from who it was given to and when its row was made. */
const said = ({ opened_at: _at, assignee: _who, ...row }: AlertRow): string => canonicalJson(row);

export const isSameAlert = (a: AlertRow, b: AlertRow): boolean => said(a) === said(b);

export async function putAlerts(sql: Sql, rows: readonly AlertRow[]): Promise<void> {
  for (const batch of batchesOf(rows))
    await queriesOn(sql)
      .insertInto('alert')
      .values(
        batch.map((row) => ({
          ...row,
          tracks: jsonb(row.tracks),
          policies: jsonb(row.policies),
          evidence: jsonb(row.evidence),
          history: jsonb(row.history),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(({ ref }) =>
          Object.fromEntries(
            Object.keys(batch[0]!)
              .filter((name) => name !== 'id' && name !== 'opened_at')
              .map((name) => [name, ref(`excluded.${name as keyof AlertRow}`)]),
          ),
        ),
      )
      .execute();
}

export async function dropAlerts(sql: Sql, ids: readonly string[]): Promise<void> {
  for (const batch of batchesOf(ids))
    await queriesOn(sql)
      .deleteFrom('alert')
      .where('id', 'in', [...batch])
      .execute();
}

const lastOf = (row: AlertRow | undefined): Transition | undefined =>
  (row?.history as Transition[] | undefined)?.at(-1);

/** What to call the difference between what an alert said and says. */
export function changeOf(before: AlertRow | undefined, row: AlertRow): string {
  if (before === undefined) return row.state === 'open' ? 'alert-opened' : `alert-${row.state}`;
  if (before.state !== row.state) return `alert-${row.state === 'open' ? 'reopened' : row.state}`;
  return lastOf(row)?.event === 'grew' && lastOf(before)?.date !== lastOf(row)?.date ? 'alert-grew' : 'alert-changed';
}

export function alertEvent(
  row: AlertRow,
  { before, by, at }: { readonly before: AlertRow | undefined; readonly by: string; readonly at: string },
): NewEvent {
  const { track, kind: suspicion, severity, state, certainty, rule, rule_version: version, policies } = row;
  const last = lastOf(row);
  const body = {
    by,
    why: `${rule} v${version}`,
    track,
    suspicion,
    severity,
    state,
    certainty,
    policies,
    ...(before && { from: before.state }),
    ...(before && before.id !== row.id && { formerly: before.id }),
    ...(last && { because: last }),
  };
  return { subject: 'alert', subjectId: row.id, kind: changeOf(before, row), body, at };
}

/** What somebody is to be told: every change of state but that of what never asked for anybody. */
export async function putOutbox(sql: Sql, events: readonly NewEvent[], at: string): Promise<void> {
  const told = events.filter(
    ({ kind, body }) => kind !== 'alert-changed' && (kind !== 'alert-lawful' || 'from' in body),
  );
  for (const batch of batchesOf(told))
    await queriesOn(sql)
      .insertInto('outbox')
      .values(
        batch.map(({ subjectId, kind, body }) => ({
          key: shortHash(subjectId, kind, canonicalJson(body['because'] ?? null)),
          alert: subjectId,
          kind,
          body: jsonb(body),
          created_at: new Date(at),
          sent_at: null,
        })),
      )
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
}
