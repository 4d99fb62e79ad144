import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trackPropertiesSchema } from '../../pipeline/report/series-formats.ts';
import { lookColumns, observationColumns } from '../../pipeline/report/series-tables.ts';
import { parseTable } from '../../pipeline/rule/csv-table.ts';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { tianwatch } from '../support/run-command.ts';

const isLong = process.env['TIANWATCH_LONG'] === '1';
const title = isLong ? 'mosaics of a drone in a series' : 'mosaics of a drone in a series (skipped: a long test)';

const dates = [
  '2025-01-10',
  '2025-03-05',
  '2025-05-20',
  '2025-07-20',
  '2025-09-20',
  '2025-11-20',
  '2026-02-10',
  '2026-04-10',
  '2026-07-25',
  '2026-08-20',
  '2026-09-20',
  '2026-10-20',
  '2026-12-25',
];
const mosaics = ['2025-04-20', '2026-09-01'] as const;
const names = mosaics.map((date) => `simulated_uav_${date.replaceAll('-', '')}`);
/** Truth of seed 8: a pond and a factory begun in August, a nursery in June. */
const begun = ['T00011', 'T00024', 'T00013'];

type Position = readonly number[];
interface Feature {
  readonly properties: unknown;
  readonly geometry: { readonly coordinates: readonly unknown[] };
}
const pointsOf = (coordinates: readonly unknown[]): readonly Position[] =>
  typeof coordinates[0] === 'number'
    ? [coordinates as Position]
    : (coordinates as readonly (readonly unknown[])[]).flatMap(pointsOf);
const middleOf = ({ geometry }: Feature): Position => {
  const points = pointsOf(geometry.coordinates);
  return [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]!);
    return (Math.min(...values) + Math.max(...values)) / 2;
  });
};
/** Metres between two places near Jiaxing. */
const apartM = (a: Position, b: Position): number => Math.hypot((a[0]! - b[0]!) * 95_900, (a[1]! - b[1]!) * 110_900);

describe.skipIf(!isLong)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-mosaic-'));
  const at = (path: string): string => join(folder, path);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const features = (path: string): readonly Feature[] =>
    (JSON.parse(readFileSync(at(path), 'utf8')) as { readonly features: readonly Feature[] }).features;
  const tracksOf = (out: string) =>
    features(`${out}/tracks.geojson`).map((feature) => ({
      ...trackPropertiesSchema.parse(feature.properties),
      middle: middleOf(feature),
    }));
  const rowsOf = <C extends string>(path: string, columns: readonly C[]) =>
    parseTable(readFileSync(at(path), 'utf8'), columns, path);
  const move = (name: string, from: string, to: string): void => {
    for (const file of readdirSync(at(from)).filter((known) => known.startsWith(name)))
      renameSync(at(`${from}/${file}`), at(`${to}/${file}`));
  };
  async function series(data: string, out: string): Promise<void> {
    const args = [
      'series',
      '--scenes',
      at('sim/scenes'),
      '--out',
      at(out),
      '--to',
      '2026-09-02',
      '--today',
      '2026-12-31',
    ];
    const { exit, stderr } = await tianwatch(args, { data: at(data), isNice: true });
    expect(exit, stderr).toBe(0);
  }
  const computed = (out: string): unknown =>
    (JSON.parse(readFileSync(at(`${out}/run.json`), 'utf8')) as { timing: { chunksComputed: unknown } }).timing
      .chunksComputed;

  beforeAll(async () => {
    await simulate({ seed: 8, size: 256, gsd: '10', looks: dates.length, dates, sky: 'clear', mosaics }, at('sim'));
    mkdirSync(at('later'));
    move(names[1]!, 'sim/scenes', 'later');
    await series('a', 'without');
    move(names[1]!, 'later', 'sim/scenes');
    await series('a', 'with');
  }, 900_000);

  it('confirm what satellites call probable, and say how large it is', () => {
    const [before, after] = [tracksOf('without'), tracksOf('with')];
    const truth = features('sim/truth/truth.geojson');
    for (const id of begun) {
      const real = truth.find(({ properties }) => (properties as { id: string }).id === id)!;
      const { areaM2 } = real.properties as { areaM2: number };
      const [near] = before
        .filter(({ areaM2: size, state }) => size > 2000 && state === 'probable')
        .toSorted((a, b) => apartM(a.middle, middleOf(real)) - apartM(b.middle, middleOf(real)));
      expect(apartM(near!.middle, middleOf(real)), id).toBeLessThan(60);
      const now = after.find((track) => track.id === near!.id)!;
      expect([now.state, now.confirmedOn?.slice(0, 10), now.category]).toEqual([
        'confirmed',
        mosaics[1],
        near!.category,
      ]);
      expect(Math.abs(now.areaM2 - areaM2)).toBeLessThan(Math.abs(near!.areaM2 - areaM2));
    }
  });

  it('refute what only satellites showed, and no pond, for which colours are not enough', () => {
    const after = new Map(tracksOf('with').map((track) => [track.id, track]));
    const truth = features('sim/truth/truth.geojson').filter(
      ({ properties }) => (properties as { startDate: string }).startDate < mosaics[1],
    );
    const refuted = tracksOf('without').filter(
      ({ id, state }) => (state === 'watched' || state === 'probable') && after.get(id)?.state === 'expired',
    );
    expect(refuted.length).toBeGreaterThan(0);
    for (const { middle, areaM2, id } of refuted.filter((track) => track.areaM2 >= 1000))
      for (const real of truth) expect(apartM(middle, middleOf(real)), `${id} ${areaM2}`).toBeGreaterThan(60);
    const rows = rowsOf('with/observations.csv', observationColumns).filter(({ date }) => date === mosaics[1]);
    const ponds = tracksOf('without').filter(({ classAfter, state }) => classAfter === 'water' && state === 'probable');
    expect(ponds.length).toBeGreaterThan(0);
    for (const { id } of ponds) expect(rows.find(({ track }) => track === id)!.reading).toMatch(/changed|unseen/);
  });

  it('are rows of looks.csv that say what they saw and with which other they were compared', () => {
    const row = (out: string, name: string) =>
      rowsOf(`${out}/looks.csv`, lookColumns).find(({ scene }) => scene === name)!;
    expect(row('with', names[0]!)).toMatchObject({ used: 'no', problem: 'NO_EARLIER' });
    const found = row('with', names[1]!);
    expect(found).toMatchObject({
      used: 'yes',
      sensor: 'uav',
      detail: expect.stringContaining(`compared with ${names[0]!}`),
    });
    expect(Number(found.observedM2)).toBeGreaterThan(6_000_000);
    // 2560 m are nine chunks of 512 px at 2 m
    expect(computed('with')).toBe(9);
  });

  it('give the same bytes when the earlier one comes last', async () => {
    move(names[0]!, 'sim/scenes', 'later');
    await series('b', 'late');
    expect(rowsOf('late/looks.csv', lookColumns).find(({ scene }) => scene === names[1])!.problem).toBe('NO_EARLIER');
    move(names[0]!, 'later', 'sim/scenes');
    await series('b', 'late');
    for (const name of ['tracks.geojson', 'observations.csv', 'areas.csv', 'areas.png', 'looks.csv'])
      expect(readFileSync(at(`late/${name}`)).equals(readFileSync(at(`with/${name}`))), name).toBe(true);
    expect(computed('late')).toBe(9);
  }, 900_000);
});
