import { AppError } from '../../pipeline/errors.ts';
import {
  type Claim,
  type Firing,
  type Schedule,
  type StoredSchedule,
  storedScheduleSchema,
} from '../watch/schedule.ts';
import { appendEvent } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import { knowUser } from './users.ts';

/** All schedules, by area, with the last slot that was served since they were added. */
export async function selectSchedules(sql: Sql): Promise<readonly StoredSchedule[]> {
  const schedules = await queriesOn(sql).selectFrom('schedule').selectAll().orderBy('area').execute();
  const firings = await queriesOn(sql)
    .selectFrom('schedule_firing')
    .distinctOn('area')
    .select(['area', 'slot', 'outcome'])
    .orderBy('area')
    .orderBy('slot', 'desc')
    .execute();
  return schedules.map(({ added_by: _by, added_at: addedAt, ...schedule }) => {
    const last = firings.find(({ area }) => area === schedule.area);
    return storedScheduleSchema.parse({
      ...schedule,
      addedMs: addedAt.getTime(),
      lastSlotMs: last?.slot.getTime() ?? null,
      lastOutcome: last?.outcome ?? null,
    });
  });
}

/** Add a schedule, or put another in place of that of its area, in the caller's transaction. */
export async function putSchedule(sql: Sql, schedule: Schedule, { by, at }: { by: string; at: string }): Promise<void> {
  await knowUser(sql, by, at);
  const { area, pattern, zone, season, request } = schedule;
  const row = {
    pattern,
    zone,
    season: season === null ? null : jsonb(season),
    request: jsonb(request),
    added_by: by,
    added_at: new Date(at),
  };
  await queriesOn(sql)
    .insertInto('schedule')
    .values({ area, ...row })
    .onConflict((conflict) => conflict.column('area').doUpdateSet(row))
    .execute();
  const body = { by, why: 'schedule add', pattern, zone, season, where: request.where, out: request.out };
  await appendEvent(sql, { subject: 'schedule', subjectId: area, kind: 'schedule-added', body, at });
}

/** @throws AppError NOT_FOUND */
export async function dropSchedule(sql: Sql, area: string, { by, at }: { by: string; at: string }): Promise<void> {
  const gone = await queriesOn(sql).deleteFrom('schedule').where('area', '=', area).returning('area').execute();
  if (gone.length === 0)
    throw new AppError('NOT_FOUND', `There is no schedule of ${area}.`, 'tianwatch schedule list prints them.');
  const body = { by, why: 'schedule remove' };
  await appendEvent(sql, { subject: 'schedule', subjectId: area, kind: 'schedule-removed', body, at });
}

/** Claim a slot: of any number that ask, one is told `new`. */
export async function claimFiring(sql: Sql, { area, slotMs, cause }: Firing, at: string): Promise<Claim> {
  const slot = new Date(slotMs);
  const claimed = await queriesOn(sql)
    .insertInto('schedule_firing')
    .values({ area, slot, cause, state: 'begun', outcome: null, begun_at: new Date(at), ended_at: null })
    .onConflict((conflict) => conflict.columns(['area', 'slot']).doNothing())
    .returning('area')
    .execute();
  if (claimed.length > 0) return 'new';
  const found = await queriesOn(sql)
    .selectFrom('schedule_firing')
    .select('state')
    .where('area', '=', area)
    .where('slot', '=', slot)
    .executeTakeFirstOrThrow();
  return found.state === 'ended' ? 'ended' : 'begun';
}

/** Note that a slot was served. */
export async function endFiring(
  sql: Sql,
  { area, slotMs, outcome }: { readonly area: string; readonly slotMs: number; readonly outcome: string },
  at: string,
): Promise<void> {
  await queriesOn(sql)
    .updateTable('schedule_firing')
    .set({ state: 'ended', outcome, ended_at: new Date(at) })
    .where('area', '=', area)
    .where('slot', '=', new Date(slotMs))
    .execute();
}
