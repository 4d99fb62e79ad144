import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { buildLayer, type ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { encodeLayer } from '../../pipeline/parcel/layer-file.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import { countyOf, territoryOf } from '../../pipeline/parcel/territory.ts';
import type { Grid } from '../../pipeline/types.ts';
import { countyOfRun, makeTerritory } from '../../workers/compute/run-county.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';

const centre = { lonDeg: 120.75, latDeg: 30.75 };
const { toLonLat } = equalAreaFrame(centre);
const square = (x: number, y: number, sideM: number) => [
  Float64Array.of(x, y, x + sideM, y, x + sideM, y + sideM, x, y + sideM),
];

/** Fields of 250 m: 20 km of one county, 10 km of the next east of it, and a field that says nothing. */
function madeLayer(): ParcelLayer {
  const features = Array.from({ length: 40 * 120 }, (_, at) => {
    const [x, y] = [(at % 120) * 250 - 20_000, Math.floor(at / 120) * 250 - 5000];
    return { polygons: [square(x, y, 250)], attributes: { county: x < 0 ? '330411' : '330421' } };
  });
  return buildLayer({
    centre,
    features: [...features, { polygons: [square(30_000, 0, 250)], attributes: { county: '' } }],
  });
}
const layer = madeLayer();
const territory = territoryOf(layer)!;

/** An area of so many metres about a place of the frame, in longitude and latitude. */
const areaAt = (x: number, y: number, sideM: number) => [
  [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
    [0, 0],
  ].map(([u, v]) => toLonLat(x + (u! - 0.5) * sideM, y + (v! - 0.5) * sideM)),
];
function gridAt(x: number, y: number, sideM: number): Grid {
  const [lon, lat] = toLonLat(x, y);
  const deg = sideM / 100_000;
  return {
    crs: crsFromEpsg(4326),
    affine: [deg / 100, 0, lon - deg / 2, 0, -deg / 100, lat + deg / 2],
    width: 100,
    height: 100,
  };
}

describe('the county of a run', () => {
  it('is the one with most of the area or of the scene, however small or large those are', () => {
    expect(territory.counties).toEqual(['330411', '330421']);
    expect(countyOf(territory, [areaAt(-8000, 0, 40)])).toBe('330411');
    expect(countyOf(territory, [areaAt(8000, 0, 40)])).toBe('330421');
    expect(countyOf(territory, [areaAt(-1500, 0, 9000)])).toBe('330411');
    expect(countyOf(territory, [areaAt(1500, 0, 9000)])).toBe('330421');
    expect(countyOf(territory, gridAt(0, 0, 100_000))).toBe('330411');
    expect(countyOf(territory, gridAt(6000, 0, 10_000))).toBe('330421');
  });

  it('is none where no parcel says one', () => {
    expect(countyOf(territory, [areaAt(30_125, 125, 100)])).toBeNull();
    expect(countyOf(territory, gridAt(-200_000, 0, 20_000))).toBeNull();
    expect(territoryOf(buildLayer({ centre, features: [] }))).toBeNull();
  });

  it('stays small, whatever strays', () => {
    const features = [-9e6, 0, 9e6].map((x) => ({ polygons: [square(x, 0, 100)], attributes: { county: '330411' } }));
    expect(territoryOf(buildLayer({ centre, features }))!.squares.length).toBeLessThanOrEqual(200_000);
  });

  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-territory-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is told by the newest survey, which is read once', async () => {
    const images = await openFolderStore(join(folder, 'images'));
    await images.put('layer/a', encodeLayer(layer));
    const ref: LayerRef = {
      kind: 'land-survey',
      zone: null,
      id: 'a'.repeat(64),
      asOf: '2025-12-31',
      key: 'layer/a',
      file: 'a',
      features: 1,
    };
    const aoi = join(folder, 'aoi.geojson');
    writeFileSync(aoi, JSON.stringify({ type: 'Polygon', coordinates: areaAt(3000, 0, 500) }));
    const asked = { before: { files: ['/nowhere.tif'] }, aoi };
    let made = 0;
    const tools = {
      images,
      candidates: [{ ref, number: 1 }],
      make: (one: LayerRef) => ((made += 1), makeTerritory(images, one)),
    };
    expect([await countyOfRun(asked, tools), await countyOfRun(asked, tools), made]).toEqual(['330421', '330421', 1]);
    expect(await countyOfRun(asked, { ...tools, candidates: [] })).toBeNull();
    await expect(countyOfRun({ before: asked.before }, tools)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});
