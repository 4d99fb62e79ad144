import { AppError } from '../../pipeline/errors.ts';
import type { RunState } from '../run-status.ts';
import type { SeriesHold, SeriesRuns } from '../series/series-runs.ts';
import { endedBefore } from '../series/series-runs.ts';
import { namesOf, type SeriesStatus, seriesRunIdOf, seriesStatusSchema } from '../series/series-status.ts';
import { appendEvent } from './event.ts';
import { type Pool, type Sql, transact } from './sql.ts';

interface SeriesRow {
  id: string;
  state: RunState;
  stage: string;
  done: number;
  total: number;
  request: unknown;
  summary: unknown;
  error: unknown;
  created_at: Date;
  changed_at: Date;
  is_held: boolean;
}

type Client = Awaited<ReturnType<Pool['connect']>>;

const lockClass = "hashtext('tianwatch.series')";
/** The lock is the session's: the server lets it go with the connection of a dead process. */
const heldSql = `EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid = (${lockClass}::bigint & 4294967295)::oid AND l.objid = (hashtext('run-' || s.id)::bigint & 4294967295)::oid)`;

function statusOf(row: SeriesRow): SeriesStatus {
  const { id, state, stage, done, total, request, summary, error, created_at: created, changed_at: changed } = row;
  return seriesStatusSchema.parse({
    runId: id,
    state: state === 'running' && !row.is_held ? 'interrupted' : state,
    stage,
    parts: { done, total },
    request,
    summary,
    error,
    createdAt: created.toISOString(),
    changedAt: changed.toISOString(),
  });
}

async function select(sql: Sql, where: string, params: readonly unknown[]): Promise<readonly SeriesStatus[]> {
  const { rows } = await sql.query<SeriesRow>(
    `SELECT s.*, ${heldSql} AS is_held FROM tianwatch.series_run s ${where} ORDER BY created_at DESC, id`,
    params,
  );
  return rows.map(statusOf);
}

/** @returns null, and nothing is held, where another session holds one of the names */
async function lockAll(pool: Pool, names: readonly string[]): Promise<Client | null> {
  const client = await pool.connect();
  try {
    for (const name of names) {
      const { rows } = await client.query<{ got: boolean }>(
        `SELECT pg_try_advisory_lock(${lockClass}, hashtext($1)) AS got`,
        [name],
      );
      if (rows[0]?.got !== true) {
        await letGo(client);
        return null;
      }
    }
    return client;
  } catch (error) {
    await letGo(client);
    throw error;
  }
}

/** A connection that is lost has let go already. */
async function letGo(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
  client.release();
}

/** The series of a home that many hosts share: a row each, and locks of one connection while it is done. */
export function openSharedSeriesRuns(pool: Pool, { now, by }: { readonly now: () => Date; readonly by: string }) {
  const record = (sql: Sql, id: string, kind: string, body: Record<string, unknown>): Promise<void> =>
    appendEvent(sql, { subject: 'series', subjectId: id, kind, body: { by, ...body }, at: now().toISOString() });

  function holdOf(
    runId: string,
    names: readonly string[],
    { first, stateBefore }: { readonly first: Client; readonly stateBefore: RunState | null },
  ): SeriesHold {
    let client: Client | null = first;
    return {
      stateBefore,
      async tell({ stage, done, total }) {
        try {
          client ??= await lockAll(pool, names);
          if (client === null) return 'lost';
          const { rows } = await client.query<{ state: string }>(
            `UPDATE tianwatch.series_run SET stage = CASE state WHEN 'running' THEN $2 ELSE stage END, done = $3, total = $4,
               changed_at = CASE state WHEN 'running' THEN $5 ELSE changed_at END WHERE id = $1 RETURNING state`,
            [runId, stage, done, total, now().toISOString()],
          );
          return rows[0]?.state === 'cancelled' ? 'cancelled' : 'goes-on';
        } catch {
          // the server went away: its locks are taken again when it is back
          client?.release();
          client = null;
          return 'goes-on';
        }
      },
      async end({ state, summary, error }) {
        try {
          await transact(pool, async (sql) => {
            const { rows } = await sql.query(
              `UPDATE tianwatch.series_run SET state = $2, summary = $3::jsonb, error = $4::jsonb, changed_at = $5
               WHERE id = $1 AND state = 'running' RETURNING id`,
              [runId, state, JSON.stringify(summary ?? null), JSON.stringify(error ?? null), now().toISOString()],
            );
            if (rows.length > 0) await record(sql, runId, `series-${state}`, { summary, error });
          });
        } finally {
          if (client !== null) await letGo(client);
        }
      },
    };
  }

  const runs: SeriesRuns = {
    async take(request) {
      const runId = seriesRunIdOf(request);
      const names = namesOf(request);
      const client = await lockAll(pool, names);
      if (client === null) return null;
      try {
        const stateBefore = await transact(pool, async (sql) => {
          const { rows } = await sql.query<{ state: RunState }>(
            'SELECT state FROM tianwatch.series_run WHERE id = $1',
            [runId],
          );
          await sql.query(
            `INSERT INTO tianwatch.series_run (id, state, stage, done, total, request, created_at, changed_at)
             VALUES ($1, 'running', 'open', 0, 0, $2::jsonb, $3, $3)
             ON CONFLICT (id) DO UPDATE SET state = 'running', stage = 'open', done = 0, total = 0,
               request = excluded.request, summary = NULL, error = NULL,
               created_at = excluded.created_at, changed_at = excluded.changed_at`,
            [runId, JSON.stringify(request), now().toISOString()],
          );
          await record(sql, runId, 'series-begun', {});
          return rows[0]?.state ?? null;
        });
        return holdOf(runId, names, { first: client, stateBefore });
      } catch (error) {
        await letGo(client);
        throw error;
      }
    },
    list: () => select(pool, '', []),
    cancel: (runId) =>
      transact(pool, async (sql) => {
        const { rows } = await sql.query(
          `UPDATE tianwatch.series_run SET state = 'cancelled', changed_at = $2
           WHERE id = $1 AND state IN ('running', 'interrupted') RETURNING id`,
          [runId, now().toISOString()],
        );
        if (rows.length > 0) await record(sql, runId, 'series-cancelled', {});
        const [status] = await select(sql, 'WHERE id = $1', [runId]);
        if (status === undefined)
          throw new AppError('NOT_FOUND', `There is no series ${runId}.`, 'See tianwatch status.');
        if (rows.length === 0) throw endedBefore(status);
        return status;
      }),
    close: () => Promise.resolve(),
  };
  return runs;
}
