import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpRows } from '../../workers/backup/dump-rows.ts';
import { makeBackup } from '../../workers/backup/make-backup.ts';
import { checkBackup } from '../../workers/backup/read-backup.ts';
import { restoreBackup } from '../../workers/backup/restore-backup.ts';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import { openPostgres } from '../../workers/database/postgres.ts';
import type { Pool } from '../../workers/database/sql.ts';
import { openImages } from '../../workers/images/open-images.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import { answersOf, fillHome } from '../support/made-home.ts';
import { type Services, absentServices, setEnv, startServices } from '../support/services.ts';

const absent = absentServices(['postgres', 's3', 'redis']);
if (absent) process.stdout.write(`${absent}: moving a home to servers and back\n`);

const script = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;
const now = () => new Date();
let folder = '';
let services: Services;
const at = (...names: readonly string[]): string => join(folder, ...names);

interface Stores {
  readonly pool: Pool;
  readonly images: ImageStore;
}
const backUp = ({ pool, images }: Stores, name: string) =>
  makeBackup({ to: at(name), images, dump: (to) => dumpRows(pool, to), withCache: true, now });
async function restore(name: string, stores: Stores): Promise<void> {
  const checked = await checkBackup(at(name));
  const clearQueue = () => Promise.resolve();
  await restoreBackup({ folder: at(name), checked, ...stores, clearQueue, force: false, now, by: '王工' });
  expect(await firstBrokenEvent(stores.pool)).toBeNull();
}
const undated = (answers: unknown) => JSON.stringify(answers).replaceAll(/"changedAt":"[^"]*"/g, '');

describe.skipIf(absent !== null)('a home with servers', () => {
  let restoreEnv = () => {};
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-move-'));
    services = await startServices(['postgres', 's3', 'redis']);
    restoreEnv = setEnv(services.env);
  }, 60_000);
  afterAll(async () => {
    restoreEnv();
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it(
    'takes over that of one machine by backup and restore, and gives it back, row for row',
    { timeout: 120_000 },
    async () => {
      const [first, last] = await Promise.all([openEmbedded(at('first'), migrate), openEmbedded(at('last'), migrate)]);
      const shared = await openPostgres(services.env['TIANWATCH_DATABASE'] ?? '');
      const source = { pool: first, images: await openImages(at('first', 'images')) };
      const servers = { pool: shared.pool, images: await openImages('s3://tianwatch/moved') };
      const back = { pool: last, images: await openImages(at('last', 'images')) };
      try {
        await fillHome(source.pool, source.images);
        await backUp(source, 'a');
        await restore('a', servers);
        const answers = undated(await answersOf(source.pool, source.images));
        expect(undated(await answersOf(servers.pool, servers.images))).toBe(answers);
        const manifest = await backUp(servers, 'b');
        await restore('b', back);
        expect(undated(await answersOf(back.pool, back.images))).toBe(answers);
        await backUp(back, 'c');
        for (const { name } of manifest.tables) {
          const rows = async (backup: string) =>
            gunzipSync(await readFile(at(backup, 'table', `${name}.jsonl.gz`))).toString();
          expect(await rows('c'), name).toBe(await rows('b'));
        }
        expect(await back.images.list('')).toEqual(await servers.images.list(''));
      } finally {
        await Promise.all([first.end(), last.end(), shared.end()]);
      }
    },
  );

  it(
    'tells through each worker whether its servers answer, what it did, and the queue to administrators',
    { timeout: 120_000 },
    async () => {
      const env = {
        ...process.env,
        ...services.env,
        TIANWATCH_DATA: at('worker'),
        TIANWATCH_ADMIN_TOKEN: 'no real token 1234',
      };
      const worker = spawn(process.execPath, [script, 'worker', '--port', '0', '--role', 'io,infer,cpu'], { env });
      let errors = '';
      worker.stderr.on('data', (text) => (errors += String(text)));
      try {
        const url = await urlOf(worker, () => errors);
        const get = (path: string, authorization?: string) =>
          fetch(`${url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
        expect(await (await get('/readyz')).json()).toEqual({
          ready: true,
          checks: { database: 'ok', queue: 'ok', images: 'ok' },
        });
        const text = await (await get('/metrics')).text();
        expect(text).toContain('tianwatch_queue_age_seconds{role="infer"} 0');
        expect(text).not.toContain('tianwatch_figures_failed_total{');
        expect((await get('/queue/')).status).toBe(401);
        expect((await get('/queue/api/queues', 'Bearer no real token 1234')).status).toBe(200);

        await services.stop('postgres');
        await expect
          .poll(async () => (await get('/readyz')).json(), { timeout: 20_000, interval: 500 })
          .toMatchObject({
            ready: false,
            checks: { database: expect.stringMatching(/^UNAVAILABLE|no answer/), queue: 'ok' },
          });
        expect((await get('/healthz')).status).toBe(200);
        await services.start('postgres');
        await expect.poll(async () => (await get('/readyz')).status, { timeout: 30_000, interval: 500 }).toBe(200);
        const ended = once(worker, 'exit');
        worker.kill('SIGTERM');
        expect((await ended)[0], errors).toBe(0);
      } finally {
        worker.kill('SIGKILL');
      }
    },
  );
});

/** The address that the first line of a worker names. */
async function urlOf(worker: ChildProcess, errors: () => string): Promise<string> {
  if (worker.stdout)
    for await (const line of createInterface({ input: worker.stdout })) {
      const { url } = JSON.parse(line) as { readonly url?: string };
      if (url !== undefined) return url;
    }
  throw new Error(`the worker ended: ${errors()}`);
}
