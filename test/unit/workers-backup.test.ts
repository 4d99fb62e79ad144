import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupManifest } from '../../workers/backup/backup-format.ts';
import { dumpBetween } from '../../workers/backup/dump-between.ts';
import { dumpRows } from '../../workers/backup/dump-rows.ts';
import { digestOf, makeBackup } from '../../workers/backup/make-backup.ts';
import { checkBackup } from '../../workers/backup/read-backup.ts';
import { restoreBackup } from '../../workers/backup/restore-backup.ts';
import { sealOf } from '../../workers/backup/sealed-file.ts';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import { inOrder, listTables } from '../../workers/database/table-rows.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import { answersOf, fillHome } from '../support/made-home.ts';

let seconds = 0;
const now = () => new Date(Date.UTC(2026, 10, 27, 9, 0, (seconds += 1)));
let folder = '';
const at = (...names: readonly string[]): string => join(folder, ...names);

interface Stores {
  readonly pool: PglitePool;
  readonly images: ImageStore;
}
async function openStores(name: string): Promise<Stores> {
  return { pool: await openEmbedded(at(name), migrate), images: await openFolderStore(at(name, 'images')) };
}
const backUp = ({ pool, images }: Stores, name: string, withCache = false): Promise<BackupManifest> =>
  makeBackup({ to: at(name), images, dump: (to) => dumpRows(pool, to), withCache, now });
async function restore(name: string, stores: Stores, force = false) {
  const cleared: string[] = [];
  const clearQueue = async () => void cleared.push('queue');
  const checked = await checkBackup(at(name));
  const restored = await restoreBackup({ folder: at(name), checked, ...stores, clearQueue, force, now, by: '王工' });
  expect(cleared).toEqual(['queue']);
  return restored;
}
/** Change a file of a backup, and what the manifest says of it. */
async function forge(name: string, table: string, change: (text: string) => string): Promise<void> {
  const path = at(name, 'table', `${table}.jsonl.gz`);
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(path)).toString())));
  const manifest = JSON.parse(await readFile(at(name, 'manifest.json'), 'utf8')) as BackupManifest;
  const seal = await sealOf(path);
  const tables = manifest.tables.map((entry) => (entry.name === table ? { ...entry, ...seal } : entry));
  const forged = { ...manifest, tables };
  await writeFile(at(name, 'manifest.json'), JSON.stringify({ ...forged, digest: digestOf(forged) }));
}

let source: Stores;
let target: Stores;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tianwatch-backup-'));
  [source, target] = await Promise.all([openStores('source'), openStores('target')]);
  await fillHome(source.pool, source.images);
});
afterAll(async () => {
  await Promise.all([source?.pool.end(), target?.pool.end()]);
  await rm(folder, { recursive: true, force: true });
});

describe('a backup', () => {
  it('restored into an empty home gives the same answers and a whole chain of events', async () => {
    const manifest = await backUp(source, 'first');
    expect(manifest).toMatchObject({ absent: [], hasCache: false });
    expect(await readdir(at('first', 'object'))).toEqual(['evidence', 'layer']);
    const restored = await restore('first', target);
    expect(restored).toMatchObject({ objects: 3, putAside: null, interrupted: 1 });
    expect(await firstBrokenEvent(target.pool)).toBeNull();
    const [before, after] = await Promise.all([source, target].map(({ pool, images }) => answersOf(pool, images)));
    const undated = (answers: unknown) => JSON.stringify(answers).replaceAll(/"changedAt":"[^"]*"/g, '');
    expect(undated(after)).toBe(undated(before));
  });

  it('of a restored home has the same rows, byte for byte, but for runs that were going on', async () => {
    await backUp(target, 'second');
    const linesOf = async (name: string, table: string) =>
      gunzipSync(await readFile(at(name, 'table', `${table}.jsonl.gz`)))
        .toString()
        .trimEnd()
        .split('\n');
    const manifest = await backUp(source, 'again');
    for (const { name } of manifest.tables.filter((table) => table.name !== 'run' && table.name !== 'event'))
      expect(await linesOf('second', name), name).toEqual(await linesOf('again', name));
    const events = await linesOf('again', 'event');
    const kept = await linesOf('second', 'event');
    expect(kept.slice(0, events.length)).toEqual(events);
    expect(kept.slice(events.length).join('')).toMatch(/run-interrupted/);
    expect(manifest.tables.find(({ name }) => name === 'observation')?.rows).toBe(1);
  });

  it('has its rows by way of the data folder, where alone their holder may be allowed to write', async () => {
    const asked: string[] = [];
    const dump = (to: string) => {
      asked.push(to);
      return dumpRows(source.pool, to);
    };
    const dumped = await dumpBetween(at('source'), at('brought'), dump);
    expect(asked).toEqual([expect.stringMatching(/\/source\/dump\.part-\d+$/)]);
    for (const { name, bytes, sha256 } of dumped.tables)
      expect(await sealOf(at('brought', 'table', `${name}.jsonl.gz`))).toEqual({ bytes, sha256 });
    expect((await readdir(at('source'))).filter((name) => name.startsWith('dump'))).toEqual([]);
  });

  it('is not restored over rows, unless they may be put aside; then they stay in a schema of their own', async () => {
    await expect(restore('first', target)).rejects.toMatchObject({
      code: 'CONFLICT',
      todo: expect.stringMatching('--force'),
    });
    const { putAside } = await restore('first', target, true);
    expect(putAside).toMatch(/^tianwatch_before_202611270900\d{5}$/);
    const { rows } = await target.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${putAside}.run`);
    expect(rows).toEqual([{ n: 2 }]);
    expect(await firstBrokenEvent(target.pool)).toBeNull();
  });

  it('names the file that is damaged, cut off or gone, before anything is restored', async () => {
    await backUp(source, 'damaged');
    const refusal = (file: string) => ({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(at('damaged', file)),
    });
    const damages: readonly (readonly [string, (path: string) => Promise<void>])[] = [
      ['table/event.jsonl.gz', (path) => truncate(path, 100)],
      [
        'objects.jsonl.gz',
        async (path) =>
          writeFile(
            path,
            (await readFile(path)).map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
          ),
      ],
      ['table/alert.jsonl.gz', (path) => rm(path)],
      [
        'manifest.json',
        async (path) =>
          writeFile(path, (await readFile(path, 'utf8')).replace('"schemaVersion": ', '"schemaVersion": 1')),
      ],
      [`object/layer/${(await readdir(at('damaged', 'object/layer')))[0]}`, (path) => writeFile(path, 'other')],
    ];
    for (const [file, damage] of damages) {
      const path = at('damaged', file);
      const whole = await readFile(path);
      await damage(path);
      await expect(checkBackup(at('damaged')), file).rejects.toMatchObject(refusal(file));
      await writeFile(path, whole);
    }
    await checkBackup(at('damaged'));
    await expect(checkBackup(at('nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('whose events were changed with all hashes of files made to fit is refused, and nothing is restored', async () => {
    await backUp(source, 'forged');
    await forge('forged', 'event', (text) => text.replace('run-begun', 'run-other'));
    const before = await target.pool.query('SELECT count(*) AS n FROM tianwatch.event');
    await expect(restore('forged', target, true)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/broken at event 1/),
    });
    expect((await target.pool.query('SELECT count(*) AS n FROM tianwatch.event')).rows).toEqual(before.rows);
  });

  it('says which objects were lost before, saves the rest, and takes the cache along where asked', async () => {
    const [lost] = await source.images.list('layer/');
    const bytes = await source.images.get(lost!);
    await source.images.delete(lost!);
    expect(await backUp(source, 'lossy', true)).toMatchObject({
      absent: [lost],
      hasCache: true,
      objects: { count: 3 },
    });
    await source.images.put(lost!, bytes!);
    expect(await readdir(at('lossy', 'object'))).toEqual(['chunk', 'evidence', 'layer']);
    await expect(backUp(source, 'lossy')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('knows every table, in an order in which rows can be put, and no counter that rows do not carry', async () => {
    const tables = await listTables(source.pool);
    const place = (name: string) => tables.findIndex((table) => table.name === name);
    for (const { name, key, refersTo } of tables) {
      expect(key.length, name).toBeGreaterThan(0);
      for (const other of refersTo) expect(place(other), `${other} before ${name}`).toBeLessThan(place(name));
    }
    expect((await source.pool.query("SELECT * FROM pg_sequences WHERE schemaname = 'tianwatch'")).rows).toEqual([]);
    expect(() =>
      inOrder([
        { name: 'a', key: [], refersTo: ['b'] },
        { name: 'b', key: [], refersTo: ['a'] },
      ]),
    ).toThrow('circle');
  });
});
