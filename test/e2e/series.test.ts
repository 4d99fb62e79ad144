import { homeAt } from '../../workers/home.ts';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  seriesManifestSchema,
  seriesSummarySchema,
  trackPropertiesSchema,
} from '../../pipeline/report/series-formats.ts';
import { areaColumns, lookColumns, observationColumns } from '../../pipeline/report/series-tables.ts';
import { parseTable } from '../../pipeline/rule/csv-table.ts';
import { makePair } from '../../scripts/made-pair.ts';
import { runSeries } from '../../workers/series/run-series.ts';
import type { SeriesRequest } from '../../workers/series/series-request.ts';
import { writeSeries } from '../../workers/series/write-series.ts';
import type { Outcome } from '../support/run-command.ts';
import { tianwatch } from '../support/run-command.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-series-'));
const at = (name: string): string => join(folder, name);
const data = at('data');
const sidePx = 160;

const table = <C extends string>(out: string, name: string, columns: readonly C[]) =>
  parseTable(readFileSync(join(at(out), name), 'utf8'), columns, name);
const json = (out: string, name: string): unknown => JSON.parse(readFileSync(join(at(out), name), 'utf8'));

/** Names of the good scenes in a folder whose order is that of their dates, and in one whose order is the reverse. */
const dates = ['2025-07-20', '2025-08-15', '2026-07-25', '2026-08-12'];

const series = (scenes: string, out: string, period: Partial<Pick<SeriesRequest, 'from' | 'to'>> = {}) =>
  runSeries(
    {
      scenes: at(scenes),
      from: null,
      to: null,
      ...period,
      model: 'none',
      grid: null,
      aoi: null,
      baseline: 'none',
      out: at(out),
      force: false,
    },
    { home: homeAt(data), threads: 1, signal: new AbortController().signal, today: '2026-11-26', onStage: () => {} },
  );

let first: Outcome;
beforeAll(async () => {
  const pair = makePair(sidePx, 8);
  mkdirSync(at('scenes/t'), { recursive: true });
  mkdirSync(at('reversed'));
  const size = { width: sidePx, height: sidePx };
  for (const [position, acquired] of dates.entries()) {
    // the ground changed between the second and the third date; no two files are the same
    const ground = Uint16Array.from(position < 2 ? pair.before : pair.after, (value) =>
      value === 0 ? 0 : value + position,
    );
    const path = await writeMadeScene(at(`scenes/s${position}_10m.tif`), { ...size, data: ground, acquired });
    copyFileSync(path, at(`reversed/${9 - position}.tif`));
  }
  copyFileSync(at('scenes/s0_10m.tif'), at('scenes/t/copy.tif'));
  const older = pair.before.map((value) => value + 9);
  await writeMadeScene(at('scenes/r0_10m.tif'), { ...size, data: older, acquired: dates[0]! });
  await writeMadeScene(at('scenes/future.tif'), { ...size, data: pair.after, acquired: '2093-05-01' });
  const affine = [10, 0, 630_000, 0, -10, 3_400_000] as const;
  await writeMadeScene(at('scenes/elsewhere.tif'), { ...size, data: pair.after, acquired: '2026-06-01', affine });
  writeFileSync(at('scenes/broken.tif'), readFileSync(at('scenes/s1_10m.tif')).subarray(0, 300));
  writeFileSync(at('scenes/notes.txt'), 'no scene');
  const args = ['series', '--scenes', at('scenes'), '--model', 'none', '--threads', '1', '--out', at('out')];
  first = await tianwatch(args, { data });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tianwatch series', () => {
  it('records its tracks and their alerts, and nothing more when it is run again', async () => {
    const { features } = json('out', 'tracks.geojson') as { readonly features: readonly unknown[] };
    const again = [
      'series',
      '--scenes',
      at('scenes'),
      '--model',
      'none',
      '--threads',
      '1',
      '--out',
      at('again'),
      '--json',
    ];
    const { stdout } = await tianwatch(again, { data });
    expect(JSON.parse(stdout)).toMatchObject({ recorded: { tracks: 0, alerts: 0 } });
    const elsewhere = await tianwatch([...again, '--force'], { data: at('other-data') });
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ recorded: { tracks: features.length } });
    expect(features.length).toBeGreaterThan(0);
  });

  it('writes every file of its contract and says that a scene was lost', () => {
    expect(first.stderr).toContain('infer');
    expect(first.exit).toBe(3);
    expect(readdirSync(at('out')).toSorted()).toEqual(
      [
        'areas.csv',
        'areas.png',
        'looks.csv',
        'observations.csv',
        'run.json',
        'summary.json',
        'tracks.geojson',
      ].toSorted(),
    );
    const summary = seriesSummarySchema.parse(json('out', 'summary.json'));
    expect(summary).toMatchObject({ state: 'partial', from: dates[0], to: dates[3], looks: { found: 10, used: 4 } });
    const manifest = seriesManifestSchema.parse(json('out', 'run.json'));
    expect(manifest.outputs).toHaveLength(6);
    expect(manifest.inputs).toHaveLength(4);
  });

  it('lists each scene and file that is no look, with its reason', () => {
    const rows = table('out', 'looks.csv', lookColumns);
    const why = Object.fromEntries(rows.map(({ scene, problem }) => [scene, problem]));
    expect(why).toEqual({
      s0: '',
      s1: '',
      s2: '',
      s3: '',
      r0: 'OTHER_VERSION',
      't/copy': 'DUPLICATE',
      future: 'FUTURE',
      elsewhere: 'NO_OVERLAP',
      broken: 'UNREADABLE',
      'notes.txt': 'NO_IMAGE',
    });
    for (const { problem, reasonZh, used } of rows)
      expect([used, reasonZh === '']).toEqual(problem ? ['no', false] : ['yes', true]);
    for (const { used, observedM2, unobservedM2 } of rows)
      if (used === 'yes') expect(Number(observedM2) + Number(unobservedM2)).toBeCloseTo((sidePx * 10) ** 2, -4);
  });

  it('follows the changed ground from its first look on', () => {
    const { features } = json('out', 'tracks.geojson') as { features: readonly { properties: unknown }[] };
    const tracks = features.map(({ properties }) => trackPropertiesSchema.parse(properties));
    expect(tracks.length).toBeGreaterThan(0);
    const large = tracks.filter(({ areaM2, mergedInto }) => areaM2 > 5000 && mergedInto === null);
    expect(large.length).toBeGreaterThan(0);
    for (const { firstSeen, lastSeen, looks } of large)
      expect([firstSeen, lastSeen, looks]).toEqual([dates[2], dates[3], 2]);
    const observed = table('out', 'observations.csv', observationColumns).filter(({ track }) => track === large[0]!.id);
    expect(observed.map(({ date, observed: isSeen }) => [date, isSeen])).toEqual([
      [dates[2], 'yes'],
      [dates[3], 'yes'],
    ]);
    const areas = table('out', 'areas.csv', areaColumns);
    expect(new Set(areas.map(({ date }) => date))).toEqual(new Set([dates[2], dates[3]]));
  });

  it('confirms nothing on two looks, however sure each is', async () => {
    const result = await series('reversed', 'two', { from: dates[1]!, to: dates[2]! });
    expect(result.looks).toHaveLength(2);
    expect(result.tracks.length).toBeGreaterThan(0);
    for (const { state } of result.tracks) expect(['watched', 'probable']).toContain(state);
  }, 60_000);

  it('gives the same tracks, byte for byte, when the files come in the reverse order, and computes nothing again', async () => {
    const result = await series('reversed', 'again');
    expect(result.plan?.evidence).toBe('pairs');
    await writeSeries(result, at('again'), {});
    for (const name of ['tracks.geojson', 'observations.csv', 'areas.csv', 'areas.png'])
      expect(readFileSync(join(at('again'), name)).equals(readFileSync(join(at('out'), name))), name).toBe(true);
    expect(result.looks.map(({ computed }) => computed)).toEqual([0, 0, 0, 0]);
  }, 60_000);
});
