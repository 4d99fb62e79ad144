import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { trackPropertiesSchema, type TrackProperties } from '../../pipeline/report/series-formats.ts';
import { tianwatch } from '../support/run-command.ts';

const shared = process.env['TIANWATCH_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const [cities, naip] = [join(shared, 'data/s2_pairs'), join(shared, 'data/naip_timeseries')];
const isLong = process.env['TIANWATCH_LONG'] === '1' && existsSync(cities);
if (!isLong) process.stdout.write('series of real places: skipped, wants TIANWATCH_LONG=1 and ../shared\n');

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-series-places-'));
const data = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tracksOf(out: string): readonly TrackProperties[] {
  const { features } = JSON.parse(readFileSync(join(out, 'tracks.geojson'), 'utf8')) as {
    readonly features: readonly { readonly properties: unknown }[];
  };
  return features.map(({ properties }) => trackPropertiesSchema.parse(properties));
}

describe.skipIf(!isLong)('tianwatch series on real places', { timeout: 3_600_000 }, () => {
  it('confirms nothing where there are two looks', async () => {
    const counts: Record<string, number> = {};
    for (const city of readdirSync(cities).toSorted()) {
      const out = join(folder, city);
      // masks that lie beside the scenes are none, which ten cities say by exit 3
      const { exit, stderr } = await tianwatch(['series', '--scenes', join(cities, city), '--out', out], { data });
      expect([0, 3], `${city}: ${stderr}`).toContain(exit);
      const states = tracksOf(out).map(({ state }) => state);
      expect(states.length, city).toBeGreaterThan(0);
      for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
    }
    process.stdout.write(
      `states of ${Object.values(counts).reduce((a, b) => a + b, 0)} tracks: ${JSON.stringify(counts)}\n`,
    );
    expect(Object.keys(counts).toSorted()).toEqual(['probable', 'watched']);
  });

  it.each([
    // months of one square kilometre of fields: sown, green, ploughed, and nothing built
    ['belgium_s2_12month', (name: string) => name.replace('.tif', '-15.tif')],
    // a reservoir among woods whose water goes and comes back
    ['boadella_series', (name: string) => name],
  ])('confirms no building and no pond in %s, where nothing but plants and water changed', async (place, named) => {
    const scenes = join(folder, place);
    mkdirSync(scenes);
    for (const name of readdirSync(join(shared, 'data', place)))
      if (name.endsWith('.tif'))
        symlinkSync(join(shared, 'data', place, name), join(scenes, `${place}_${named(name)}`));
    const { exit, stderr } = await tianwatch(['series', '--scenes', scenes, '--out', join(folder, `${place}-out`)], {
      data,
    });
    expect(exit, stderr).toBe(0);
    const tracks = tracksOf(join(folder, `${place}-out`));
    const shown = tracks.filter(({ state }) => state === 'probable' || state === 'confirmed');
    process.stdout.write(
      `${place}: ${tracks.length} tracks, ${shown.map(({ state, category }) => `${state} ${category}`).join(', ') || 'none probable'}\n`,
    );
    expect(tracks.filter(({ state }) => state === 'confirmed')).toEqual([]);
  });

  it('follows ponds that grow over fields through ten years, in whatever order the files come', async () => {
    const names = readdirSync(naip).filter((name) => name.endsWith('.tif'));
    mkdirSync(join(folder, 'reversed'));
    for (const [position, name] of names.toSorted().entries())
      symlinkSync(join(naip, name), join(folder, 'reversed', `${names.length - position}_${name.slice(-12)}`));
    const run = async (scenes: string, out: string) => {
      const args = [
        'series',
        '--scenes',
        scenes,
        '--bands',
        'R,G,B,NIR',
        '--model',
        'none',
        '--out',
        join(folder, out),
      ];
      const { exit, stderr } = await tianwatch(args, { data });
      expect(exit, stderr).toBe(0);
    };
    await run(naip, 'naip');
    await run(join(folder, 'reversed'), 'naip-reversed');
    for (const name of ['tracks.geojson', 'observations.csv', 'areas.csv', 'areas.png']) {
      const [a, b] = ['naip', 'naip-reversed'].map((out) => readFileSync(join(folder, out, name)));
      expect(a!.equals(b!), name).toBe(true);
    }
    const ponds = tracksOf(join(folder, 'naip')).filter(
      ({ classAfter, mergedInto }) => classAfter === 'water' && mergedInto === null,
    );
    const grown = ponds.filter(({ history, looks, areaM2 }) => looks >= 3 && areaM2 > 2 * (history[0]?.areaM2 ?? 0));
    process.stdout.write(
      `${ponds.length} ponds, ${grown.length} of them grown and seen on 3 dates or more; largest ${Math.max(...grown.map(({ areaM2 }) => areaM2))} m²\n`,
    );
    expect(grown.length).toBeGreaterThan(0);
    expect(grown.some(({ parents }) => parents.length > 0)).toBe(true);
  });
});
