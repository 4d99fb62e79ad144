import { expect, test } from 'vitest';
import { loadCard } from '../../models/shelf.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { Affine, BandName, Scene, SceneBand } from '../../pipeline/types.ts';
import { isFineLook, planFineLook } from '../../workers/series/plan-fine-look.ts';
import type { PairBase } from '../../workers/series/plan-pair.ts';
import { referenceOf } from '../../workers/series/reference.ts';
import type { OpenedLook } from '../../workers/series/series-plan.ts';

const rgb = ['red', 'green', 'blue'] as const;
const msi = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'] as const;

interface Made {
  readonly acquired: string;
  readonly gsdM?: number;
  readonly names?: readonly BandName[];
  readonly sensor?: string;
  readonly seenFraction?: number;
  readonly radiometry?: Scene['radiometry'];
  /** of the upper left corner against that of the series (m) */
  readonly eastM?: number;
}

/** A square of 1 km; mosaics of half a metre where nothing else is said. */
function made({ acquired, gsdM = 0.5, names = rgb, sensor = 'uav', seenFraction = 1, ...rest }: Made): OpenedLook {
  const { radiometry = 'reflectance', eastM = 0 } = rest;
  const affine: Affine = [gsdM, 0, 300_000 + eastM, 0, -gsdM, 3_400_000];
  const side = 1000 / gsdM;
  const name = `${sensor} ${acquired} ${gsdM}`;
  const bands = names.map((band) => ({ name: band }) as SceneBand);
  const grid = { crs: crsFromEpsg(32651), affine, width: side, height: side };
  const scene: Scene = { id: name, files: [], grid, bands, acquired, sensor, gsdM, radiometry };
  return { name, id: name, acquired, sensor, scene, seenFraction, cloudFraction: null };
}

const satellite = made({ acquired: '2025-03-01', gsdM: 10, names: msi, sensor: 'sentinel-2' });
const base: PairBase = {
  grid: satellite.scene.grid,
  gsdM: 10,
  chunks: [],
  areaOfInterest: null,
  layers: [],
  card: loadCard('s2-change'),
  mayDoWithout: false,
};
const plan = (look: OpenedLook, others: readonly OpenedLook[]) =>
  planFineLook(look, [satellite, ...others, look], {
    base,
    lattice: {},
    measure: async ({ before, after, bands }) => ({
      before: { scene: before, bands: bands.before, cloud: null },
      after: { scene: after, bands: bands.after, cloud: null },
      statistics: null,
    }),
  });
const why = async (look: OpenedLook, others: readonly OpenedLook[]) => {
  const planned = await plan(look, others);
  return 'problem' in planned ? planned : null;
};
const flight = made({ acquired: '2026-09-01' });

test('mosaics, and finer scenes without a band of the network, are compared in their own pixels', () => {
  const gf = (names: readonly BandName[]) => made({ acquired: '2026-05-01', gsdM: 2, names, sensor: 'gf-2' });
  const four: readonly BandName[] = [...rgb, 'nir'];
  expect([flight, gf(rgb), gf(four), satellite].map((look) => isFineLook(look, base))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isFineLook(made({ acquired: '2026-09-01', names: four }), base)).toBe(true);
  expect(isFineLook(flight, { card: loadCard('gf-change'), gsdM: 2 })).toBe(false);
  expect(isFineLook(flight, { card: null, gsdM: 10 })).toBe(false);
});

test('a mosaic without an earlier scene to compare it with says what is wanted', async () => {
  const later = made({ acquired: '2026-10-01' });
  const elsewhere = made({ acquired: '2025-04-20', eastM: 700 });
  const blind = made({ acquired: '2025-04-20', seenFraction: 0 });
  const found = await why(flight, [later, elsewhere, blind]);
  expect(found).toMatchObject({ problem: 'NO_EARLIER' });
  expect(found!.detail).toMatch(/0\.50 m .* 10 m grid of s2-change; gf-change .* at most 8 m\. Add one of this ground/);
});

test('values of a mosaic need not be reflectance', async () => {
  const of = (acquired: string) => made({ acquired, radiometry: 'dn' });
  expect(await why(of('2026-09-01'), [of('2025-04-20')])).toEqual({
    problem: 'NOT_COMPARABLE',
    detail: expect.stringContaining('shares no seen pixel'),
  });
});

test('it is compared with the first clear one before it, however late that comes', async () => {
  const asked: string[] = [];
  const first = made({ acquired: '2025-04-20' });
  const cloudy = made({ acquired: '2025-02-01', seenFraction: 0.4 });
  const gf = made({ acquired: '2025-06-01', gsdM: 2, names: [...rgb, 'nir'], sensor: 'gf-2' });
  for (const others of [
    [gf, first, cloudy],
    [cloudy, first, gf],
    [gf, cloudy],
  ]) {
    const measure = async ({ before }: { before: Scene }) => {
      asked.push(before.id);
      throw new Error('asked');
    };
    await planFineLook(flight, [...others, flight], { base, lattice: {}, measure }).catch(() => null);
  }
  expect(asked).toEqual([first.name, first.name, gf.name]);
});

test('a mosaic is the reference of a series only where there is nothing else', () => {
  const early = made({ acquired: '2025-01-01' });
  expect(referenceOf([early, satellite]).name).toBe(satellite.name);
  expect(referenceOf([flight, early]).name).toBe(early.name);
});
