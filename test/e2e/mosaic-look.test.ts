import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { boxOf } from '../../pipeline/parcel/layer.ts';
import type { Track } from '../../pipeline/track/track.ts';
import type { Look } from '../../scripts/simulate/look.ts';
import { frameOf } from '../../scripts/simulate/raster-files.ts';
import { openLook } from '../../scripts/simulate/render.ts';
import { mosaicSensor, type SimulatedSensor } from '../../scripts/simulate/sensor.ts';
import { openSky } from '../../scripts/simulate/sky.ts';
import { openTruth } from '../../scripts/simulate/truth.ts';
import { makeWorld } from '../../scripts/simulate/world.ts';
import { homeAt } from '../../workers/home.ts';
import { frameCentreOf } from '../../workers/series/detect-look.ts';
import { runSeries, type SeriesResult } from '../../workers/series/run-series.ts';
import { lookRows } from '../../workers/series/series-documents.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-mosaic-look-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seed = 8;
const flown = ['2025-04-20', '2026-08-20'] as const;
const dates = ['2025-01-10', '2025-05-20', '2026-07-20', '2026-12-25'];
/** 640 m; three satellite scenes of 10 m and two mosaics of 2 m. */
const world = makeWorld({ seed, size: 64, gsd: '10', looks: dates.length, dates, mosaics: flown, sky: 'clear' });
const { sideM, sizePx } = world;

async function writeScene(name: string, look: Look, sensor: SimulatedSensor): Promise<void> {
  const side = Math.round(sideM / sensor.gsdM);
  const data = openLook(world, look, { sensor, sky: openSky(look, { seed, sideM }), sizePx: side }).rows(0, side);
  const names = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'].slice(0, sensor.bands);
  const { affine } = frameOf({ sensor, sideM });
  const says = { acquired: look.date, metadata: { SENSOR: sensor.label } };
  const path = await writeMadeScene(join(folder, 'scenes', name), {
    data,
    width: side,
    height: side,
    names,
    affine,
    ...says,
  });
  writeFileSync(`${path}.scene.json`, JSON.stringify({ scale: 0.0001 }));
}

/** Share of the box of a track that truly changed before the second flight; of what lies askew not much more than half. */
function changedShare({ polygons }: Track, grid: NonNullable<SeriesResult['plan']>['grid']): number {
  const { gsdM, subPx } = world.sensor;
  const days = [world.looks[0]!.day, world.mosaics[1]!.day] as const;
  const { owner } = openTruth(world, { gsdM, subPx, sizePx, days })({ fromRow: 0, count: sizePx });
  const frame = equalAreaFrame(frameCentreOf(grid));
  const project = projector(crsFromEpsg(4326), grid.crs);
  const [minX, minY, maxX, maxY] = boxOf(polygons);
  const toPixel = (x: number, y: number): readonly [number, number] => {
    const [east, north] = project(...frame.toLonLat(x, y));
    return [Math.floor((east - grid.affine[2]) / 10), Math.floor((grid.affine[5] - north) / 10)];
  };
  const [[left, bottom], [right, top]] = [toPixel(minX, minY), toPixel(maxX - 1, maxY - 1)];
  const pixels: number[] = [];
  for (let row = top; row <= bottom; row++)
    for (let col = left; col <= right; col++) pixels.push(owner[row * sizePx + col] === 0 ? 0 : 1);
  return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
}

describe('a mosaic in red, green and blue beside satellite scenes', () => {
  let result: SeriesResult;
  beforeAll(async () => {
    mkdirSync(join(folder, 'scenes'));
    for (const look of world.looks.slice(0, 3)) await writeScene(`s${look.date}.tif`, look, world.sensor);
    for (const look of world.mosaics) await writeScene(`u${look.date}.tif`, look, { ...mosaicSensor, gsdM: 2 });
    const [scenes, out] = [join(folder, 'scenes'), join(folder, 'out')];
    const request = {
      scenes,
      from: null,
      to: null,
      model: 'auto',
      grid: null,
      aoi: null,
      baseline: 'none',
      out,
      force: false,
    };
    const { signal } = new AbortController();
    const home = homeAt(join(folder, 'data'));
    result = await runSeries(request, { home, threads: 1, signal, today: '2026-12-31', onStage: () => {} });
  }, 60_000);

  it('is compared in its own pixels with the earlier one, and costs its own part', () => {
    expect(
      result.looks.map(({ opened, computed, comparedWith }) => [opened.name, computed, comparedWith?.name]),
    ).toEqual([
      ['s2025-01-10', 1, undefined],
      ['s2025-05-20', 1, undefined],
      ['s2026-07-20', 1, undefined],
      ['u2026-08-20', 1, 'u2025-04-20'],
    ]);
    const rows = new Map(lookRows(result).map((row) => [row.scene, row]));
    expect(rows.get('u2025-04-20')!.why).toMatchObject({ problem: 'NO_EARLIER' });
    const { how, observedM2, unobservedM2 } = rows.get('u2026-08-20')!;
    expect(how).toMatch(/compared with u2025-04-20 in pixels of 2\.00 m by gf-change/);
    expect(observedM2! / sideM ** 2).toBeCloseTo(1, 1);
    expect(unobservedM2).toBeGreaterThanOrEqual(0);
  });

  it('confirms what one satellite scene showed, where the ground did change', () => {
    const losses = ['non-farm', 'non-grain'];
    const believed = result.tracks.filter(({ state, category }) => state === 'confirmed' && losses.includes(category));
    expect(believed.length).toBeGreaterThan(1);
    for (const track of believed) {
      expect([track.confirmedOn?.slice(0, 10), track.looksToConfirm, track.gsdM]).toEqual([
        flown[1],
        2,
        expect.closeTo(2, 1),
      ]);
      expect(changedShare(track, result.plan!.grid), track.id).toBeGreaterThan(0.25);
    }
  });

  it('refutes what one satellite scene showed, where it did not', () => {
    const refuted = result.tracks.filter(({ history }) => history.some(({ event }) => event === 'refuted'));
    expect(refuted.length).toBeGreaterThan(0);
    for (const track of refuted) {
      expect(track).toMatchObject({ state: 'expired', lastSeen: dates[2] });
      expect(changedShare(track, result.plan!.grid), track.id).toBeLessThan(0.2);
    }
  });
});
