import type { RunRequest } from '../../pipeline/request.ts';
import type { Failure, RunStage, RunState } from '../run-status.ts';
import { appendEvent } from './event.ts';
import { type RunRow, findRun, getRun, listFailedChunks, selectRuns } from './run-rows.ts';
import { type Pool, type Sql, transact } from './sql.ts';

/** What changes of a run, and the event that says so. */
export interface RunChange {
  readonly event: string;
  readonly state?: RunState;
  readonly stage?: RunStage;
  readonly plan?: {
    readonly chunks: number;
    readonly totalPx: number;
    readonly facts: Readonly<Record<string, unknown>>;
  };
  readonly summary?: Readonly<Record<string, unknown>>;
  readonly error?: Failure;
  /** states in which the change is possible; only `running` when left out */
  readonly from?: readonly RunState[];
}

interface World {
  readonly pool: Pool;
  readonly now: () => Date;
  readonly by: string;
}

const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));

/**
 * The runs in the database. Every change of a run is one transaction with its event.
 *
 * @param by account of the process that makes the changes
 */
export function openRuns(pool: Pool, now: () => Date, by = 'tianwatch') {
  const world = { pool, now, by };
  return {
    /**
     * Begin a run, join it while it is running, or begin it anew (a new round) when it has ended or when what
     * its request refers to has changed.
     *
     * @returns `isOver` of a run that has ended since `since`: nothing is begun
     */
    begin: (runId: string, asked: AskedRun) => begin(world, runId, asked),
    /** @returns false when the run has ended or was begun anew meanwhile: nothing is changed then */
    change: (runId: string, round: number, what: RunChange) => change(world, runId, round, what),
    /** A chunk that is done stays done, however often its job is delivered again. */
    putChunk: (runId: string, round: number, chunk: StoredChunk) => putChunk(pool, runId, round, chunk),
    failedChunks: (runId: string, round: number) => listFailedChunks(pool, runId, round),
    /** End every running run but `kept` as `interrupted`: nobody who wanted it is there any more. */
    interruptAll: (kept: readonly string[]) => interruptAll(world, kept),
    /** What a job of the run takes at its most (bytes), where its plan says it. */
    needBytes: (runId: string, round: number, of: NeedOf) => needBytes(pool, { runId, round, of }),
    get: (runId: string) => getRun(pool, runId),
    find: (start: string) => findRun(pool, start),
    list: () => selectRuns(pool, '', []),
    /** Cheap question of every job: is this round still going on? */
    load: (runId: string, round: number) => load(pool, runId, round),
  };
}
export type Runs = ReturnType<typeof openRuns>;

export interface StoredChunk {
  readonly index: number;
  readonly state: 'done' | 'skipped' | 'failed';
  readonly px: number;
  readonly reason?: string;
}

function record(world: World, sql: Sql, runId: string, kind: string, what: Record<string, unknown>): Promise<void> {
  const { now, by } = world;
  return appendEvent(sql, { subject: 'run', subjectId: runId, kind, body: { by, ...what }, at: now().toISOString() });
}

export interface AskedRun {
  readonly request: RunRequest;
  readonly fingerprint: string;
  /** ISO-8601; absent: what has ended is always begun anew */
  readonly since?: string | undefined;
}

/** Whether it was done since then, by somebody who asked for the same. */
function hasEndedSince(row: RunRow, { fingerprint, since }: AskedRun): boolean {
  const isEnded = !['running', 'interrupted'].includes(row.state);
  return since !== undefined && isEnded && row.fingerprint === fingerprint && row.changed_at >= new Date(since);
}

function begin(
  world: World,
  runId: string,
  asked: AskedRun,
): Promise<{ round: number; isNewRound: boolean; isOver: boolean }> {
  const { request, fingerprint } = asked;
  return transact(world.pool, async (sql) => {
    const { rows } = await sql.query<RunRow>('SELECT * FROM tianwatch.run WHERE id = $1 FOR UPDATE', [runId]);
    const row = rows[0];
    const at = world.now().toISOString();
    if (row && row.state === 'running' && row.fingerprint === fingerprint) {
      const renewed = [runId, json(request), at];
      await sql.query('UPDATE tianwatch.run SET request = $2::jsonb, changed_at = $3 WHERE id = $1', renewed);
      return { round: row.round, isNewRound: false, isOver: false };
    }
    if (row && hasEndedSince(row, asked)) return { round: row.round, isNewRound: false, isOver: true };
    await sql.query(
      `INSERT INTO tianwatch.run (id, round, state, stage, request, fingerprint, created_at, changed_at)
       VALUES ($1, 1, 'running', 'open', $2::jsonb, $3, $4, $4)
       ON CONFLICT (id) DO UPDATE SET round = run.round + 1, state = 'running', stage = 'open',
         request = excluded.request, fingerprint = excluded.fingerprint, changed_at = excluded.changed_at,
         plan = NULL, chunks = NULL, total_px = NULL, summary = NULL, error = NULL`,
      [runId, json(request), fingerprint, at],
    );
    const round = (row?.round ?? 0) + 1;
    await record(world, sql, runId, row ? 'run-begun-anew' : 'run-begun', { round, fingerprint });
    return { round, isNewRound: true, isOver: false };
  });
}

function change(world: World, runId: string, round: number, what: RunChange): Promise<boolean> {
  const { event, state, stage, plan, summary, error, from = ['running'] } = what;
  const values = [plan?.chunks ?? null, plan?.totalPx ?? null, json(plan?.facts), json(summary), json(error)];
  return transact(world.pool, async (sql) => {
    const { rows } = await sql.query(
      `UPDATE tianwatch.run SET state = coalesce($3, state), stage = coalesce($4, stage),
         chunks = coalesce($5, chunks), total_px = coalesce($6, total_px), plan = coalesce($7::jsonb, plan),
         summary = coalesce($8::jsonb, summary), error = coalesce($9::jsonb, error), changed_at = $10
       WHERE id = $1 AND round = $2 AND state = ANY($11::text[]) RETURNING id`,
      [runId, round, state ?? null, stage ?? null, ...values, world.now().toISOString(), [...from]],
    );
    if (rows.length === 0) return false;
    await record(world, sql, runId, event, { round, stage, plan: plan?.facts, summary, error });
    return true;
  });
}

async function putChunk(sql: Sql, runId: string, round: number, chunk: StoredChunk): Promise<void> {
  await sql.query(
    `INSERT INTO tianwatch.chunk (run_id, round, index, state, px, reason) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (run_id, round, index) DO UPDATE
       SET state = excluded.state, px = excluded.px, reason = excluded.reason
     WHERE chunk.state = 'failed'`,
    [runId, round, chunk.index, chunk.state, chunk.px, chunk.reason ?? null],
  );
}

function interruptAll(world: World, kept: readonly string[]): Promise<readonly string[]> {
  return transact(world.pool, async (sql) => {
    const { rows } = await sql.query<{ id: string; round: number }>(
      `UPDATE tianwatch.run SET state = 'interrupted', changed_at = $2
       WHERE state = 'running' AND NOT id = ANY($1::text[]) RETURNING id, round`,
      [[...kept], world.now().toISOString()],
    );
    for (const { id, round } of rows) await record(world, sql, id, 'run-interrupted', { round });
    return rows.map(({ id }) => id);
  });
}

/** Fact of a plan that says a need. */
export type NeedOf = 'chunkBytes' | 'detectBytes';

async function needBytes(
  sql: Sql,
  { runId, round, of }: { readonly runId: string; readonly round: number; readonly of: NeedOf },
): Promise<number | null> {
  const { rows } = await sql.query<{ bytes: unknown }>(
    'SELECT plan->$3::text AS bytes FROM tianwatch.run WHERE id = $1 AND round = $2',
    [runId, round, of],
  );
  const bytes = rows[0]?.bytes;
  return typeof bytes === 'number' ? bytes : null;
}

async function load(
  sql: Sql,
  runId: string,
  round: number,
): Promise<{ request: RunRequest; chunks: number | null; stage: RunStage } | null> {
  const { rows } = await sql.query<RunRow>(
    `SELECT request, chunks, stage FROM tianwatch.run WHERE id = $1 AND round = $2 AND state = 'running'`,
    [runId, round],
  );
  const row = rows[0];
  return row ? { request: row.request, chunks: row.chunks, stage: row.stage } : null;
}
