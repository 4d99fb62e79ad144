import { createHash } from 'node:crypto';
import type { AlertRules } from '../../pipeline/alert/alert-rules.ts';
import type { AlertDetail, NewVerdict } from '../registry/alert-record.ts';
import type { TendingDay } from './alert-tending.ts';
import { appendEvents, canonicalJson } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import { raiseAround } from './raise-alerts.ts';
import { findAlert, showAlert } from './show-alerts.ts';
import type { Sql } from './sql.ts';
import { boxOfGround, cropYearOf, selectTracks } from './track-rows.ts';
import { knowUser } from './users.ts';

/**
 * Record what a person found, and what it makes of the alert, in the caller's transaction. It stays with the ground that
 * the alert has today, whatever its track is called later; given twice it is one verdict.
 *
 * @throws AppError NOT_FOUND, CONFLICT as `findAlert`
 */
export async function recordVerdict(
  sql: Sql,
  verdict: NewVerdict,
  { rules, at, day }: { readonly rules: AlertRules; readonly at: string; readonly day: TendingDay },
): Promise<AlertDetail> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.alerts'))");
  const alert = await findAlert(sql, verdict.alert);
  const { says, date, by, why, evidence } = verdict;
  const keys = evidence.map(({ key }) => key).toSorted();
  const identity = canonicalJson([alert.axis, alert.track, says, date, by, keys]);
  const id = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  const database = queriesOn(sql);
  await knowUser(sql, by, at);
  for (const { facts, ...file } of evidence)
    await database
      .insertInto('evidence')
      .values({ ...file, facts: jsonb(facts), recorded_by: by, recorded_at: new Date(at) })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  const { ground, facts } = await showAlert(sql, alert.id, day);
  const cropYear = cropYearOf(facts);
  const box = boxOfGround(ground) ?? { west: null, south: null, east: null, north: null };
  const added = await database
    .insertInto('verdict')
    .values({
      id,
      track: alert.track,
      axis: alert.axis,
      says,
      date,
      ground: jsonb(ground),
      ...box,
      evidence: jsonb(keys),
      facts: jsonb({ alert: alert.id, ...(cropYear !== null && { cropYear }) }),
      given_by: by,
      why,
      recorded_at: new Date(at),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  if (added.length === 0) return showAlert(sql, alert.id, day);
  const touched = await selectTracks(sql, alert.tracks as readonly string[]);
  const events = await raiseAround(sql, { touched, successors: new Map(), rules, by, at });
  const body = { by, why, alert: alert.id, track: alert.track, says, date, evidence: keys };
  await appendEvents(sql, [{ subject: 'verdict', subjectId: id, kind: 'verdict-given', body, at }, ...events]);
  return showAlert(sql, alert.id, day);
}
