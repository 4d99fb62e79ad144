import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEvent, canonicalJson, firstBrokenEvent } from '../../workers/database/event.ts';
import { listMigrations, migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import { type PglitePool, openPglite } from '../../workers/database/pglite.ts';
import { openRuns } from '../../workers/database/runs.ts';
import { transact } from '../../workers/database/sql.ts';
import { dummyRequest } from '../support/dummy-work.ts';

const event = (kind: string) => ({
  subject: 'run' as const,
  subjectId: 'r',
  kind,
  body: { b: 1, a: [null, 'x'] },
  at: '2026-11-23T00:00:00.000Z',
});

describe('the embedded database', () => {
  let folder = '';
  let pool: PglitePool;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-database-'));
    pool = await openEmbedded(folder, migrate);
    await pool.query('CREATE TABLE note (n integer)');
  });
  afterAll(async () => {
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });
  const notes = async () => (await pool.query<{ n: number }>('SELECT n FROM note ORDER BY n')).rows.map(({ n }) => n);

  it('gives 64-bit integers and numerics as text, as pg does, and says how many rows changed', async () => {
    const { rows } = await pool.query(
      'SELECT 9007199254740993::bigint AS a, 1.50::numeric AS b, 7::int AS c, $1::jsonb AS d',
      ['{"x":1}'],
    );
    expect(rows).toEqual([{ a: '9007199254740993', b: '1.50', c: 7, d: { x: 1 } }]);
    expect((await pool.query('INSERT INTO note VALUES (100), (101)')).rowCount).toBe(2);
    await pool.query('DELETE FROM note');
  });

  it('passes on the code and detail of an error', async () => {
    await expect(pool.query('SELECT * FROM absent')).rejects.toMatchObject({ code: '42P01' });
    const raise = `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'BM001', DETAIL = '-2'; END $$`;
    await expect(pool.query(raise)).rejects.toMatchObject({ code: 'BM001', detail: '-2' });
  });

  it('keeps others out of a transaction, and runs them in order after it', async () => {
    const order: string[] = [];
    const insert = (n: number) => pool.query('INSERT INTO note VALUES ($1)', [n]).then(() => order.push(`note ${n}`));
    const first = transact(pool, async (sql) => {
      await sql.query('INSERT INTO note VALUES (1)');
      const outside = insert(2);
      await sql.query('SELECT pg_sleep(0.02)');
      await sql.query('INSERT INTO note VALUES (3)');
      order.push('end of first');
      return { outside };
    });
    const second = transact(pool, async (sql) => {
      await sql.query('INSERT INTO note VALUES (4)');
      order.push('second');
      throw new Error('undone');
    });
    await expect(second).rejects.toThrow('undone');
    await (
      await first
    ).outside;
    expect(order[0]).toBe('end of first');
    expect(await notes()).toEqual([1, 2, 3]);
    await pool.query('DELETE FROM note');
  });

  it('undoes the transaction of a client that is released in its middle', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO note VALUES (5)');
    client.release();
    expect(await notes()).toEqual([]);
  });

  it('tells every client that listens, and no other', async () => {
    const heard: string[] = [];
    const clients = await Promise.all(['a', 'b', 'c'].map(() => pool.connect()));
    for (const [index, client] of clients.entries()) {
      client.on('notification', ({ payload }) => heard.push(`${index} ${payload}`));
      if (index < 2) await client.query('-- a comment first\nLISTEN news');
    }
    await pool.query(`SELECT pg_notify('news', 'x')`);
    await pool.query(`SELECT pg_notify('other', 'y')`);
    await expect.poll(() => heard.length).toBe(2);
    expect(heard.toSorted()).toEqual(['0 x', '1 x']);
    for (const client of clients) client.release();
  });

  it('migrates from empty and then has nothing to do; a newer database is refused', async () => {
    await migrate(pool);
    const { rows } = await pool.query('SELECT version, name FROM tianwatch.migration ORDER BY version');
    expect(rows).toEqual(await listMigrations());
    await pool.query(`INSERT INTO tianwatch.migration (version, name) VALUES (999, 'future')`);
    await expect(migrate(pool)).rejects.toMatchObject({ code: 'CONFLICT' });
    await pool.query('DELETE FROM tianwatch.migration WHERE version = 999');
  });

  it('keeps events in a chain that shows any change, and lets none be changed', async () => {
    await Promise.all(['one', 'two', 'three'].map((kind) => transact(pool, (sql) => appendEvent(sql, event(kind)))));
    expect(await firstBrokenEvent(pool)).toBeNull();
    for (const change of [
      `UPDATE tianwatch.event SET kind = 'x'`,
      'DELETE FROM tianwatch.event',
      'TRUNCATE tianwatch.event',
    ]) {
      await expect(pool.query(change), change).rejects.toThrow('append-only');
    }
    await pool.query('ALTER TABLE tianwatch.event DISABLE TRIGGER event_is_append_only');
    await pool.query(`UPDATE tianwatch.event SET body = '{"a": 2}' WHERE seq = 2`);
    expect(await firstBrokenEvent(pool)).toBe(2);
    await pool.query('DELETE FROM tianwatch.event WHERE seq = 2');
    expect(await firstBrokenEvent(pool)).toBe(2);
    await pool.query('DELETE FROM tianwatch.event');
    await pool.query('ALTER TABLE tianwatch.event ENABLE TRIGGER event_is_append_only');
  });

  it('writes JSON the same whatever the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null}]}');
  });

  it('begins a run anew when it has ended or its inputs changed, and joins it while it runs', async () => {
    const runs = openRuns(pool, () => new Date('2026-11-23T00:00:00Z'));
    const request = dummyRequest('runs', '/out');
    expect(await runs.begin('abc1', { request, fingerprint: 'f1' })).toEqual({
      round: 1,
      isNewRound: true,
      isOver: false,
    });
    expect(await runs.begin('abc1', { request, fingerprint: 'f1' })).toEqual({
      round: 1,
      isNewRound: false,
      isOver: false,
    });
    expect(await runs.begin('abc1', { request, fingerprint: 'f2' })).toEqual({
      round: 2,
      isNewRound: true,
      isOver: false,
    });
    expect(await runs.change('abc1', 1, { event: 'late', state: 'done' })).toBe(false);
    expect(await runs.change('abc1', 2, { event: 'run-done', state: 'done' })).toBe(true);
    expect(await runs.change('abc1', 2, { event: 'late', state: 'failed' })).toBe(false);
    expect(await runs.begin('abc1', { request, fingerprint: 'f2' })).toEqual({
      round: 3,
      isNewRound: true,
      isOver: false,
    });
    await runs.begin('abd2', { request: dummyRequest('other', '/out'), fingerprint: 'f' });
    await expect(runs.find('ab')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await runs.find('abd')).runId).toBe('abd2');
    expect(await runs.interruptAll(['abc1'])).toEqual(['abd2']);
    expect(await firstBrokenEvent(pool)).toBeNull();
  });

  it('counts a chunk once, however often and in whatever order its ends are told', async () => {
    const runs = openRuns(pool, () => new Date('2026-11-23T00:00:00Z'));
    await runs.begin('c1', { request: dummyRequest('chunks', '/out'), fingerprint: 'f' });
    await runs.change('c1', 1, { event: 'run-planned', plan: { chunks: 2, totalPx: 20, facts: {} } });
    const put = (state: 'done' | 'skipped' | 'failed', px: number) =>
      runs.putChunk('c1', 1, { index: 0, state, px, reason: 'why' });
    await put('failed', 0);
    expect(await runs.failedChunks('c1', 1)).toEqual([{ index: 0, reason: 'why' }]);
    await put('done', 10);
    await put('skipped', 10);
    await put('failed', 0);
    expect(await runs.get('c1')).toMatchObject({
      chunks: { total: 2, computed: 1, skipped: 0, failed: 0 },
      px: { total: 20, done: 10 },
    });
  });

  it('fails every question when its thread dies, and says so', async () => {
    await cp(join(folder, 'database'), join(folder, 'dying'), { recursive: true });
    const dying = await openPglite(join(folder, 'dying'));
    const told = new Promise((resolve) => dying.once('end', resolve));
    const asked = dying.query('SELECT pg_sleep(60)');
    await (Reflect.get(dying, 'thread') as Worker).terminate();
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(dying.query('SELECT 1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await told).toMatchObject({ code: 'UNAVAILABLE' });
    await dying.end();
  });

  it('says which folder it cannot open', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openPglite(join(folder, 'file', 'database'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(join(folder, 'file')),
    });
  });
});
