import { expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { crsFromGeoKeys } from '../../pipeline/raster/geokeys-crs.ts';

const utmOn = (geographic: number, projection: number, unit: number) =>
  crsFromGeoKeys(
    new Map([
      [1024, 1],
      [2048, geographic],
      [3072, 32_767],
      [3074, projection],
      [3076, unit],
    ]),
  );
const lonLat = crsFromEpsg(4490);

it('reads UTM on CGCS2000, which has no EPSG code, by its projection code', () => {
  const { crs, problem } = utmOn(4490, 16_051, 9001);
  expect(problem).toBeNull();
  expect(crs?.epsg).toBeNull();
  const [lon, lat] = projector(crs!, lonLat)(500_000, 3_400_000);
  const [lon84, lat84] = projector(crsFromEpsg(32_651), crsFromEpsg(4326))(500_000, 3_400_000);
  expect(lon).toBeCloseTo(123, 9);
  expect(Math.abs(lon - lon84)).toBeLessThan(1e-9);
  expect(Math.abs(lat - lat84)).toBeLessThan(1e-8);
});

it('knows UTM by its projection code as the register does, south and in feet too', () => {
  expect(utmOn(4326, 16_051, 9001).crs?.epsg).toBe(32_651);
  expect(utmOn(4326, 16_151, 9001).crs?.epsg).toBe(32_751);
  const feet = utmOn(4326, 16_051, 9003).crs!;
  const [x, y] = projector(crsFromEpsg(32_651), feet)(500_000, 3_400_000);
  expect(x).toBeCloseTo((500_000 * 3937) / 1200, 3);
  expect(y).toBeCloseTo((3_400_000 * 3937) / 1200, 3);
});

it('names the projection that it does not read', () => {
  const sinusoidal = new Map<number, number>([
    [1024, 1],
    [2048, 4326],
    [3072, 32_767],
    [3075, 24],
  ]);
  expect(crsFromGeoKeys(sinusoidal)).toEqual({
    crs: null,
    problem: 'its GeoKeys describe a projection of method 24 that is not read.',
  });
});
