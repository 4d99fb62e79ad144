import { describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import { buildLayer } from '../../pipeline/parcel/layer.ts';
import type { Grid, Window } from '../../pipeline/types.ts';
import { parcelMeans, type MeanLook, type ParcelMeans } from '../../workers/season/parcel-means.ts';

const grid: Grid = { crs: crsFromEpsg(32651), affine: [10, 0, 300_000, 0, -10, 3_400_000], width: 40, height: 30 };
const toLonLat = lonLatProjector(grid.crs);
const [lonDeg, latDeg] = toLonLat(300_200, 3_399_850);
const frame = equalAreaFrame({ lonDeg, latDeg });

/** A rectangle of whole pixels, in the frame. */
const boxOf = (col: number, row: number, width: number, height: number): Float64Array =>
  Float64Array.from(
    [
      [col, row],
      [col, row + height],
      [col + width, row + height],
      [col + width, row],
    ].flatMap(([c = 0, r = 0]) => frame.toFrame(...toLonLat(300_000 + 10 * c, 3_400_000 - 10 * r))),
  );
const layer = buildLayer({
  centre: frame.centre,
  features: [
    boxOf(2, 3, 10, 12),
    boxOf(12, 3, 3, 1),
    boxOf(25, 20, 10, 9),
    boxOf(100, 100, 5, 5),
    boxOf(30.6, 5.6, 0.3, 0.3),
  ].map((ring) => ({
    polygons: [[ring]],
    attributes: {},
  })),
});

/** Values by pixel and whether it is seen, as a look that counts what it is asked. */
type At<T> = (col: number, row: number) => T;
function lookOf(date: string, valueOf: At<number>, isSeen: At<boolean> = () => true) {
  const asked: Window[] = [];
  const look: MeanLook = {
    date,
    async read(window) {
      asked.push(window);
      const count = window.width * window.height;
      const at = (i: number) => [window.col + (i % window.width), window.row + Math.floor(i / window.width)] as const;
      const data = Float32Array.from({ length: 2 * count }, (_, i) => (i < count ? 1 : -1) * valueOf(...at(i % count)));
      const seen = Uint8Array.from({ length: count }, (_, i) => (isSeen(...at(i)) ? 1 : 0));
      return { raster: { data, width: window.width, height: window.height, bands: 2 }, seen };
    },
  };
  return { look, asked };
}

async function meansOf(looks: readonly MeanLook[], stripRows: number): Promise<Map<number, ParcelMeans>> {
  const means = new Map<number, ParcelMeans>();
  for await (const one of parcelMeans(layer, { grid, frame, bands: ['red', 'nir'], looks, stripRows }))
    means.set(one.feature, one);
  return means;
}

describe('parcel means', () => {
  it('are of the pixels that touch no other ground, in every look, and every parcel comes once', async () => {
    const edge = (col: number, row: number): number => (col > 2 && col < 11 && row > 3 && row < 14 ? 0.3 : 9);
    const means = await meansOf([lookOf('2026-01-01', edge).look, lookOf('2026-02-01', (_, row) => row).look], 256);
    expect([...means.keys()].sort()).toEqual([0, 1, 2, 4]);
    expect(means.get(0)).toMatchObject({ pixels: 80, isCore: true });
    expect(means.get(0)!.series.bands.red![0]).toBeCloseTo(0.3, 6);
    expect(means.get(0)!.series.bands.nir![0]).toBeCloseTo(-0.3, 6);
    expect(means.get(0)!.series.bands.red![1]).toBeCloseTo(8.5, 6);
  });

  it('of a parcel too small for that are of all its pixels; one without a pixel has none, one outside the grid does not come', async () => {
    const means = await meansOf([lookOf('2026-01-01', (col) => col).look], 256);
    expect(means.get(1)).toMatchObject({ pixels: 3, isCore: false });
    expect(means.get(1)!.series.bands.red![0]).toBeCloseTo(13, 6);
    expect(means.has(3)).toBe(false);
    expect(means.get(4)!.pixels).toBe(0);
    expect(means.get(4)!.series.bands.red![0]).toBeNaN();
  });

  it('are the same however the rows are cut, and each look is read once', async () => {
    const values = (col: number, row: number): number => Math.sin(col * 3 + row);
    const whole = await meansOf([lookOf('2026-01-01', values).look], 256);
    for (const stripRows of [1, 7, 10]) {
      const { look, asked } = lookOf('2026-01-01', values);
      expect(await meansOf([look], stripRows)).toEqual(whole);
      expect(asked.reduce((sum, { height }) => sum + height, 0)).toBe(grid.height);
    }
  });

  it('say nothing of a look that saw less than half of a parcel', async () => {
    const seenTo = (limit: number) =>
      lookOf(
        '2026-01-01',
        () => 0.2,
        (_, row) => row < limit,
      ).look;
    const red = async (limit: number) => (await meansOf([seenTo(limit)], 256)).get(0)!.series.bands.red![0];
    expect(await red(8)).toBeNaN();
    expect(await red(9)).toBeCloseTo(0.2, 6);
  });
});
