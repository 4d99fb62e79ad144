import { appendEvent } from './event.ts';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';

/** Know who acts: a name that is new becomes an operator without a territory. Call it in the transaction of the act. */
export async function knowUser(sql: Sql, by: string, at: string): Promise<void> {
  const added = await queriesOn(sql)
    .insertInto('app_user')
    .values({ name: by, role: 'operator', territory: null, created_at: new Date(at) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('name')
    .execute();
  if (added.length === 0) return;
  const body = { by, why: 'first act', role: 'operator' };
  await appendEvent(sql, { subject: 'user', subjectId: by, kind: 'user-added', body, at });
}
