import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import type { SeriesRecord } from '../../workers/database/record-series.ts';
import type { RecordedTrack } from '../../workers/database/track-rows.ts';
import { knowUser } from '../../workers/database/users.ts';
import { openRuns } from '../../workers/database/runs.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import { type Registry, openRegistry } from '../../workers/registry/registry.ts';
import { alertLine } from '../../scripts/command/alert.ts';
import { tendingLine } from '../../scripts/command/ledger-text.ts';
import { dummyRequest } from '../support/dummy-work.ts';
import { madeTrack, squareDeg } from '../support/made-tracks.ts';

const now = () => new Date('2026-11-26T08:00:00Z');
let folder = '';
let pool: PglitePool;
let registry: Registry;
let images: ImageStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tianwatch-alerts-'));
  pool = await openEmbedded(folder, migrate);
  images = await openFolderStore(join(folder, 'images'));
  registry = openRegistry({ pool, images, now });
  await openRuns(pool, now, '王工').begin('r1', { request: dummyRequest('r1', '/out'), fingerprint: 'f' });
});
afterEach(async () => {
  expect(await firstBrokenEvent(pool)).toBeNull();
  for (const table of ['alert', 'track', 'track_lineage', 'task', 'outbox', 'verdict'])
    await pool.query(`DELETE FROM tianwatch.${table}`);
});
afterAll(async () => {
  await pool.end();
  await rm(folder, { recursive: true, force: true });
});

const pair = (tracks: SeriesRecord['tracks'], gone: SeriesRecord['gone'] = []): SeriesRecord => ({
  source: 'pair a',
  runId: 'r1',
  tracks,
  gone,
});
const series = (tracks: SeriesRecord['tracks'], source = 'series 秀洲'): SeriesRecord => ({
  source,
  runId: null,
  tracks,
  gone: 'others',
});
const rows = async (table: string, columns = '*'): Promise<readonly Record<string, unknown>[]> =>
  (await pool.query<Record<string, unknown>>(`SELECT ${columns} FROM tianwatch.${table} ORDER BY 1`)).rows;
const kinds = async (subject: string, id: string): Promise<readonly string[]> =>
  (
    await pool.query<{ kind: string }>(
      'SELECT kind FROM tianwatch.event WHERE subject = $1 AND subject_id = $2 ORDER BY seq',
      [subject, id],
    )
  ).rows.map(({ kind }) => kind);

/** Everything but when it was written. */
async function world(): Promise<unknown> {
  const strip = (all: readonly Record<string, unknown>[]) =>
    all.map(({ opened_at: _o, recorded_at: _r, ...row }) => row);
  return [
    strip(await rows('alert')),
    strip((await rows('track')).filter(({ gone }) => gone === null)),
    strip(await rows('task')),
  ];
}

/** Steps of a history that was confirmed. */
const confirmed = (firstSeen: string, confirmedOn: string) => ({
  firstSeen,
  confirmedOn,
  lastSeen: confirmedOn,
  state: 'confirmed' as const,
  history: [
    { date: firstSeen, event: 'appeared', state: 'probable' as const, areaM2: 800 },
    { date: confirmedOn, event: 'confirmed', state: 'confirmed' as const, areaM2: 800 },
  ],
});

describe('findings of a pair of dates', () => {
  it('open an alert for a suspected loss, keep a lawful one as a record, and nothing else', async () => {
    const found = [
      madeTrack('p1', { policies: [{ id: 'farmland-ban-1', version: 3, isPossible: false }] }),
      madeTrack('p2', { category: 'review' }),
      madeTrack('p4', { isLawful: true }),
      madeTrack('p5', { category: 'recovered' }),
    ];
    expect(await registry.recordSeries(pair(found))).toEqual({ tracks: 4, alerts: 2 });
    expect(await rows('alert', 'track, kind, state, certainty, due_date, policies')).toEqual([
      {
        track: 'p1',
        kind: 'non-farm',
        state: 'open',
        certainty: 'probable',
        due_date: '2026-11-10',
        policies: [{ id: 'farmland-ban-1', version: 3, isPossible: false }],
      },
      { track: 'p4', kind: 'non-farm', state: 'lawful', certainty: 'probable', due_date: null, policies: [] },
    ]);
    expect(await rows('outbox', 'kind')).toEqual([{ kind: 'alert-opened' }]);
    expect(await rows('task', 'place, quarter, state')).toEqual([
      { place: '330411104201', quarter: '2026-Q3', state: 'open' },
    ]);
    const before = await rows('alert');
    expect(await registry.recordSeries(pair(found.toReversed()))).toEqual({ tracks: 0, alerts: 0 });
    expect(await rows('alert')).toEqual(before);
  });

  it('withdraw with the reason what a later run of the pair does not find on ground that it saw', async () => {
    await registry.recordSeries(pair([madeTrack('w1'), madeTrack('w2')]));
    const alert = (await rows('alert', 'id, track')).find(({ track }) => track === 'w1');
    const gone = [{ track: 'w1', why: 'not seen again' }];
    expect(await registry.recordSeries(pair([madeTrack('w2')], gone))).toEqual({ tracks: 1, alerts: 1 });
    expect(await rows('alert', 'track, state, task')).toEqual([
      { track: 'w1', state: 'withdrawn', task: null },
      expect.objectContaining({ track: 'w2', state: 'open' }),
    ]);
    expect(await kinds('alert', String(alert?.['id']))).toEqual(['alert-opened', 'alert-withdrawn']);
    expect((await rows('alert', 'track, history'))[0]?.['history']).toMatchObject([
      { event: 'opened' },
      { event: 'withdrawn', en: 'not seen again' },
    ]);
    expect(await registry.recordSeries(pair([madeTrack('w2')], gone))).toEqual({ tracks: 0, alerts: 0 });
    await registry.recordSeries(pair([madeTrack('w1')]));
    expect(await rows('alert', 'track, state')).toMatchObject([{ state: 'open' }, { state: 'open' }]);
  });

  it('keep one alert where a run draws the outline of the same change otherwise', async () => {
    await registry.recordSeries(pair([madeTrack('o1', { ground: squareDeg(0, 0) })]));
    const [before] = await rows('alert', 'id');
    const redrawn = madeTrack('o2', { ground: squareDeg(20, 10) });
    await registry.recordSeries(pair([redrawn], [{ track: 'o1', why: 'redrawn' }]));
    expect(await rows('alert', 'track, state')).toEqual([{ track: 'o2', state: 'open' }]);
    expect(await kinds('alert', String(before?.['id']))).toEqual(['alert-opened', 'alert-continued']);
  });

  it('do not overwrite what a run that knew the survey said with what one without it says', async () => {
    await registry.recordSeries(pair([madeTrack('k')]));
    const unsurveyed = madeTrack('k', { surveyAsOf: null, category: 'review' });
    expect(await registry.recordSeries(pair([unsurveyed]))).toEqual({ tracks: 0, alerts: 0 });
  });
});

describe('verdicts', () => {
  const placed = madeTrack('v1', {
    ground: squareDeg(0, 0),
    facts: { classBefore: 'crops', classAfter: 'built', dateBefore: '2026-05-01' },
  });
  const photo = async (name: string) => {
    const key = `evidence/${createHash('sha256').update(name).digest('hex')}`;
    await images.put(key, Buffer.from(name));
    return { key, kind: 'photo' as const, file: `${name}.jpg`, bytes: name.length, facts: {} };
  };
  const first = async () => (await registry.alerts({ limit: 9 }))[0]!;

  it('decide an alert, keep their evidence, end the errand and become labels', async () => {
    await registry.recordSeries(pair([placed]));
    const { id } = await first();
    const evidence = [await photo('a')];
    const verdict = {
      alert: id.slice(0, 8),
      says: 'confirmed' as const,
      date: '2026-08-20',
      by: '李工',
      why: '现场见地基',
      evidence,
    };
    const detail = await registry.recordVerdict(verdict);
    expect(detail).toMatchObject({
      alert: { state: 'confirmed', evidence: [evidence[0]!.key], dueDate: null },
      since: '2026-05-01',
      verdicts: [{ says: 'confirmed', by: '李工' }],
    });
    expect(await registry.recordVerdict(verdict)).toEqual(detail);
    expect(await registry.tasks()).toMatchObject([{ place: '330411104201', state: 'done', alerts: [id] }]);
    expect(await registry.verdicts()).toMatchObject([{ track: 'v1', says: 'confirmed', classAfter: 'built' }]);
    expect((await rows('outbox', 'kind')).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['alert-opened', 'alert-confirmed']),
    );
    expect(await registry.alerts({ states: ['open'], limit: 9 })).toEqual([]);
  });

  it('stay with their ground whatever its track is called later, before or after they are given', async () => {
    await registry.recordSeries(pair([placed]));
    const { id } = await first();
    await registry.recordVerdict({ alert: id, says: 'refuted', date: '2026-08-20', by: '李工', why: '', evidence: [] });
    const redrawn = { ...placed, id: 'v2', ground: squareDeg(15, 5) };
    await registry.recordSeries(pair([redrawn], [{ track: 'v1', why: 'redrawn' }]));
    expect(await rows('alert', 'track, state')).toEqual([{ track: 'v2', state: 'refuted' }]);
    await registry.recordSeries(
      series([madeTrack('s1', { ground: squareDeg(0, 0), ...confirmed('2026-08-25', '2026-09-20') })]),
    );
    expect(await rows('alert', 'track, state, tracks')).toEqual([
      { track: 'v2', state: 'refuted', tracks: ['s1', 'v2'] },
    ]);
  });

  it('on what is not there, or with evidence that is not stored, are refused', async () => {
    const verdict = { alert: 'ffff', says: 'refuted' as const, date: '2026-08-20', by: '李工', why: '', evidence: [] };
    await expect(registry.recordVerdict(verdict)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const lost = { ...(await photo('b')), key: `evidence/${'0'.repeat(64)}` };
    await expect(registry.recordVerdict({ ...verdict, evidence: [lost] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('series', () => {
  const early = madeTrack('t1', { ground: squareDeg(0, 0), ...confirmed('2026-05-01', '2026-05-21') });
  const late = madeTrack('t9', { ground: squareDeg(5, 0), ...confirmed('2026-06-10', '2026-07-05') });
  const other = madeTrack('u', { ground: squareDeg(800, 0), village: '330411104202', firstSeen: '2026-05-30' });
  const fromPair = pair([
    madeTrack('p', { ground: squareDeg(30, 0), village: null, lastSeen: '2026-04-02', firstSeen: '2026-04-02' }),
  ]);
  const whole = series([{ ...early, formerIds: ['t9'] }, other]);

  it('end in the same alerts in whatever order and however often looks, pairs and verdicts arrive', async () => {
    const histories: readonly (readonly SeriesRecord[])[] = [
      [whole, fromPair],
      [fromPair, whole],
      [series([late]), fromPair, whole, whole],
      [fromPair, series([late, other]), fromPair, whole, fromPair],
      [series([other]), series([late, other]), whole, fromPair],
    ];
    const outcomes: unknown[] = [];
    for (const history of histories) {
      for (const record of history) await registry.recordSeries(record);
      outcomes.push(await world());
      for (const table of ['alert', 'track', 'track_lineage', 'task', 'outbox'])
        await pool.query(`DELETE FROM tianwatch.${table}`);
    }
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    expect(outcomes[0]).toMatchObject([
      expect.arrayContaining([
        expect.objectContaining({ track: 'p', tracks: ['p', 't1'], certainty: 'confirmed', state: 'open' }),
        expect.objectContaining({ track: 'u', certainty: 'probable' }),
      ]),
      [{ id: 'p' }, { id: 't1' }, { id: 'u' }],
      [expect.anything(), expect.anything()],
    ]);
  });

  it('carry an alert over to the name that a late scene gives its track', async () => {
    await registry.recordSeries(series([{ ...late, id: 'c9' }]));
    const [before] = await rows('alert', 'id');
    await registry.recordSeries(series([{ ...early, id: 'c1', formerIds: ['c9'] }]));
    expect(await rows('alert', 'track, state, asked_on')).toEqual([
      { track: 'c1', state: 'open', asked_on: '2026-05-01' },
    ]);
    expect(await kinds('alert', String(before?.['id']))).toEqual(['alert-opened', 'alert-continued']);
  });

  it('record their lineage', async () => {
    await registry.recordSeries(series([{ ...early, parents: ['a', 'b'] }]));
    expect(await rows('track_lineage')).toEqual([
      { parent: 'a', child: 't1' },
      { parent: 'b', child: 't1' },
    ]);
  });

  it('are joined with the verdicts on them, for labels', async () => {
    await registry.recordSeries(
      series([
        {
          ...early,
          ground: squareDeg(0, 0),
          facts: { classBefore: 'crops', classAfter: 'built', dateBefore: '2025-08-01' },
        },
      ]),
    );
    await knowUser(pool, '王工', now().toISOString());
    await pool.query(`INSERT INTO tianwatch.verdict (id, track, axis, says, date, evidence, facts, given_by, why, recorded_at)
      VALUES ('v1', 't1', 'land-class', 'confirmed', '2026-09-01', '[]', '{}', '王工', '', now()),
             ('v2', 'gone', 'land-class', 'refuted', '2026-09-02', '[]', '{}', '王工', '', now())`);
    const [first, second] = await registry.verdicts();
    expect(first).toMatchObject({
      track: 't1',
      says: 'confirmed',
      classBefore: 'crops',
      classAfter: 'built',
      dateBefore: '2025-08-01',
      dateAfter: early.firstSeen,
    });
    expect(first?.ground).toEqual(squareDeg(0, 0));
    // a track that is no more still has its verdict
    expect(second).toMatchObject({ track: 'gone', says: 'refuted', ground: null, classAfter: null });
  });

  it('of a whole county are recorded in seconds', async () => {
    const count = process.env['TIANWATCH_LONG'] === undefined ? 400 : 10_000;
    const tracks = Array.from({ length: count }, (_, i) =>
      madeTrack(`b${i}`, { ground: squareDeg((i % 100) * 300, Math.floor(i / 100) * 300) }),
    );
    // processor time of all threads: the machine may be shared
    const cpuMs = (from?: NodeJS.CpuUsage): number => {
      const { user, system } = process.cpuUsage(from);
      return (user + system) / 1000;
    };
    const start = process.cpuUsage();
    expect(await registry.recordSeries(series(tracks, 'county'))).toEqual({ tracks: count, alerts: count });
    const firstMs = cpuMs(start);
    expect(await registry.recordSeries(series(tracks, 'county'))).toEqual({ tracks: 0, alerts: 0 });
    const againMs = cpuMs(start) - firstMs;
    const grown = tracks.map((track) => ({ ...track, lastSeen: '2026-09-01', observations: [{ look: 'new' }] }));
    expect(await registry.recordSeries(series(grown, 'county'))).toMatchObject({ tracks: count });
    const newLookMs = cpuMs(start) - firstMs - againMs;
    process.stdout.write(
      `${count} tracks with alerts, CPU: first ${firstMs.toFixed(0)} ms, again ${againMs.toFixed(0)} ms, one new look ${newLookMs.toFixed(0)} ms\n`,
    );
  });
});

describe('the planting axis', () => {
  const parcel = squareDeg(0, 0);
  const finding = (id: string, given: Partial<RecordedTrack> & { readonly year?: number } = {}) => {
    const { year = 2025, ...rest } = given;
    const foundOn = `${year}-11-30`;
    return madeTrack(id, {
      axis: 'planting',
      category: 'non-grain',
      firstSeen: foundOn,
      state: 'confirmed',
      history: [
        { date: foundOn, event: 'appeared', state: 'probable', areaM2: 10_000 },
        { date: foundOn, event: 'confirmed', state: 'confirmed', areaM2: 10_000 },
      ],
      areaM2: 10_000,
      rule: 'planting-non-grain-year',
      ground: parcel,
      facts: { cropYear: year },
      ...rest,
    });
  };
  const planting = (tracks: SeriesRecord['tracks'], source = 'planting 秀洲'): SeriesRecord => ({
    ...series(tracks, source),
    whyGone: { p25: 'judged again, 2025 is grain' },
  });
  const states = () => rows('alert', 'track, axis, state');

  it('has one alert a parcel and crop year, whoever says it and however often', async () => {
    const both = [finding('p25'), finding('p26', { year: 2026 })];
    expect(await registry.recordSeries(planting(both))).toEqual({ tracks: 2, alerts: 2 });
    expect(await registry.recordSeries(planting(both.toReversed()))).toEqual({ tracks: 0, alerts: 0 });
    await registry.recordSeries(planting([finding('q26', { year: 2026 })], 'planting 南湖'));
    expect(await states()).toEqual([
      { track: 'p25', axis: 'planting', state: 'open' },
      { track: 'p26', axis: 'planting', state: 'open' },
    ]);
  });

  it('is withdrawn with the reason when all looks together say grain, and asks for evidence when a later year does', async () => {
    await registry.recordSeries(planting([finding('p25')]));
    await registry.recordSeries(planting([]));
    expect((await rows('alert', 'track, state, history'))[0]).toMatchObject({
      state: 'withdrawn',
      history: [{ event: 'opened' }, { event: 'firmed' }, { event: 'withdrawn', en: 'judged again, 2025 is grain' }],
    });
    const restored = { date: '2026-08-12', event: 'reversed', state: 'reversed' as const, areaM2: 10_000 };
    const ended = finding('p25', { state: 'reversed' });
    await registry.recordSeries(planting([{ ...ended, history: [...ended.history, restored] }]));
    expect(await states()).toMatchObject([{ state: 'recovering' }]);
  });

  it('hears a verdict on one year for that year alone', async () => {
    await registry.recordSeries(planting([finding('p25')]));
    const [alert] = await rows('alert', 'id');
    const verdict = { alert: String(alert!['id']), date: '2026-01-10', by: '王工', why: '', evidence: [] };
    await registry.recordVerdict({ ...verdict, says: 'refuted' });
    await registry.recordSeries(planting([finding('p25'), finding('p26', { year: 2026 })]));
    expect(await states()).toMatchObject([
      { track: 'p25', state: 'refuted' },
      { track: 'p26', state: 'open' },
    ]);
  });

  it('leaves what an alert of changed ground tells to it, in whatever order they come, until that is refuted', async () => {
    const orchard = madeTrack('o', {
      category: 'non-grain',
      firstSeen: '2025-06-01',
      ground: squareDeg(0, 0, 80),
      areaM2: 6400,
    });
    const shed = madeTrack('h', { firstSeen: '2025-06-01', ground: squareDeg(80, 80, 15), areaM2: 225 });
    const after = async (...records: readonly SeriesRecord[]) => {
      for (const table of ['alert', 'track']) await pool.query(`DELETE FROM tianwatch.${table}`);
      for (const record of records) await registry.recordSeries(record);
      return (await states()).filter(({ state }) => state !== 'withdrawn');
    };
    const [told, alone] = [series([orchard]), planting([finding('p25')])];
    const land = [{ track: 'o', axis: 'land-class', state: 'open' }];
    expect(await after(told, alone)).toEqual(land);
    expect(await after(alone, told)).toEqual(land);
    expect((await after(alone, series([shed]))).length).toBe(2);
    expect((await after(alone, series([{ ...orchard, firstSeen: '2026-03-01' }]))).length).toBe(2);
    await after(alone, told);
    const verdict = { date: '2025-12-10', by: '王工', why: '', evidence: [] };
    const first = (await rows('alert', 'track, id')).find(({ track }) => track === 'o');
    await registry.recordVerdict({ ...verdict, alert: String(first!['id']), says: 'refuted' });
    expect(await states()).toEqual([
      { track: 'o', axis: 'land-class', state: 'refuted' },
      { track: 'p25', axis: 'planting', state: 'open' },
    ]);
  });

  it('says of an alert on a project whether its tending period runs and its payment is held, and why', async () => {
    await pool.query(
      `INSERT INTO tianwatch.project (id, name, county, towns, stage, start_date, end_date, area_m2, as_of, digest, changed_at)
       VALUES ('JX001', '新塍', '330411', '[]', 'finished', '2023-01-10', '2024-02-29', 90000, '2026-01-01', 'd', now()),
              ('JX002', '西塘', '330421', '[]', 'finished', '2021-01-10', '2022-02-28', 90000, '2026-01-01', 'e', now())`,
    );
    const group = { abandonment: 'suspected' as const, planting: 'uncultivated' as const, parcels: 1, areaM2: 800 };
    const tended = { abandonment: 'cultivated' as const, planting: 'grain' as const, parcels: 9, areaM2: 9000 };
    const year = (project: string, groups: (typeof group | typeof tended)[]) => ({
      source: 'planting 秀洲',
      project,
      year: 2025,
      groups,
    });
    const on = (id: string) => ({ facts: { projects: [{ id, subProject: null, work: null, shareFraction: 1 }] } });
    await registry.recordSeries({
      ...planting([]),
      tending: [year('JX001', [group, tended]), year('JX002', [tended])],
    });
    await registry.recordSeries(
      pair([
        madeTrack('t1', on('JX001')),
        madeTrack('t2', { ...on('JX002'), ground: squareDeg(900, 900, 30) }),
        madeTrack('t3', { ground: squareDeg(1900, 900, 30) }),
      ]),
    );
    const shown = Object.fromEntries((await registry.alerts({ limit: 9 })).map((one) => [one.track, one]));
    expect(shown['t1']?.tending).toMatchObject([
      { project: 'JX001', from: '2024-02-29', to: '2027-02-28', isWatched: true, isPaymentHeld: true, year: 2025 },
    ]);
    expect(shown['t1']?.tending[0]?.reasons.map(({ code }) => code)).toEqual(['tending', 'abandonment-suspected']);
    expect(shown['t2']?.tending).toMatchObject([{ project: 'JX002', isWatched: false, isPaymentHeld: false }]);
    expect(shown['t3']?.tending).toEqual([]);
    expect((await registry.alert(shown['t1']!.id)).alert).toEqual(shown['t1']);
    expect(alertLine(shown['t1']!)).toContain('暂缓拨付 payment held JX001');
    expect(alertLine(shown['t2']!)).not.toContain('held');
    expect(tendingLine(shown['t1']!.tending[0]!)).toContain('2024-02-29 - 2027-02-28 管护中 watched');
  });

  it('keeps the tending of projects as its series last said it', async () => {
    const group = { abandonment: 'cultivated' as const, planting: 'grain' as const, parcels: 3, areaM2: 9000 };
    const year = { source: 'planting 秀洲', project: 'JX001', year: 2025, groups: [group] };
    await registry.recordSeries({ ...planting([]), tending: [year, { ...year, year: 2026 }] });
    await registry.recordSeries({ ...planting([]), tending: [year] });
    expect((await registry.ledgerFacts('2026-10')).tending).toEqual([year]);
  });
});
