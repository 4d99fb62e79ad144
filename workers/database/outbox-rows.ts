import type { Selectable } from 'kysely';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { OutboxRow } from './tables.ts';

/**
 * Take the oldest message that is due, for `leaseMs`: who dies with it lets it go by that time. Messages of one alert
 * go in their order: a later one waits for an earlier one.
 *
 * @returns null when nothing is due
 */
export async function takeMessage(sql: Sql, at: Date, leaseMs: number): Promise<Selectable<OutboxRow> | null> {
  const { rows } = await sql.query<Selectable<OutboxRow>>(
    `UPDATE tianwatch.outbox SET attempts = attempts + 1, next_try_at = $2
     WHERE key = (
       SELECT key FROM tianwatch.outbox o
       WHERE sent_at IS NULL AND (next_try_at IS NULL OR next_try_at <= $1) AND NOT EXISTS (
         SELECT 1 FROM tianwatch.outbox earlier
         WHERE earlier.alert = o.alert AND earlier.sent_at IS NULL
           AND (earlier.created_at, earlier.key) < (o.created_at, o.key))
       ORDER BY created_at, key LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING *`,
    [at.toISOString(), new Date(at.getTime() + leaseMs).toISOString()],
  );
  return rows[0] ?? null;
}

export async function markSent(sql: Sql, key: string, at: Date): Promise<void> {
  await queriesOn(sql)
    .updateTable('outbox')
    .set({ sent_at: at, last_error: null, next_try_at: null })
    .where('key', '=', key)
    .execute();
}

export async function markFailed(
  sql: Sql,
  key: string,
  { nextTryAt, why }: { readonly nextTryAt: Date; readonly why: string },
): Promise<void> {
  await queriesOn(sql)
    .updateTable('outbox')
    .set({ next_try_at: nextTryAt, last_error: why })
    .where('key', '=', key)
    .where('sent_at', 'is', null)
    .execute();
}

export async function countUnsent(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(
    'SELECT count(*) AS count FROM tianwatch.outbox WHERE sent_at IS NULL',
  );
  return Number(rows[0]?.count ?? 0);
}
