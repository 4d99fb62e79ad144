import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEvent, firstBrokenEvent } from '../../workers/database/event.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import { openPostgres } from '../../workers/database/postgres.ts';
import { openRuns } from '../../workers/database/runs.ts';
import { type Pool, transact } from '../../workers/database/sql.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { openRegistry } from '../../workers/registry/registry.ts';
import { dummyRequest } from '../support/dummy-work.ts';
import { type Services, absentServices, startServices } from '../support/services.ts';

interface Opened {
  readonly pool: Pool;
  end(): Promise<void>;
}

const absent = absentServices(['postgres']);
if (absent) process.stdout.write(`${absent}: the database contract on PostgreSQL\n`);

let services: Services;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tianwatch-database-'));
  if (!absent) services = await startServices(['postgres']);
});
afterAll(async () => {
  await services?.close();
  await rm(folder, { recursive: true, force: true });
});

async function embedded(): Promise<Opened> {
  const pool = await openEmbedded(join(folder, 'embedded'), migrate);
  return { pool, end: () => pool.end() };
}
const urlOf = () => services.env['TIANWATCH_DATABASE'] ?? '';

describe.each([
  { name: 'embedded', isHere: true, open: embedded },
  { name: 'PostgreSQL', isHere: absent === null, open: () => openPostgres(urlOf()) },
])('the database ($name)', ({ isHere, open }) => {
  if (!isHere) return it.skip('is absent');
  let database: Opened;
  const now = () => new Date('2026-11-27T03:00:00Z');
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.end());

  it('gives 64-bit and exact numbers as text, times as dates and JSON as values', async () => {
    const { rows } = await database.pool.query(
      `SELECT 9007199254740993::int8 AS big, 1.10::numeric AS exact, 7::int4 AS small, 0.5::float8 AS half,
         '2026-11-27T00:00:00Z'::timestamptz AS at, '{"a":[1,null]}'::jsonb AS json, ARRAY['x','y'] AS list, NULL AS none`,
    );
    expect(rows).toEqual([
      {
        big: '9007199254740993',
        exact: '1.10',
        small: 7,
        half: 0.5,
        at: new Date('2026-11-27T00:00:00Z'),
        json: { a: [1, null] },
        list: ['x', 'y'],
        none: null,
      },
    ]);
  });

  it('does a transaction as a whole or not at all', async () => {
    await database.pool.query('CREATE TABLE tianwatch.tried (n integer)');
    const failing = transact(database.pool, async (sql) => {
      await sql.query('INSERT INTO tianwatch.tried VALUES (1)');
      throw new Error('on the way');
    });
    await expect(failing).rejects.toThrow('on the way');
    expect((await database.pool.query('SELECT n FROM tianwatch.tried')).rows).toEqual([]);
  });

  it('lets transactions see all that earlier ones did, however many come at once', async () => {
    await database.pool.query('CREATE TABLE tianwatch.counted (n integer); INSERT INTO tianwatch.counted VALUES (0)');
    const addOne = () =>
      transact(database.pool, async (sql) => {
        const { rows } = await sql.query<{ n: number }>('SELECT n FROM tianwatch.counted');
        await sql.query('UPDATE tianwatch.counted SET n = $1', [(rows[0]?.n ?? 0) + 1]);
      });
    await Promise.all(Array.from({ length: 30 }, addOne));
    expect((await database.pool.query('SELECT n FROM tianwatch.counted')).rows).toEqual([{ n: 30 }]);
  });

  it('keeps runs, their rounds and chunks', async () => {
    const runs = openRuns(database.pool, now, 'somebody');
    const request = dummyRequest('kept', '/out');
    expect(await runs.begin('aa11', { request, fingerprint: 'one' })).toEqual({
      round: 1,
      isNewRound: true,
      isOver: false,
    });
    expect(await runs.begin('aa11', { request, fingerprint: 'one' })).toEqual({
      round: 1,
      isNewRound: false,
      isOver: false,
    });
    await runs.change('aa11', 1, { event: 'run-planned', plan: { chunks: 2, totalPx: 6e9, facts: { bands: 4 } } });
    await runs.putChunk('aa11', 1, { index: 0, state: 'failed', px: 0, reason: 'BUG: x' });
    await runs.putChunk('aa11', 1, { index: 0, state: 'done', px: 3e9 });
    await runs.putChunk('aa11', 1, { index: 0, state: 'failed', px: 0 });
    await runs.putChunk('aa11', 1, { index: 1, state: 'failed', px: 0, reason: 'BUG: y' });
    expect(await runs.failedChunks('aa11', 1)).toEqual([{ index: 1, reason: 'BUG: y' }]);
    expect(await runs.get('aa11')).toMatchObject({
      request,
      plan: { bands: 4 },
      chunks: { total: 2, computed: 1, failed: 1 },
      px: { total: 6e9, done: 3e9 },
      createdAt: '2026-11-27T03:00:00.000Z',
    });
    expect(await runs.begin('aa11', { request, fingerprint: 'two' })).toEqual({
      round: 2,
      isNewRound: true,
      isOver: false,
    });
    expect(await runs.change('aa11', 1, { event: 'late', state: 'done' })).toBe(false);
    expect(await runs.load('aa11', 1)).toBeNull();
    expect((await runs.find('aa')).round).toBe(2);
  });

  it('keeps the history in one chain that finds out what was altered', async () => {
    const event = {
      subject: 'run',
      subjectId: 'x',
      kind: 'said',
      body: { text: '田 "\\u0001" 1e21', n: 0.1 + 0.2 },
      at: 'now',
    } as const;
    await Promise.all(Array.from({ length: 5 }, () => transact(database.pool, (sql) => appendEvent(sql, event))));
    expect(await firstBrokenEvent(database.pool)).toBeNull();
    await expect(database.pool.query("UPDATE tianwatch.event SET kind = 'other'")).rejects.toThrow(/append-only/);
  });

  it('knows which kept Items remembered pairs were made from, superseded ones apart', async () => {
    const registry = openRegistry({ pool: database.pool, images: await openFolderStore(join(folder, 'images')), now });
    const scene = { name: 's', id: 's', acquired: null };
    const uri = (name: string): string => `image-store:/x!/stac-item/${name}.json`;
    const pairOf = (id: string, paths: readonly string[]) => ({
      id,
      folder: '/out',
      out: `/out/${id}`,
      before: scene,
      after: scene,
      runId: id,
      outcome: null,
      files: paths.map((path) => ({ path, version: '1' })),
      state: 'begun' as const,
    });
    const [one, two] = [pairOf('one', [uri('a'), uri('b')]), pairOf('two', [uri('b'), uri('c'), '/in/d.tif'])];
    await registry.claimPair(one);
    await registry.claimPair(two);
    await registry.remember([{ ...one, state: 'ended', outcome: 'done' }]);
    expect(await registry.neededItems()).toEqual(['a', 'b', 'c'].map(uri));
    await registry.remember([{ ...two, state: 'superseded' }]);
    expect(await registry.neededItems()).toEqual(['a', 'b'].map(uri));
  });

  it('records what a series shows, once, with its alerts', async () => {
    const images = await openFolderStore(join(folder, 'images'));
    const registry = openRegistry({ pool: database.pool, images, now });
    expect(await registry.candidates()).toEqual([]);
    expect(await registry.alerts({ limit: 10 })).toEqual([]);
    expect(await registry.tasks()).toEqual([]);
    expect(await registry.verdicts()).toEqual([]);
    const scene = { id: 'ab', files: [{ file: 'a.tif', sha256: 'ab' }], acquired: null, sensor: null, gsdM: 10 };
    await registry.recordScenes('aa11', [scene]);
    await registry.recordScenes('aa11', [scene]);
    expect((await database.pool.query('SELECT id, gsd_m FROM tianwatch.scene')).rows).toEqual([
      { id: 'ab', gsd_m: 10 },
    ]);
  });
});

describe.skipIf(absent !== null)('PostgreSQL', () => {
  it('is migrated once when several hosts start at once', async () => {
    const opened = await Promise.all(Array.from({ length: 3 }, () => openPostgres(urlOf())));
    const { rows } = await opened[0]!.pool.query(
      'SELECT count(*)::int AS n, max(version) AS last FROM tianwatch.migration',
    );
    await Promise.all(opened.map(({ end }) => end()));
    const [row] = rows as { n: number; last: number }[];
    expect(row?.n).toBe(row?.last);
  });

  it.each([
    ['a wrong password', (url: string) => url.replace(':tianwatch@', ':guess@'), 'FORBIDDEN', 'password'],
    ['no such database', (url: string) => url.replace(/tianwatch$/, 'nowhere'), 'NOT_FOUND', 'no such database'],
    ['nobody there', (url: string) => url.replace(/:\d+\//, ':1/'), 'UNAVAILABLE', 'ECONNREFUSED'],
  ])('says what is wrong: %s', async (_name, change, code, words) => {
    const refused = openPostgres(change(urlOf()));
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringMatching(/guess|:tianwatch@/) });
  });

  it('asks a statement of the queue again that was given up in a deadlock', async () => {
    const { queue, pool, end } = await openPostgres(urlOf());
    await pool.query('CREATE TABLE tianwatch.locked (id integer, n integer)');
    await pool.query('INSERT INTO tianwatch.locked VALUES (1, 0), (2, 0)');
    const add = (id: number): string => `UPDATE tianwatch.locked SET n = n + 1 WHERE id = ${id}`;
    const other = await pool.connect();
    await other.query('BEGIN');
    await other.query(add(1));
    // waits first, so that it is the one that is given up
    const both = queue.query(`DO $$ BEGIN ${add(2)}; ${add(1)}; END $$`);
    const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DO %locked%'";
    await expect.poll(async () => (await pool.query(waiting)).rows.length).toBe(1);
    await other.query(add(2));
    await other.query('COMMIT');
    other.release();
    await both;
    expect((await pool.query('SELECT id, n FROM tianwatch.locked ORDER BY id')).rows).toEqual([
      { id: 1, n: 2 },
      { id: 2, n: 2 },
    ]);
    await end();
  });

  it('may go away and come back: what is asked meanwhile fails, and may be asked again', async () => {
    const { pool, end } = await openPostgres(urlOf());
    await services.stop('postgres');
    await expect(pool.query('SELECT 1 AS n')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await services.start('postgres');
    expect((await pool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await end();
  });
});
