import proj4 from 'proj4';
import { describe, expect, it } from 'vitest';
import { ringAreaM2 } from '../../pipeline/geo/area.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame, planeAreaM2, ringToFrame } from '../../pipeline/geo/frame.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

const centre = { lonDeg: 120.75, latDeg: 30.75 };
const definition = '+proj=laea +lat_0=30.75 +lon_0=120.75 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs';
const places = Array.from(
  { length: 500 },
  (_, i) => [120.2 + 1.2 * ((i * 0.618034) % 1), 30.3 + 0.8 * ((i * 0.414214) % 1)] as const,
);
const farthestM = (others: readonly (readonly number[])[]) => {
  const frame = equalAreaFrame(centre);
  return Math.max(
    ...places.map(([lon, lat], i) => {
      const [x, y] = frame.toFrame(lon, lat);
      const [otherX = 0, otherY = 0] = others[i] ?? [];
      return Math.hypot(x - otherX, y - otherY);
    }),
  );
};

describe('the equal-area frame', () => {
  it('agrees with proj4 within 0.1 µm', () => {
    const { forward } = proj4('EPSG:4326', definition);
    expect(farthestM(places.map(([lon, lat]) => forward([lon, lat])))).toBeLessThan(1e-7);
  });

  it.skipIf(!hasGdalPython)('agrees with PROJ within 0.1 µm', () => {
    const points = runGdalPython(
      `
source = osr.SpatialReference()
source.ImportFromEPSG(4326)
source.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
target = osr.SpatialReference()
target.ImportFromProj4(given['definition'])
to = osr.CoordinateTransformation(source, target)
print(json.dumps([to.TransformPoint(*place) for place in given['places']]))
`,
      { definition, places },
    ) as number[][];
    expect(farthestM(points)).toBeLessThan(1e-7);
  });

  it('has its origin at the centre and no image of what lies opposite', () => {
    const frame = equalAreaFrame(centre);
    expect(
      frame
        .toFrame(120.75, 30.75)
        .map(Math.abs)
        .every((value) => value < 1e-8),
    ).toBe(true);
    expect(frame.toLonLat(0, 0)).toEqual([120.75, 30.75]);
    expect(frame.toLonLat(2e7, 0)).toEqual([Number.NaN, Number.NaN]);
  });

  it('works across the date line', () => {
    const frame = equalAreaFrame({ lonDeg: 179.9, latDeg: -20 });
    const ring = [
      [179.95, -20],
      [180.05, -20],
      [180.05, -19.95],
      [179.95, -19.95],
    ] as const;
    const [east, west] = [frame.toFrame(180.05, -20), frame.toFrame(-179.95, -20)];
    expect(Math.hypot(east[0] - west[0], east[1] - west[1])).toBeLessThan(1e-7);
    expect(frame.toLonLat(...west)[0]).toBeCloseTo(-179.95, 12);
    const wrapped = ring.map(([lon, lat]) => [lon > 180 ? lon - 360 : lon, lat] as const);
    const area = planeAreaM2([ringToFrame(ring, crsFromEpsg(4326), frame)]);
    expect(Math.abs(area - ringAreaM2(ring))).toBeLessThan(50);
    expect(wrapped.map(([lon, lat]) => frame.toFrame(lon, lat)[0] > 0)).toEqual([true, true, true, true]);
  });

  it.each([
    { lonDeg: Number.NaN, latDeg: 30 },
    { lonDeg: 120, latDeg: 95 },
    { lonDeg: 40_500_000, latDeg: 30 },
  ])('refuses the centre %o', (bad) => {
    expect(() => equalAreaFrame(bad)).toThrowError(/cannot be centred on/);
  });

  it('drops the repeated last point and cuts long edges into equal pieces', () => {
    const frame = equalAreaFrame(centre);
    const square = [
      [40_571_000, 3_403_000],
      [40_571_250, 3_403_000],
      [40_571_250, 3_403_050],
      [40_571_000, 3_403_050],
      [40_571_000, 3_403_000],
    ] as const;
    const crs = crsFromEpsg(4528);
    expect(ringToFrame(square, crs, frame).length / 2).toBe(3 + 1 + 3 + 1);
    expect(ringToFrame(square.slice(0, 4), crs, frame)).toEqual(ringToFrame(square, crs, frame));
    expect(ringToFrame(square, crs, frame, 1000).length / 2).toBe(4);
  });
});
