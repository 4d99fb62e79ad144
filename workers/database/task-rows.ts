import type { AlertState } from '../../pipeline/alert/alert.ts';
import { mergeTasks } from '../../pipeline/alert/task.ts';
import { taskIdOf } from './alert-rows.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { AlertRow, TaskRow } from './tables.ts';
import { batchesOf } from './track-rows.ts';

/** Bring these errands to what their alerts ask for; one without alerts ends. */
export async function renewTasks(sql: Sql, ids: readonly string[], at: string): Promise<void> {
  for (const batch of batchesOf([...new Set(ids)])) {
    const database = queriesOn(sql);
    const alerts = await database
      .selectFrom('alert')
      .selectAll()
      .where('task', 'in', [...batch])
      .execute();
    const tasks = mergeTasks(alerts.map(placedAlertOf), taskIdOf);
    const present = new Set(tasks.map(({ id }) => id));
    const ended = batch.filter((id) => !present.has(id));
    if (ended.length > 0) await database.deleteFrom('task').where('id', 'in', ended).execute();
    if (tasks.length === 0) continue;
    await database
      .insertInto('task')
      .values(
        tasks.map(({ dueDate, alerts: members, ...task }) => ({
          ...task,
          due_date: dueDate,
          alerts: jsonb(members),
          opened_at: new Date(at),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(({ ref }) => ({
          state: ref('excluded.state'),
          due_date: ref('excluded.due_date'),
          alerts: ref('excluded.alerts'),
        })),
      )
      .execute();
  }
}

const placedAlertOf = ({ id, state, asked_on: askedOn, due_date: dueDate, village, town, county }: AlertRow) => ({
  id,
  askedOn,
  dueDate,
  village,
  town,
  county,
  state: state as AlertState,
});

export function selectTasks(sql: Sql): Promise<TaskRow[]> {
  return queriesOn(sql)
    .selectFrom('task')
    .selectAll()
    .orderBy('state', 'desc')
    .orderBy('due_date')
    .orderBy('id')
    .execute();
}
