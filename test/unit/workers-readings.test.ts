import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadLook } from '../../pipeline/ledger/facts.ts';
import { encodeRuns } from '../../pipeline/ledger/cell-runs.ts';
import { decodeShape } from '../../pipeline/ledger/shape-bytes.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { ledgerFactsSchema } from '../../workers/ledger/facts-format.ts';
import type { NewReport, StoredReportRow } from '../../workers/registry/report-record.ts';
import { openRegistry, type Registry } from '../../workers/registry/registry.ts';

let folder = '';
let pool: PglitePool;
let registry: Registry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tianwatch-readings-'));
  pool = await openEmbedded(folder, migrate);
  const images = await openFolderStore(join(folder, 'images'));
  registry = openRegistry({ pool, images, now: () => new Date('2026-11-26T08:00:00Z') });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await rm(folder, { recursive: true, force: true });
});

const ring = Float64Array.of(0, 0, 10, 0, 10, 10.5, 0, 10);

const read = (id: string, date: string): ReadLook => ({
  look: { id, date, sensor: 'GF-2', gsdM: 2, kind: 'satellite' },
  reading: {
    id: `reading of ${id}`,
    look: id,
    reference: 'first',
    referenceDate: '2025-01-01',
    classes: { 3: 'crops' },
    facts: { model: 'made' },
  },
  observations: [
    {
      subject: 'sub-project',
      subjectId: 'XM001-01',
      town: '330411104',
      areaM2: 100,
      seenM2: 75,
      unseenM2: { cloud: 25, shadow: 0, outside: 0, nodata: 0, failed: 0 },
      outline: 'o1',
      cells: encodeRuns(Uint8Array.of(3, 3, 67, 250)),
    },
  ],
  sightings: [
    {
      id: 'p1',
      category: 'non-farm',
      classBefore: 'crops',
      classAfter: 'built',
      areaM2: 102.5,
      probability: 0.8,
      centre: { lonDeg: 120.78, latDeg: 30.69 },
      polygons: [[ring]],
    },
  ],
});

describe('readings of looks', () => {
  it('are facts with their bytes, each recorded once and told as an event', async () => {
    expect(await registry.recordReadings([read('a', '2026-03-01'), read('b', '2026-04-01')], 'run r1')).toBe(2);
    expect(await registry.recordReadings([read('b', '2026-04-01')], 'run r2')).toBe(0);
    const { rows: looks } = await pool.query('SELECT id, date, kind FROM tianwatch.look ORDER BY id');
    expect(looks).toEqual([
      { id: 'a', date: '2026-03-01', kind: 'satellite' },
      { id: 'b', date: '2026-04-01', kind: 'satellite' },
    ]);
    const { rows } = await pool.query<{ cells: Uint8Array; shape: Uint8Array }>(
      `SELECT cells, shape FROM tianwatch.observation JOIN tianwatch.sighting USING (reading) WHERE reading = $1`,
      ['reading of a'],
    );
    expect([...rows[0]!.cells]).toEqual([...encodeRuns(Uint8Array.of(3, 3, 67, 250))]);
    expect(decodeShape(rows[0]!.shape)).toEqual([[ring]]);
    const { rows: events } = await pool.query("SELECT subject_id, kind FROM tianwatch.event WHERE subject = 'look'");
    expect(events).toEqual([
      { subject_id: 'a', kind: 'look-read' },
      { subject_id: 'b', kind: 'look-read' },
    ]);
  });

  it('cannot be edited or taken away', async () => {
    await expect(pool.query('UPDATE tianwatch.observation SET seen_m2 = 0')).rejects.toThrow(/never edited/);
    await expect(pool.query('DELETE FROM tianwatch.sighting')).rejects.toThrow(/never edited/);
    await expect(pool.query('DELETE FROM tianwatch.reading')).rejects.toThrow(/never edited/);
  });
});

describe('monthly reports', () => {
  const row = (line: number, changes: Partial<StoredReportRow> = {}): StoredReportRow => ({
    line,
    month: '2026-10',
    county: '330411',
    project: 'XM001',
    subProject: `XM001-0${line}`,
    town: null,
    work: null,
    plannedM2: 1000,
    reportedM2: 500,
    refused: null,
    cells: ['2026-10', 'XM001'],
    ...changes,
  });
  const report = (id: string, rows: readonly StoredReportRow[], changes: Partial<NewReport> = {}): NewReport => ({
    id: id.repeat(64),
    file: `${id}.csv`,
    facts: { notes: [{ line: 1, text: '十月月报' }] },
    rows: [...rows],
    actor: { by: '李工', why: '十月月报' },
    supersedes: false,
    ...changes,
  });

  it('are versions of a month and county: the same again is nothing, another is refused unless it supersedes', async () => {
    const first = await registry.recordReport(report('a', [row(1), row(2, { refused: 'PROJECT_UNKNOWN' })]));
    expect(first).toMatchObject({
      isNew: true,
      versions: [{ month: '2026-10', county: '330411', number: 1, rows: 1, refusedRows: 1, reportedM2: 500 }],
    });
    expect(await registry.recordReport(report('b', [row(9, { subProject: 'XM001-01' })]))).toMatchObject({
      versions: [],
    });
    const corrected = [row(1, { reportedM2: 700 })];
    await expect(registry.recordReport(report('c', corrected))).rejects.toMatchObject({
      code: 'CONFLICT',
      todo: expect.stringContaining('--supersede'),
    });
    await registry.recordReport(report('c', corrected, { supersedes: true }));
    expect((await registry.reports()).map(({ number, state, reportedM2 }) => [number, state, reportedM2])).toEqual([
      [2, 'current', 700],
      [1, 'superseded', 500],
    ]);
    // what does not count is kept with its reason, and can be seen again
    const [kept, ...others] = await registry.reportFiles('aaa');
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      file: 'a.csv',
      rows: 2,
      refused: [{ line: 2, reason: 'PROJECT_UNKNOWN', cells: ['2026-10', 'XM001'] }],
      notes: [{ line: 1, text: '十月月报' }],
      importedBy: '李工',
    });
    expect(await registry.reportFiles('')).toHaveLength(3);
    const { reported } = await registry.ledgerFacts('2026-10');
    expect(reported).toEqual([
      { month: '2026-10', project: 'XM001', subProject: 'XM001-01', town: null, work: null, reportedM2: 700 },
    ]);
    expect((await registry.ledgerFacts('2026-09')).reported).toEqual([]);
    const { rows: kinds } = await pool.query<{ kind: string }>(
      "SELECT kind FROM tianwatch.event WHERE subject = 'report' ORDER BY seq",
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(['report-recorded', 'report-superseded']);
  });

  it('and looks up to a month are what its ledger is made of', async () => {
    const march = await registry.ledgerFacts('2026-03');
    expect(march.readings.map(({ look }) => look)).toEqual(['a']);
    const { readings } = await registry.ledgerFacts('2026-04');
    expect(readings.map(({ look }) => look)).toEqual(['a', 'b']);
    const [observation] = readings[0]!.observations;
    expect([...Buffer.from(observation!.cells!, 'base64')]).toEqual([...encodeRuns(Uint8Array.of(3, 3, 67, 250))]);
    expect(ledgerFactsSchema.parse(march)).toEqual(march);
  });
});
