import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskFromCloudBand, maskFromScl } from '../../pipeline/pair/cloud-band.ts';
import { cloudClass, cloudDecision, unobservedFrom } from '../../pipeline/pair/cloud-class.ts';
import { fitCloudStatistics, typicalStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { cloudHaloPx, maskClouds } from '../../pipeline/pair/cloud.ts';
import type { BandName, Raster } from '../../pipeline/types.ts';

const bands: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const crop = [0.1, 0.09, 0.06, 0.4];
const soil = [0.12, 0.14, 0.18, 0.28];
const cloud = [0.55, 0.54, 0.53, 0.6];
const roof = [0.4, 0.41, 0.42, 0.45];
const desert = [0.3, 0.36, 0.43, 0.47];

type Spectrum = readonly number[];

/** A plane whose pixels are given by position, with a little texture that is the same in every run. */
function paint(width: number, height: number, at: (col: number, row: number) => Spectrum): Raster {
  const data = new Float32Array(4 * width * height);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const spectrum = at(col, row);
      const texture = 1 + 0.04 * Math.sin(col * 12.9898 + row * 78.233);
      for (let band = 0; band < 4; band++)
        data[(band * height + row) * width + col] = spectrum[band]! * (band === 0 ? 1 : texture);
    }
  return { data, width, height, bands: 4 };
}

const field = (col: number, row: number): Spectrum => (((col >> 4) + (row >> 4)) % 3 === 0 ? soil : crop);
const inDisc = (col: number, row: number, [x, y, radius]: readonly [number, number, number]): boolean =>
  (col - x) ** 2 + (row - y) ** 2 < radius * radius;
const clouds = [
  [90, 100, 22],
  [200, 150, 12],
] as const;
const isCloud = (col: number, row: number): boolean => clouds.some((disc) => inDisc(col, row, disc));
const isShade = (col: number, row: number): boolean => !isCloud(col, row) && isCloud(col + 18, row + 22);

function cloudyFields(): Raster {
  return paint(280, 260, (col, row) => {
    if (isCloud(col, row)) return cloud;
    const ground = field(col, row);
    return isShade(col, row) ? [0.09, 0.07, 0.3 * ground[2]!, 0.35 * ground[3]!] : ground;
  });
}

function maskOf(raster: Raster, names: readonly BandName[] = bands): Uint8Array {
  return maskClouds({ raster, bands: names, gsdM: 10, statistics: fitCloudStatistics([raster], names) });
}

function agreement(mask: Uint8Array, raster: Raster, value: number, is: (col: number, row: number) => boolean): number {
  let [hit, wrong] = [0, 0];
  mask.forEach((found, i) => {
    const truth = is(i % raster.width, Math.floor(i / raster.width));
    if (found === value && truth) hit++;
    else if (found === value || truth) wrong++;
  });
  return (2 * hit) / (2 * hit + wrong);
}

function crop2d(raster: Raster, at: { col: number; row: number; width: number; height: number }): Raster {
  const data = new Float32Array(4 * at.width * at.height);
  for (let band = 0; band < 4; band++)
    for (let row = 0; row < at.height; row++) {
      const from = (band * raster.height + at.row + row) * raster.width + at.col;
      data.set(raster.data.subarray(from, from + at.width), (band * at.height + row) * at.width);
    }
  return { data, width: at.width, height: at.height, bands: 4 };
}

describe('cloud mask', () => {
  it('finds cloud discs and their shadows over fields', () => {
    const raster = cloudyFields();
    const mask = maskOf(raster);
    expect(agreement(mask, raster, cloudClass.cloud, isCloud)).toBeGreaterThan(0.95);
    expect(agreement(mask, raster, cloudClass.shadow, isShade)).toBeGreaterThan(0.9);
  });

  it('leaves white roofs of 80 m, their surroundings and desert clear', () => {
    const town = paint(200, 200, (col, row) => ((col + 14) % 20 < 8 && (row + 14) % 20 < 8 ? roof : soil));
    expect(maskOf(town).some((value) => value !== cloudClass.clear)).toBe(false);
    const sand = paint(200, 200, () => desert);
    expect(maskOf(sand).some((value) => value !== cloudClass.clear)).toBe(false);
  });

  it('leaves open water beside a cloud clear, although it is darker than any shadow', () => {
    const raster = paint(220, 220, (col, row) =>
      inDisc(col, row, [70, 110, 25]) ? cloud : col > 110 ? [0.08, 0.06, 0.03, 0.02] : crop,
    );
    const mask = maskOf(raster);
    expect(mask[110 * 220 + 70]).toBe(cloudClass.cloud);
    expect(agreement(mask, raster, cloudClass.clear, (col, row) => !inDisc(col, row, [70, 110, 25]))).toBeGreaterThan(
      0.99,
    );
  });

  it('calls a smooth grey veil thin although it is no brighter than a town', () => {
    const grey = [0.15, 0.134, 0.118, 0.3];
    const data = Float32Array.from({ length: 4 * 120 * 120 }, (_, i) => grey[Math.floor(i / 14_400)]!);
    expect(maskOf({ data, width: 120, height: 120, bands: 4 }).every((value) => value === cloudClass.thin)).toBe(true);
    const town = paint(120, 120, (col, row) =>
      grey.map((value) => value * ((col * 7 + row * 13) % 5 < 2 ? 0.85 : 1.1)),
    );
    expect(maskOf(town).every((value) => value === cloudClass.clear)).toBe(true);
  });

  it('tells snow from cloud once there is a short-wave infrared band, and not before', () => {
    const snow = paint(100, 100, () => [0.6, 0.6, 0.58, 0.5]);
    expect(maskOf(snow)[5050]).toBe(cloudClass.cloud);
    const data = new Float32Array(5 * 10_000);
    data.set(snow.data);
    data.fill(0.08, 40_000);
    expect(maskOf({ ...snow, data, bands: 5 }, [...bands, 'swir16'])[5050]).toBe(cloudClass.clear);
  });

  it('is the same in every tiling when each window carries its halo', () => {
    const raster = cloudyFields();
    for (let i = 0; i < raster.data.length; i += 977) raster.data[i] = Number.NaN;
    const statistics = fitCloudStatistics([raster], bands);
    const unobserved = (window: Raster): Uint8Array =>
      unobservedFrom(maskClouds({ raster: window, bands, gsdM: 10, statistics }), window, 10);
    const whole = unobserved(raster);
    fc.assert(
      fc.property(fc.nat(280 - 2 * cloudHaloPx - 20), fc.nat(260 - 2 * cloudHaloPx - 20), (col, row) => {
        const side = 2 * cloudHaloPx + 20;
        const part = unobserved(crop2d(raster, { col, row, width: side, height: side }));
        for (let y = cloudHaloPx; y < side - cloudHaloPx; y++)
          for (let x = cloudHaloPx; x < side - cloudHaloPx; x++)
            if (part[y * side + x] !== whole[(row + y) * 280 + col + x]) return false;
        return true;
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('marks NaN and infinities as nodata and never dilates nodata', () => {
    const raster = paint(60, 60, field);
    raster.data[30 * 60 + 30] = Number.NaN;
    raster.data[3600 + 5 * 60 + 5] = Number.POSITIVE_INFINITY;
    const mask = maskOf(raster);
    expect([...mask.entries()].filter(([, value]) => value !== cloudClass.clear)).toEqual([
      [5 * 60 + 5, cloudClass.nodata],
      [30 * 60 + 30, cloudClass.nodata],
    ]);
    expect(unobservedFrom(mask, raster, 10).reduce((sum, value) => sum + value, 0)).toBe(2);
  });

  it('makes an all-nodata window nodata, whatever the statistics', () => {
    const raster = { data: new Float32Array(4 * 400).fill(Number.NaN), width: 20, height: 20, bands: 4 };
    expect(maskOf(raster).every((value) => value === cloudClass.nodata)).toBe(true);
  });

  it('refuses a window without the near infrared band and names it', () => {
    const raster = paint(20, 20, field);
    const three: readonly BandName[] = ['blue', 'green', 'red'];
    expect(() => maskClouds({ raster, bands: three, gsdM: 10, statistics: null })).toThrow(
      expect.objectContaining({ code: 'MODEL_MISMATCH', message: expect.stringContaining('lacks nir') }),
    );
  });

  it('widens cloud by 40 m on the ground, as a disc', () => {
    const extent = { width: 41, height: 41 };
    const mask = new Uint8Array(41 * 41);
    mask[20 * 41 + 20] = cloudClass.cloud;
    const at10 = unobservedFrom(mask, extent, 10);
    expect([at10[20 * 41 + 24], at10[20 * 41 + 25], at10[23 * 41 + 23], at10[24 * 41 + 24]]).toEqual([1, 0, 1, 0]);
    const at30 = unobservedFrom(mask, extent, 30);
    expect([at30[20 * 41 + 21], at30[20 * 41 + 22]]).toEqual([1, 0]);
  });
});

describe('cloud statistics', () => {
  it('do not depend on the order of the sample and survive JSON', () => {
    const a = cloudyFields();
    const b = paint(50, 50, () => soil);
    const statistics = fitCloudStatistics([a, b], bands);
    expect(fitCloudStatistics([b, a], bands)).toEqual(statistics);
    expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
    expect(statistics.clearHaze).toBeGreaterThan(0.03);
    expect(statistics.clearHaze).toBeLessThan(0.08);
  });

  it('fall back to typical land where the sample is overcast or empty', () => {
    const overcast = fitCloudStatistics([paint(60, 60, () => cloud)], bands);
    expect(overcast.clearBrightness).toBe(typicalStatistics.clearBrightness);
    expect(fitCloudStatistics([], bands)).toEqual(typicalStatistics);
  });
});

const decide = (names: readonly BandName[], radiometry: 'reflectance' | 'dn' = 'reflectance', gsdM = 10) =>
  cloudDecision({ bands: names.map((name) => ({ name })), radiometry, gsdM });

describe('cloud decision', () => {
  it("takes the scene's own mask before the spectral one", () => {
    expect(decide([...bands, 'scl'], 'dn').source).toBe('scl');
    expect(decide([...bands, 'cloudmask']).source).toBe('cloudmask');
    expect(decide(bands)).toEqual({ source: 'spectral', reason: null });
  });

  it('masks nothing, and says why, without reflectance, without near infrared and at roof scale', () => {
    expect(decide(bands, 'dn')).toMatchObject({ source: 'none', reason: expect.stringContaining('not reflectance') });
    expect(decide(['blue', 'green', 'red'])).toMatchObject({ source: 'none', reason: expect.stringContaining('nir') });
    expect(decide(bands, 'reflectance', 0.8)).toMatchObject({
      source: 'none',
      reason: expect.stringContaining('0.80 m'),
    });
  });

  it('reads scene classification and plain mask bands', () => {
    expect([...maskFromScl([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Number.NaN])]).toEqual([
      4, 4, 0, 3, 0, 0, 0, 0, 1, 1, 2, 0, 4, 4,
    ]);
    expect([...maskFromCloudBand([0, 1, 255, Number.NaN])]).toEqual([0, 1, 1, 4]);
  });
});
