import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trackPropertiesSchema } from '../../pipeline/report/series-formats.ts';
import { simulate } from '../../scripts/simulate/simulate.ts';
import type { AlertDetail, ShownAlert } from '../../workers/registry/alert-record.ts';
import { madePhoto } from '../support/made-photo.ts';
import { tianwatch } from '../support/run-command.ts';

const isLong = process.env['TIANWATCH_LONG'] === '1';
const title = isLong ? 'a series through two years' : 'a series through two years (skipped: a long test)';

/** Its hardstand is built, given back, and taken again; its factory has a permit, which is moved so that it covers most of it. */
const seed = 8;
const dates = [
  '2025-01-10',
  '2025-07-20',
  '2025-09-20',
  '2025-12-20',
  '2026-02-10',
  '2026-04-10',
  '2026-07-05',
  '2026-07-20',
  '2026-08-05',
  '2026-08-20',
  '2026-09-20',
  '2026-11-20',
  '2026-12-25',
];
const truth = { hardstand: 'T00009', factory: 'T00005', soilMoved: 'T00010' } as const;
type Ring = readonly (readonly [number, number])[];

const middleOf = (ring: Ring): readonly [number, number] => {
  const mid = (axis: 0 | 1): number => {
    const values = ring.map((point) => point[axis]);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  return [mid(0), mid(1)];
};
/** Metres between two places near Jiaxing. */
const apartM = (a: readonly [number, number], b: readonly [number, number]): number =>
  Math.hypot((a[0] - b[0]) * 95_900, (a[1] - b[1]) * 110_900);

describe.skipIf(!isLong)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-story-'));
  const at = (path: string): string => join(folder, path);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function give(data: string, args: readonly string[]): Promise<string> {
    const { exit, stdout, stderr } = await tianwatch(args, { data: at(data), isNice: true });
    expect(exit, stderr).toBe(0);
    return stdout;
  }
  const importAll = async (data: string): Promise<void> => {
    const asOf = ['--as-of', '2024-12-31'];
    await give(data, ['baseline', 'import', at('sim/survey/DLTB.shp'), '--kind', 'land-survey', ...asOf]);
    await give(data, ['baseline', 'import', at('sim/survey/permit.geojson'), '--kind', 'permit', ...asOf]);
  };
  const series = (data: string, out: string, more: readonly string[] = []): Promise<string> =>
    give(data, [
      'series',
      '--scenes',
      at('sim/scenes'),
      '--out',
      at(out),
      '--baseline',
      '--today',
      '2026-12-31',
      ...more,
    ]);
  const alerts = async (data: string): Promise<readonly ShownAlert[]> =>
    (JSON.parse(await give(data, ['alert', 'list', '--all', '--limit', '2000', '--json'])) as ShownAlert[]).filter(
      ({ axis }) => axis === 'land-class',
    );
  const show = async (data: string, id: string): Promise<AlertDetail> =>
    JSON.parse(await give(data, ['alert', 'show', id, '--json'])) as AlertDetail;
  const truthRing = (id: string): Ring => {
    const { features } = JSON.parse(readFileSync(at('sim/truth/truth.geojson'), 'utf8')) as {
      readonly features: readonly { properties: { id: string }; geometry: { coordinates: readonly Ring[] } }[];
    };
    return features.find(({ properties }) => properties.id === id)!.geometry.coordinates[0]!;
  };
  const permitOf = (id: string): string => id.replace('T', 'MN');
  /** Permits as a file in which one lies further west, by a share of its width, and reaches further, each way alike. */
  function movePermit(id: string, { shift, grow }: { shift: number; grow: number }, to: string): void {
    const document = JSON.parse(readFileSync(at('sim/survey/permit.geojson'), 'utf8')) as {
      readonly features: { properties: { id: string }; geometry: { coordinates: Ring[] } }[];
    };
    const { geometry } = document.features.find(({ properties }) => properties.id === id)!;
    const ring = geometry.coordinates[0]!;
    const [x, y] = middleOf(ring);
    const west = shift * (Math.max(...ring.map(([px]) => px)) - Math.min(...ring.map(([px]) => px)));
    geometry.coordinates = [ring.map(([px, py]) => [x + (px - x) * grow - west, y + (py - y) * grow] as const)];
    writeFileSync(to, JSON.stringify(document));
  }
  async function alertOn(data: string, id: string): Promise<AlertDetail> {
    const place = middleOf(truthRing(id));
    for (const alert of await alerts(data)) {
      const detail = await show(data, alert.id);
      if (detail.ground?.some((rings) => apartM(middleOf(rings[0]!), place) < 60)) return detail;
    }
    throw new Error(`no alert on ${id}`);
  }
  const tracksOf = (out: string) =>
    (
      JSON.parse(readFileSync(at(`${out}/tracks.geojson`), 'utf8')) as { features: { properties: unknown }[] }
    ).features.map(({ properties }) => trackPropertiesSchema.parse(properties));

  beforeAll(async () => {
    await simulate({ seed, size: 256, gsd: '10', looks: dates.length, dates, sky: 'clear' }, at('sim'));
    movePermit(permitOf(truth.factory), { shift: 0.15, grow: 1 }, at('sim/survey/permit.geojson'));
    await importAll('a');
  }, 600_000);

  it('asks for closing evidence when ground is given back, and re-opens the same alert when it is taken again', async () => {
    await series('a', 'part', ['--to', '2026-08-20']);
    const before = await alertOn('a', truth.hardstand);
    expect(before.alert).toMatchObject({ state: 'recovering', kind: 'non-farm' });
    expect(before.alert.history.at(-1)).toMatchObject({ event: 'recovery-seen', zh: expect.stringContaining('举证') });
    await series('a', 'whole');
    const after = await show('a', before.alert.id);
    expect(after.alert).toMatchObject({ state: 'open', track: before.alert.track });
    expect(after.alert.history.map(({ event }) => event)).toEqual([
      ...before.alert.history.map(({ event }) => event),
      'reopened',
    ]);
  }, 900_000);

  it('gives equal bytes and alerts when earlier scenes arrive late', async () => {
    await importAll('b');
    mkdirSync(at('later'));
    const late = readdirSync(at('sim/scenes')).filter((name) => /2025(0110|0920)|20260705/.test(name));
    expect(late.length).toBe(6);
    for (const name of late) renameSync(at(`sim/scenes/${name}`), at(`later/${name}`));
    await series('b', 'late');
    expect(tracksOf('late').length).toBeGreaterThan(0);
    for (const name of late) renameSync(at(`later/${name}`), at(`sim/scenes/${name}`));
    await series('b', 'late');
    for (const name of ['tracks.geojson', 'observations.csv', 'areas.csv', 'areas.png', 'looks.csv', 'planting.csv'])
      expect(readFileSync(at(`late/${name}`)).equals(readFileSync(at(`whole/${name}`))), name).toBe(true);
    const standing = async (data: string) => (await alerts(data)).filter(({ state }) => state !== 'withdrawn');
    expect(await standing('b')).toEqual(await standing('a'));
  }, 900_000);

  it('keeps a change with the permit that explains it and what is left over, and as lawful once all of it is permitted', async () => {
    const partly = await alertOn('a', truth.factory);
    expect(partly.alert.state).toBe('open');
    const [permit] = partly.facts['permits'] as { number: string; coveredM2: number; remainderM2: number }[];
    expect(permit!.coveredM2).toBeGreaterThan(0.6 * partly.alert.areaM2);
    expect(permit!.remainderM2).toBeGreaterThan(0);
    expect(partly.facts['unpermittedM2']).toBeGreaterThan(0);
    expect(await give('a', ['alert', 'show', partly.alert.id])).toContain(`${permit!.number}: 覆盖 covers`);
    cpSync(at('a'), at('c'), { recursive: true });
    // an extension of the permit: its outline, half as large again each way
    movePermit(permitOf(truth.factory), { shift: 0, grow: 1.5 }, at('extended.geojson'));
    await give('c', ['baseline', 'import', at('extended.geojson'), '--kind', 'permit', '--as-of', '2026-06-30']);
    await series('c', 'permitted');
    const lawful = await show('c', partly.alert.id);
    expect(lawful.alert).toMatchObject({ state: 'lawful', dueDate: null, task: null });
    expect((lawful.facts['permits'] as { remainderM2: number }[])[0]!.remainderM2).toBeGreaterThan(permit!.remainderM2);
    expect((await alerts('c')).map(({ id }) => id)).toContain(partly.alert.id);
  }, 900_000);

  it('takes back what a person refutes with a photo, and takes no photo that looks elsewhere', async () => {
    // the day of a verdict is no day of the future
    const until = ['--to', '2026-11-26'];
    await series('a', 'seen', until);
    const found = await alertOn('a', truth.soilMoved);
    expect(found.alert.certainty).toBe('confirmed');
    const place = middleOf(truthRing(truth.soilMoved));
    const photo = { lonDeg: place[0], latDeg: place[1] - 150 / 110_900, bearingDeg: 0, focal35Mm: 26 };
    const taken = { taken: '2026:11:26 10:21:05', sizePx: [4000, 3000] as const };
    writeFileSync(at('photo.jpg'), madePhoto({ ...photo, ...taken }));
    writeFileSync(at('away.jpg'), madePhoto({ ...photo, ...taken, bearingDeg: 180 }));
    const verdict = (name: string, says: string, alert: string) => [
      'verdict',
      'add',
      '--alert',
      alert,
      '--says',
      says,
      '--photo',
      at(name),
      '--date',
      '2026-11-26',
      '--by',
      '王工',
      '--json',
    ];
    const away = await tianwatch(verdict('away.jpg', 'refuted', found.alert.id), { data: at('a') });
    expect([away.exit, away.stderr]).toEqual([1, expect.stringContaining('INPUT_INVALID')]);
    await give('a', verdict('photo.jpg', 'refuted', found.alert.id));
    const before = tracksOf('seen').find(({ id }) => id === found.alert.track)!;
    expect(before.state).toBe('confirmed');
    await series('a', 'heard', until);
    const after = tracksOf('heard').find(({ id }) => id === found.alert.track)!;
    expect(after.state).toBe('reversed');
    expect((await show('a', found.alert.id)).alert.state).toBe('refuted');
  }, 900_000);

  it('believes what a person confirms with a photo and the still of a tower, before looks agree', async () => {
    cpSync(at('a'), at('d'), { recursive: true });
    const until = ['--to', '2026-04-10'];
    await series('d', 'early', until);
    const suspected = (await alerts('d')).find(({ state, certainty }) => state === 'open' && certainty === 'probable');
    const { alert, ground } = await show('d', suspected!.id);
    const trackIn = (out: string) => tracksOf(out).find(({ id }) => id === alert.track)!;
    expect(trackIn('early').state).toBe('probable');
    const [lonDeg, latDeg] = middleOf(ground![0]![0]!);
    const taken = { taken: '2026:04:12 10:21:05', sizePx: [4000, 3000] as const, focal35Mm: 26 };
    writeFileSync(at('there.jpg'), madePhoto({ lonDeg, latDeg: latDeg - 150 / 110_900, bearingDeg: 0, ...taken }));
    writeFileSync(at('still.jpg'), madePhoto({}));
    const tower = { lonDeg: lonDeg + 1500 / 95_900, latDeg, heightM: 40, bearingDeg: 270, tiltDeg: 2 };
    const lens = { viewDeg: 40, viewUpDeg: 24, takenAt: '2026-04-12T09:30:00' };
    const registration = { format: 'tianwatch-camera/1', camera: '塔 7', ...tower, ...lens };
    writeFileSync(at('still.jpg.camera.json'), JSON.stringify(registration));
    const said = ['--says', 'confirmed', '--date', '2026-04-12', '--by', '王工'];
    await give('d', ['verdict', 'add', '--alert', alert.id, ...said, '--photo', at('there.jpg'), at('still.jpg')]);
    const heard = await show('d', alert.id);
    expect(heard.alert).toMatchObject({ state: 'confirmed', certainty: 'confirmed' });
    expect(heard.alert.evidence).toHaveLength(2);
    await series('d', 'believed', until);
    expect(trackIn('believed')).toMatchObject({
      state: 'confirmed',
      confirmedOn: expect.stringContaining('2026-04-12'),
    });
    expect((await show('d', alert.id)).alert).toMatchObject({ state: 'confirmed', certainty: 'confirmed' });
  }, 900_000);
});
