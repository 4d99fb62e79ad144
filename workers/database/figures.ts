import type { Sql } from './sql.ts';

/** How many seconds pass between the beginning of a run and the alerts it raised, over the last seven days. */
export interface AlertDelay {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly alerts: number;
}

/** Chunks of the runs that are going on, by state; those that are planned and have none yet are `waiting`. */
export async function countChunks(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql.query<{ state: string; count: string }>(
    `SELECT c.state, count(*) AS count FROM tianwatch.chunk c
       JOIN tianwatch.run r ON r.id = c.run_id AND r.round = c.round WHERE r.state = 'running' GROUP BY 1
     UNION ALL SELECT 'planned', coalesce(sum(chunks), 0) FROM tianwatch.run WHERE state = 'running'`,
  );
  const counts = {
    done: 0,
    skipped: 0,
    failed: 0,
    ...Object.fromEntries(rows.map((row) => [row.state, Number(row.count)])),
  };
  const { planned = 0, ...ended }: Record<string, number> = counts;
  return { ...ended, waiting: Math.max(0, planned - Object.values(ended).reduce((sum, count) => sum + count, 0)) };
}

export async function countRuns(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql.query<{ state: string; count: string }>(
    'SELECT state, count(*) AS count FROM tianwatch.run GROUP BY 1',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

/** Messages that are due and not sent: age of the oldest (s), and how many. */
export async function lookAtOutbox(sql: Sql): Promise<{ readonly unsent: number; readonly oldestSeconds: number }> {
  const { rows } = await sql.query<{ unsent: string; seconds: number | null }>(
    `SELECT count(*) AS unsent, extract(epoch FROM now() - min(created_at))::float8 AS seconds
     FROM tianwatch.outbox WHERE sent_at IS NULL`,
  );
  return { unsent: Number(rows[0]?.unsent ?? 0), oldestSeconds: rows[0]?.seconds ?? 0 };
}

export async function alertDelay(sql: Sql): Promise<AlertDelay> {
  const { rows } = await sql.query<{ alerts: string; p50: number | null; p95: number | null }>(
    `SELECT count(*) AS alerts, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
     FROM (SELECT extract(epoch FROM a.opened_at - begun.at)::float8 AS seconds
       FROM tianwatch.alert a JOIN tianwatch.track t ON t.id = a.track
       JOIN LATERAL (SELECT max(e.at::timestamptz) AS at FROM tianwatch.event e
         WHERE e.subject = 'run' AND e.subject_id = t.run_id AND e.kind IN ('run-begun', 'run-begun-anew')
           AND e.at::timestamptz <= a.opened_at) begun ON begun.at IS NOT NULL
       WHERE a.opened_at > now() - interval '7 days') AS delay`,
  );
  const { alerts = '0', p50 = null, p95 = null } = rows[0] ?? {};
  return { alerts: Number(alerts), p50, p95 };
}
