import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertIdOf } from '../../workers/database/alert-rows.ts';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import { openRuns } from '../../workers/database/runs.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import type { NewVersion } from '../../workers/registry/record.ts';
import { type Registry, openRegistry } from '../../workers/registry/registry.ts';
import { dummyRequest } from '../support/dummy-work.ts';

const now = () => new Date('2026-11-26T08:00:00Z');
let folder = '';
let pool: PglitePool;
let images: ImageStore;
let registry: Registry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tianwatch-registry-'));
  [pool, images] = [await openEmbedded(folder, migrate), await openFolderStore(join(folder, 'images'))];
  registry = openRegistry({ pool, images, now });
});
afterAll(async () => {
  await pool.end();
  await rm(folder, { recursive: true, force: true });
});

/** A version whose object is stored; `content` decides its id. */
async function layer(content: string, given: Partial<NewVersion> = {}): Promise<NewVersion> {
  const id = createHash('sha256').update(content).digest('hex');
  const key = `layer/${id}`;
  await images.put(key, Buffer.from(content));
  return {
    kind: 'land-survey',
    zone: null,
    asOf: '2024-12-31',
    id,
    key,
    file: `${content}.shp`,
    features: 3,
    areaM2: 1000.25,
    facts: { codes: { '0101': 3 } },
    actor: { by: '王工', why: '年度变更' },
    basedOn: null,
    projects: [],
    subProjects: [],
    ...given,
  };
}

const eventsOf = async (subject: string, subjectId: string): Promise<readonly { kind: string; body: unknown }[]> =>
  (
    await pool.query<{ kind: string; body: unknown }>(
      'SELECT kind, body FROM tianwatch.event WHERE subject = $1 AND subject_id = $2 ORDER BY seq',
      [subject, subjectId],
    )
  ).rows;

describe('versions of a baseline', () => {
  it('are superseded by later ones, stay listed, and say who, when and why', async () => {
    const first = await registry.record(await layer('survey 2024'));
    expect(first).toMatchObject({ isNew: true, superseded: [], version: { state: 'current', importedBy: '王工' } });
    const second = await registry.record(await layer('survey 2025', { asOf: '2025-12-31' }));
    expect(second.superseded).toMatchObject([{ asOf: '2024-12-31', file: 'survey 2024.shp' }]);
    expect((await registry.list(['land-survey'])).map(({ asOf, state }) => [asOf, state])).toEqual([
      ['2025-12-31', 'current'],
      ['2024-12-31', 'superseded'],
    ]);
    const older = await registry.record(await layer('survey 2023', { asOf: '2023-12-31' }));
    expect(older).toMatchObject({ version: { state: 'superseded' }, superseded: [] });
    expect(await eventsOf('baseline', 'land-survey@2024-12-31')).toMatchObject([
      { kind: 'version-recorded', body: { by: '王工', why: '年度变更', file: 'survey 2024.shp' } },
      { kind: 'version-superseded', body: { by: '王工', why: 'superseded by land-survey@2025-12-31' } },
    ]);
    expect(await eventsOf('user', '王工')).toMatchObject([{ kind: 'user-added' }]);
    expect(await firstBrokenEvent(pool)).toBeNull();
  });

  it('given again are the same version, and another content of that date is refused', async () => {
    expect(await registry.record(await layer('survey 2025', { asOf: '2025-12-31' }))).toMatchObject({ isNew: false });
    await expect(registry.record(await layer('survey 2025 b', { asOf: '2025-12-31' }))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/another land-survey of 2025-12-31 .* survey 2025\.shp/),
      todo: expect.stringContaining('--as-of'),
    });
    expect(await registry.list(['land-survey'])).toHaveLength(3);
  });

  it('are not recorded before their object is in the store', async () => {
    const absent = { ...(await layer('gone', { asOf: '2026-01-01' })), key: 'layer/gone' };
    await expect(registry.record(absent)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are chosen by date, by name or not at all', async () => {
    await registry.record(await layer('grain', { kind: 'zone', zone: 'grain', asOf: '2019-06-01' }));
    await registry.record(await layer('red', { kind: 'zone', zone: 'red-line', asOf: '2022-10-01' }));
    const choose = async (baseline: 'current' | 'none' | readonly string[], onDate: string | null) =>
      (await registry.resolve({ baseline, project: 'none' }, onDate)).map(
        ({ kind, zone, asOf }) => `${kind} ${zone ?? ''} ${asOf}`,
      );
    const zones = ['zone grain 2019-06-01', 'zone red-line 2022-10-01'];
    expect(await choose('current', null)).toEqual(['land-survey  2025-12-31', ...zones]);
    expect(await choose('current', '2025-08-12')).toEqual(['land-survey  2024-12-31', ...zones]);
    expect(await choose('current', '2020-01-01')).toEqual(['zone grain 2019-06-01']);
    expect(await choose('none', null)).toEqual([]);
    const [survey] = await registry.list(['land-survey']);
    expect(await choose([survey?.id.slice(0, 8) ?? ''], '2020-01-01')).toEqual(['land-survey  2025-12-31']);
    await expect(choose(['zzz'], null)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const all = (await registry.list(['land-survey'])).map(({ id }) => id);
    await expect(choose(all, null)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('projects', () => {
  const project = { id: 'XM001', name: '新塍片区', county: '330411', towns: ['330411104'], stage: '实施' };
  const stored = { ...project, startDate: '2025-03-01', endDate: null, areaM2: 5000, digest: 'd1' };

  it('are added and changed by whole sets, each change an event', async () => {
    const first = await layer('set 1', { kind: 'project', asOf: '2026-03-01', projects: [stored] });
    await registry.record(first);
    const changed = { ...stored, stage: '验收', digest: 'd2' };
    const second = { ...(await layer('set 2', { kind: 'project', asOf: '2026-03-01' })), basedOn: first.id };
    const recorded = await registry.record({ ...second, projects: [changed] });
    expect(recorded.version).toMatchObject({ number: 2, state: 'current' });
    expect((await registry.projects()).projects).toEqual([changed]);
    expect(await eventsOf('project', 'XM001')).toMatchObject([
      { kind: 'project-added', body: { by: '王工', before: null } },
      { kind: 'project-changed', body: { before: { stage: '实施' }, after: { stage: '验收' } } },
    ]);
    expect(await registry.resolve({ baseline: 'none', project: 'current' }, null)).toMatchObject([{ id: second.id }]);
  });

  it('are not recorded over a set that changed meanwhile, nor over a later one', async () => {
    const late = await layer('set 3', { kind: 'project', asOf: '2026-04-01', basedOn: null });
    await expect(registry.record(late)).rejects.toMatchObject({
      code: 'CONFLICT',
      todo: expect.stringMatching(/again/),
    });
    const early = await layer('set 0', { kind: 'project', asOf: '2025-01-01', basedOn: null });
    await expect(registry.record(early)).rejects.toMatchObject({
      code: 'CONFLICT',
      todo: expect.stringMatching(/--as-of/),
    });
  });
});

describe('scenes', () => {
  it('that were looked at are known once by their content', async () => {
    for (const run of ['s1', 's2'])
      await openRuns(pool, now, '王工').begin(run, { request: dummyRequest(run, '/out'), fingerprint: 'f' });
    const scene = {
      id: 'scene',
      files: [{ file: '/a.tif', sha256: 'f' }],
      acquired: null,
      sensor: 'sentinel-2',
      gsdM: 10,
    };
    await registry.recordScenes('s1', [scene]);
    await registry.recordScenes('s2', [{ ...scene, files: [{ file: '/moved.tif', sha256: 'f' }] }]);
    const { rows } = await pool.query('SELECT id, files, sensor, first_run FROM tianwatch.scene');
    expect(rows).toEqual([{ id: 'scene', files: scene.files, sensor: 'sentinel-2', first_run: 's1' }]);
  });
});

describe('the database of the previous release', () => {
  it('gets the tables of this one and keeps its runs, events, patches and alerts', async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
        WHERE table_schema = 'tianwatch' AND table_name NOT IN ('run', 'chunk', 'event', 'migration')`,
    );
    await pool.query(`DROP TABLE ${rows.map(({ name }) => `tianwatch.${name}`).join(', ')}`);
    await pool.query('DROP FUNCTION IF EXISTS tianwatch.refuse_other_fact()');
    await pool.query('DELETE FROM tianwatch.migration WHERE version > 1');
    const second = new URL('../../workers/database/migrations/0002-registry.sql', import.meta.url);
    await pool.query(await readFile(second, 'utf8'));
    await pool.query("INSERT INTO tianwatch.migration (version, name) VALUES (2, '0002-registry.sql')");
    await pool.query(`INSERT INTO tianwatch.patch VALUES ('p1', 's1', 'non-farm', 'high', 'suspected', false, 812.5,
      '330411', '330411104', null, '2026-08-12', '2026-08-12', 'built-on-cropland', 1, '{}', 'l', now())`);
    await pool.query(`INSERT INTO tianwatch.alert VALUES ('a1', 'p1', 'non-grain', 'high', 'withdrawn', 'r', 1, 'k', null, null, now()),
      ('a2', 'p1', 'non-farm', 'high', 'open', 'r', 1, 'l', null, null, now())`);
    await migrate(pool);
    expect(await registry.list()).toEqual([]);
    expect((await openRuns(pool, now).get('s1')).round).toBe(1);
    const alerts = await pool.query('SELECT id, track, tracks, kind, state FROM tianwatch.alert');
    expect(alerts.rows).toEqual([
      { id: alertIdOf('land-class', 'p1'), track: 'p1', tracks: ['p1'], kind: 'non-farm', state: 'open' },
    ]);
    expect((await pool.query('SELECT id, state, source FROM tianwatch.track')).rows).toEqual([
      { id: 'p1', state: 'probable', source: 'run s1' },
    ]);
    expect(await firstBrokenEvent(pool)).toBeNull();
  });
});
