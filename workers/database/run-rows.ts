import { AppError } from '../../pipeline/errors.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { type Failure, type RunStage, type RunState, type RunStatus, hasEnded } from '../run-status.ts';
import type { FailedChunk } from '../work.ts';
import type { Sql } from './sql.ts';

export interface RunRow {
  id: string;
  round: number;
  state: RunState;
  stage: RunStage;
  request: RunRequest;
  fingerprint: string;
  plan: Record<string, unknown> | null;
  chunks: number | null;
  total_px: string | null;
  summary: Record<string, unknown> | null;
  error: Failure | null;
  created_at: Date;
  changed_at: Date;
}

interface CountRow {
  run_id: string;
  computed: number;
  skipped: number;
  failed: number;
  px: string;
}

const todo = 'List the runs with `tianwatch status`.';

/** @throws AppError NOT_FOUND */
export async function getRun(sql: Sql, runId: string): Promise<RunStatus> {
  const [status] = await selectRuns(sql, 'WHERE id = $1', [runId]);
  if (status) return status;
  throw new AppError('NOT_FOUND', `There is no run ${runId}.`, todo);
}

/** @throws AppError NOT_FOUND, CONFLICT unless exactly one run's id begins with `start` */
export async function findRun(sql: Sql, start: string): Promise<RunStatus> {
  const found = await selectRuns(sql, 'WHERE starts_with(id, $1)', [start]);
  const [first, second] = found;
  if (first && !second) return first;
  if (!first) throw new AppError('NOT_FOUND', `There is no run ${start}.`, todo);
  throw new AppError('CONFLICT', `${found.length} runs begin with ${start}.`, 'Give more letters of the id.');
}

export async function listFailedChunks(sql: Sql, runId: string, round: number): Promise<readonly FailedChunk[]> {
  const { rows } = await sql.query<{ index: number; reason: string | null }>(
    `SELECT index, reason FROM tianwatch.chunk WHERE run_id = $1 AND round = $2 AND state = 'failed' ORDER BY index`,
    [runId, round],
  );
  return rows.map(({ index, reason }) => ({ index, reason: reason ?? '' }));
}

/** Runs with their chunks counted, the newest first. */
export async function selectRuns(sql: Sql, where: string, params: readonly unknown[]): Promise<readonly RunStatus[]> {
  const { rows } = await sql.query<RunRow>(`SELECT * FROM tianwatch.run ${where} ORDER BY created_at DESC, id`, params);
  const { rows: counts } = await sql.query<CountRow>(
    `SELECT run_id, count(*) FILTER (WHERE c.state = 'done')::int AS computed,
       count(*) FILTER (WHERE c.state = 'skipped')::int AS skipped,
       count(*) FILTER (WHERE c.state = 'failed')::int AS failed,
       coalesce(sum(px) FILTER (WHERE c.state <> 'failed'), 0)::bigint AS px
     FROM tianwatch.chunk c JOIN tianwatch.run r ON r.id = c.run_id AND r.round = c.round
     WHERE run_id = ANY($1::text[]) GROUP BY run_id`,
    [rows.map(({ id }) => id)],
  );
  const byRun = new Map(counts.map((count) => [count.run_id, count]));
  return rows.map((row) => statusOf(row, byRun.get(row.id)));
}

function statusOf(row: RunRow, count: CountRow | undefined): RunStatus {
  const { computed = 0, skipped = 0, failed = 0 } = count ?? {};
  return {
    runId: row.id,
    round: row.round,
    state: row.state,
    stage: row.stage,
    request: row.request,
    plan: row.plan,
    chunks: row.chunks === null ? null : { total: row.chunks, computed, skipped, failed },
    px: row.total_px === null ? null : { total: Number(row.total_px), done: Number(count?.px ?? 0) },
    summary: row.summary,
    error: hasEnded(row.state) ? row.error : null,
    createdAt: row.created_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
  };
}
