import { createHash } from 'node:crypto';
import { openRuns } from '../../workers/database/runs.ts';
import type { Pool } from '../../workers/database/sql.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import { type Registry, openRegistry } from '../../workers/registry/registry.ts';
import { dummyRequest } from './dummy-work.ts';
import { madeTrack, squareDeg } from './made-tracks.ts';

const now = () => new Date('2026-11-27T08:00:00.123Z');

/** A home with runs, two versions of a survey, tracks, an alert with a verdict and its photo, messages and a cached chunk. */
export async function fillHome(pool: Pool, images: ImageStore): Promise<void> {
  const registry = openRegistry({ pool, images, now });
  const runs = openRuns(pool, now, '王工');
  await runs.begin('run1', { request: dummyRequest('run1', '/out'), fingerprint: 'f' });
  await runs.change('run1', 1, {
    event: 'run-planned',
    plan: { chunks: 2, totalPx: 2000, facts: { width: 9007199254740991 } },
  });
  await runs.putChunk('run1', 1, { index: 0, state: 'done', px: 1000 });
  await runs.begin('run2', { request: dummyRequest('run2', '/out'), fingerprint: 'f' });
  await runs.change('run2', 1, { event: 'run-done', state: 'done', summary: { areaM2: 0.1 + 0.2 } });
  for (const asOf of ['2024-12-31', '2025-12-31']) await registry.record(await layer(images, asOf));
  const track = madeTrack('t1', { ground: squareDeg(0, 0), observations: [] });
  await registry.recordSeries({ source: 'pair a', runId: 'run2', tracks: [track, madeTrack('t2')], gone: [] });
  const photo = Buffer.from('no real photo');
  const key = `evidence/${createHash('sha256').update(photo).digest('hex')}`;
  await images.put(key, photo);
  await pool.query(
    `INSERT INTO tianwatch.evidence (key, kind, file, bytes, facts, recorded_by, recorded_at)
     VALUES ($1, 'photo', '现场 1.jpg', $2, '{"a": "行\\n\\"引号\\""}', '王工', '2026-11-27T08:00:00.123456+08:00')`,
    [key, photo.length],
  );
  await pool.query(
    `INSERT INTO tianwatch.look (id, date, gsd_m, kind, facts, recorded_at) VALUES ('l', '2026-08-01', 0.1, 'satellite', '{}', now());
     INSERT INTO tianwatch.reading (id, look, reference, classes, facts, recorded_by, recorded_at) VALUES ('r', 'l', '', '{}', '{}', 'x', now());
     INSERT INTO tianwatch.observation VALUES ('r', 'town', '330411104', '', 1e-7, 0.3, 0, 0, 0, 0, 0, 'o', '\\x00ff5c0a22')`,
  );
  await images.put('chunk/ab/abc', Buffer.from('can be computed again'));
  await images.put('series-record/abc', Buffer.from('on its way'));
}

async function layer(images: ImageStore, asOf: string): Promise<Parameters<Registry['record']>[0]> {
  const id = createHash('sha256').update(asOf).digest('hex');
  await images.put(`layer/${id}`, Buffer.from(asOf));
  return {
    kind: 'land-survey',
    zone: null,
    asOf,
    id,
    key: `layer/${id}`,
    file: `${asOf}.shp`,
    features: 3,
    areaM2: 1000.25,
    facts: { codes: { '0101': 3 } },
    actor: { by: '王工', why: '年度变更' },
    basedOn: null,
    projects: [],
    subProjects: [],
  };
}

/** What a home answers to the questions of commands. */
export async function answersOf(pool: Pool, images: ImageStore): Promise<unknown> {
  const registry = openRegistry({ pool, images, now });
  const runs = await openRuns(pool, now).list();
  const alerts = await registry.alerts({ states: ['open', 'confirmed', 'withdrawn'], limit: 100 });
  return {
    runs: runs.map(({ state, ...run }) => ({ ...run, state: state === 'running' ? 'interrupted' : state })),
    layers: await registry.list(),
    alerts,
    details: await Promise.all(alerts.map(({ id }) => registry.alert(id))),
    tasks: await registry.tasks(),
    verdicts: await registry.verdicts(),
    ledger: await registry.ledgerFacts('2026-11'),
    live: await registry.liveTracks('pair a'),
    layer: await images.get((await registry.list())[0]?.key ?? 'none'),
  };
}
