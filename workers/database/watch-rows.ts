import { isDeepStrictEqual } from 'node:util';
import { sql as text } from 'kysely';
import type { AlertRules } from '../../pipeline/alert/alert-rules.ts';
import { nextStep } from '../../pipeline/arrival/memory.ts';
import { type KnownPair, type PairClaim, type WatchedPair, knownPairSchema } from '../watch/watched-pair.ts';
import { jsonb, queriesOn } from './queries.ts';
import { recordSeries } from './record-series.ts';
import type { Sql } from './sql.ts';

const watchedQuery = (sql: Sql) =>
  queriesOn(sql)
    .selectFrom('watched_pair as pair')
    .leftJoin('run', 'run.id', 'pair.run_id')
    .select(['pair.id', 'pair.folder', 'pair.out', 'pair.before', 'pair.after', 'pair.files', 'pair.state'])
    .select(['pair.run_id as runId', 'pair.outcome'])
    // a run that ended before the pair was begun again says nothing of it
    .select(text<string | null>`CASE WHEN run.changed_at >= pair.changed_at THEN run.state END`.as('runState'))
    .select(text<string | null>`run.error->>'code'`.as('runError'))
    .select('run.request as runRequest');

/** All pairs that watches have begun for a folder of results, with what became of their runs. */
export async function selectWatched(sql: Sql, folder: string): Promise<readonly KnownPair[]> {
  const rows = await watchedQuery(sql).where('pair.folder', '=', folder).orderBy('pair.id').execute();
  return rows.map((row) => knownPairSchema.parse(row));
}

/**
 * Whether a pair is to be run, in the caller's transaction: who is the first to ask notes that it is begun, who asks later is told
 * since when, and joins.
 *
 * @param pair as `begun`, with its files as they are now
 */
export async function claimPair(sql: Sql, pair: WatchedPair, at: string): Promise<PairClaim> {
  const row = await watchedQuery(sql).select('pair.changed_at').where('pair.id', '=', pair.id).executeTakeFirst();
  const { changed_at: begunAt, ...rest } = row ?? { changed_at: new Date(at) };
  const known = row === undefined ? null : knownPairSchema.parse(rest);
  const step = nextStep(known, new Map(pair.files.map(({ path, version }) => [path, version])));
  const isJoined = known?.state === 'begun' && isDeepStrictEqual(known.files, pair.files);
  if (step !== 'run' || isJoined) return { step, since: begunAt.toISOString() };
  await putRow(sql, pair, at);
  return { step, since: at };
}

const supersededWhy = 'another version of a scene, or a scene between both dates, took the place of this pair';

/** What the run of a superseded pair found is no longer shown by it; alerts follow as ever. */
async function withdraw(sql: Sql, { runId }: WatchedPair, how: Parameters<typeof recordSeries>[2]): Promise<void> {
  const rows = await queriesOn(sql)
    .selectFrom('track')
    .select(['id', 'source'])
    .where('run_id', '=', runId)
    .where('gone', 'is', null)
    .orderBy('id')
    .execute();
  for (const source of new Set(rows.map((row) => row.source))) {
    const gone = rows.filter((row) => row.source === source).map(({ id }) => ({ track: id, why: supersededWhy }));
    await recordSeries(sql, { source, runId, tracks: [], gone }, how);
  }
}

/** Remember what became of pairs, in the caller's transaction; the same again changes nothing. */
export async function putWatched(
  sql: Sql,
  pairs: readonly WatchedPair[],
  how: { readonly rules: AlertRules; readonly at: string },
): Promise<void> {
  for (const pair of pairs) if (pair.state === 'superseded') await withdraw(sql, pair, how);
  for (const pair of pairs) await putRow(sql, pair, how.at);
}

async function putRow(sql: Sql, pair: WatchedPair, at: string): Promise<void> {
  const { before, after, files, runId, ...rest } = pair;
  const row = {
    ...rest,
    run_id: runId,
    before: jsonb(before),
    after: jsonb(after),
    files: jsonb(files),
    changed_at: new Date(at),
  };
  const { id: _id, folder: _folder, ...changing } = row;
  await queriesOn(sql)
    .insertInto('watched_pair')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
    .execute();
}
