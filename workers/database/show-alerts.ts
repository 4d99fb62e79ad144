import { AppError } from '../../pipeline/errors.ts';
import type { GroundDeg } from '../../pipeline/alert/case.ts';
import {
  type AlertDetail,
  type AlertFilter,
  type ShownAlert,
  type ShownTask,
  alertDetailSchema,
  shownAlertSchema,
  shownTaskSchema,
} from '../registry/alert-record.ts';
import { type TendingDay, tendingOfTracks } from './alert-tending.ts';
import type { Sql } from './sql.ts';
import type { AlertRow } from './tables.ts';
import { selectTasks } from './task-rows.ts';
import { selectTracks } from './track-rows.ts';
import { selectVerdicts } from './verdict-rows.ts';

function shown(row: AlertRow, tending: ShownAlert['tending']): ShownAlert {
  const {
    area_m2: areaM2,
    rule_version: ruleVersion,
    asked_on: askedOn,
    due_date: dueDate,
    opened_at: _at,
    ...rest
  } = row;
  return shownAlertSchema.parse({ ...rest, areaM2, ruleVersion, askedOn, dueDate, tending });
}

/** Alerts by due date, the gravest of a day first; those without a date last. */
export async function listAlerts(
  sql: Sql,
  { states, place, limit }: AlertFilter,
  day: TendingDay,
): Promise<readonly ShownAlert[]> {
  const { rows } = await sql.query<AlertRow>(
    `SELECT * FROM tianwatch.alert
     WHERE ($1::text[] IS NULL OR state = ANY($1)) AND ($2::text IS NULL OR coalesce(village, town, county, '') LIKE $2 || '%')
     ORDER BY due_date NULLS LAST, array_position(ARRAY['severe', 'high', 'normal'], severity), id LIMIT $3`,
    [states ?? null, place ?? null, limit],
  );
  const tending = await tendingOfTracks(
    sql,
    rows.map(({ track }) => track),
    day,
  );
  return rows.map((row) => shown(row, tending.get(row.track) ?? []));
}

/** @throws AppError NOT_FOUND, CONFLICT where several begin so */
export async function findAlert(sql: Sql, start: string): Promise<AlertRow> {
  const { rows } = await sql.query<AlertRow>(
    `SELECT * FROM tianwatch.alert WHERE starts_with(id, $1) ORDER BY id LIMIT 2`,
    [start],
  );
  const [row, another] = rows;
  if (row === undefined)
    throw new AppError('NOT_FOUND', `No alert begins with ${start}.`, '`tianwatch alert list` prints them.', { start });
  if (another === undefined || row.id === start) return row;
  throw new AppError('CONFLICT', `Several alerts begin with ${start}.`, 'Give more of the id.', { start });
}

const isoDay = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, 10) : null;

/** One alert, its ground as last seen, and what people said of it. @throws AppError as `findAlert` */
export async function showAlert(sql: Sql, start: string, day: TendingDay): Promise<AlertDetail> {
  const row = await findAlert(sql, start);
  const tending = await tendingOfTracks(sql, [row.track], day);
  const ids = row.tracks as readonly string[];
  const tracks = (await selectTracks(sql, ids)).toSorted((a, b) => (a.last_seen + a.id < b.last_seen + b.id ? -1 : 1));
  const ground = tracks.flatMap(({ ground: own }) => (own === null ? [] : [own as GroundDeg])).at(-1) ?? null;
  const facts = (tracks.find(({ id }) => id === row.track)?.facts ?? {}) as Readonly<Record<string, unknown>>;
  const verdicts = await selectVerdicts(sql, null, ids);
  return alertDetailSchema.parse({
    alert: shown(row, tending.get(row.track) ?? []),
    ground,
    since: isoDay(facts['dateBefore']),
    facts,
    verdicts: verdicts.map(({ id, says, date, given_by: by, why, evidence }) => ({
      id,
      says,
      date,
      by,
      why,
      evidence,
    })),
  });
}

export async function listTasks(sql: Sql): Promise<readonly ShownTask[]> {
  return (await selectTasks(sql)).map(({ id, place, quarter, state, due_date: dueDate, alerts }) =>
    shownTaskSchema.parse({ id, place, quarter, state, dueDate, alerts }),
  );
}
