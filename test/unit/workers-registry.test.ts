import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import type { Finding } from '../../workers/database/findings.ts';
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

describe('findings', () => {
  const finding = (id: string, given: Partial<Finding> = {}): Finding => ({
    id,
    category: 'non-farm',
    severity: 'normal',
    state: 'suspected',
    isLawful: false,
    areaM2: 812.5,
    county: '330411',
    town: '330411104',
    village: null,
    firstSeen: '2026-08-12',
    lastSeen: '2026-08-12',
    surveyAsOf: '2025-12-31',
    rule: 'built-on-cropland',
    ruleVersion: 1,
    facts: { classAfter: 'built', probability: 0.93 },
    ...given,
  });
  const begin = async (...runs: readonly string[]): Promise<void> => {
    for (const run of runs) await openRuns(pool, now, '王工').begin(run, dummyRequest(run, '/out'), 'f');
  };
  const rowsOf = async (ids: readonly string[]): Promise<unknown> => [
    (await pool.query('SELECT * FROM tianwatch.patch WHERE id = ANY($1::text[]) ORDER BY id', [ids])).rows,
    (await pool.query('SELECT * FROM tianwatch.alert WHERE patch = ANY($1::text[]) ORDER BY id', [ids])).rows,
  ];
  const clear = async (): Promise<void> => {
    await pool.query('DELETE FROM tianwatch.alert');
    await pool.query('DELETE FROM tianwatch.patch');
  };

  it('open an alert for a suspected loss without an approval, and for nothing else', async () => {
    await begin('r1');
    const found = [
      finding('p1'),
      finding('p2', { category: 'review' }),
      finding('p3', { state: 'watch' }),
      finding('p4', { isLawful: true }),
      finding('p5', { category: 'recovered' }),
    ];
    expect(await registry.recordFindings('r1', found)).toEqual({ patches: 5, alerts: 1 });
    expect((await pool.query('SELECT patch, kind, state FROM tianwatch.alert')).rows).toEqual([
      { patch: 'p1', kind: 'non-farm', state: 'open' },
    ]);
    const before = await rowsOf(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(await registry.recordFindings('r1', found.toReversed())).toEqual({ patches: 0, alerts: 0 });
    expect(await rowsOf(['p1', 'p2', 'p3', 'p4', 'p5'])).toEqual(before);
    expect(await eventsOf('run', 'r1')).toMatchObject([{ kind: 'run-begun', body: { by: '王工', round: 1 } }]);
    expect(await eventsOf('patch', 'p1')).toMatchObject([{ body: { by: 'run r1', why: 'built-on-cropland v1' } }]);
    expect(await firstBrokenEvent(pool)).toBeNull();
    await clear();
  });

  it('end the same in whatever order runs are recorded', async () => {
    const looks: readonly (readonly [string, readonly Finding[]])[] = [
      ['a1', [finding('q1', { severity: 'high' }), finding('q2')]],
      ['a2', [finding('q1', { lastSeen: '2026-09-20', firstSeen: '2026-08-30', category: 'review' }), finding('q3')]],
      ['a3', [finding('q2', { category: 'non-grain', surveyAsOf: null }), finding('q3', { state: 'watch' })]],
    ];
    await begin(...looks.map(([run]) => run));
    const outcomes: unknown[] = [];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
      [1, 0, 2],
      [2, 0, 1],
      [0, 1, 2, 1, 0],
    ]) {
      for (const position of order) await registry.recordFindings(...looks[position]!);
      outcomes.push(await rowsOf(['q1', 'q2', 'q3']));
      await clear();
    }
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    expect(outcomes[0]).toMatchObject([
      [
        { id: 'q1', category: 'review', first_seen: '2026-08-12', last_seen: '2026-09-20' },
        { id: 'q2', category: 'non-farm' },
        { id: 'q3' },
      ],
      expect.arrayContaining([
        expect.objectContaining({ patch: 'q1', state: 'withdrawn', severity: 'high' }),
        expect.objectContaining({ patch: 'q2', kind: 'non-grain', state: 'withdrawn' }),
      ]),
    ]);
    expect(await firstBrokenEvent(pool)).toBeNull();
  });

  it('stand beside the scenes that were looked at, each known once by its content', async () => {
    await begin('s1', 's2');
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

  it('of a whole county are recorded in seconds', async () => {
    await begin('big');
    const found = Array.from({ length: 5000 }, (_, i) => finding(`b${i}`));
    const startedMs = performance.now();
    expect(await registry.recordFindings('big', found)).toEqual({ patches: 5000, alerts: 5000 });
    const firstMs = performance.now() - startedMs;
    expect(await registry.recordFindings('big', found)).toEqual({ patches: 0, alerts: 0 });
    process.stdout.write(
      `5,000 findings: ${firstMs.toFixed(0)} ms, again ${(performance.now() - startedMs - firstMs).toFixed(0)} ms\n`,
    );
    await clear();
  });
});

describe('the database of the previous release', () => {
  it('gets the tables of this one and keeps its runs and events', async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
        WHERE table_schema = 'tianwatch' AND table_name NOT IN ('run', 'chunk', 'event', 'migration')`,
    );
    await pool.query(`DROP TABLE ${rows.map(({ name }) => `tianwatch.${name}`).join(', ')}`);
    await pool.query('DROP FUNCTION IF EXISTS tianwatch.refuse_other_fact()');
    await pool.query('DELETE FROM tianwatch.migration WHERE version > 1');
    await migrate(pool);
    expect(await registry.list()).toEqual([]);
    expect((await openRuns(pool, now).get('r1')).round).toBe(1);
    expect(await firstBrokenEvent(pool)).toBeNull();
  });
});
