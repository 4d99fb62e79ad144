import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ringAreaM2 } from '../../pipeline/geo/area.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame, planeAreaM2, ringToFrame } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';

const frame = equalAreaFrame({ lonDeg: 120.75, latDeg: 30.75 });
const lonLat = crsFromEpsg(4326);
const jiaxing = fc.record({
  lon: fc.double({ min: 120.3, max: 121.27, noNaN: true }),
  lat: fc.double({ min: 30.35, max: 31.03, noNaN: true }),
});
const shape = fc.array(fc.double({ min: 0.55, max: 1, noNaN: true }), { minLength: 4, maxLength: 40 });
type Points = (readonly [number, number])[];

/** A star-shaped ring about a place, straight in the CRS; `sideM` is about its width. */
function starIn(epsg: number, place: { lon: number; lat: number }, sideM: number, radii: readonly number[]): Points {
  const crs = crsFromEpsg(epsg);
  const [x0, y0] = projector(lonLat, crs)(place.lon, place.lat);
  const [unitX, unitY] = crs.isGeographic ? [1 / 95_600, 1 / 110_900] : [1, 1];
  return radii.map((radius, i) => {
    const angle = (2 * Math.PI * i) / radii.length;
    const r = (radius * sideM) / 2;
    return [x0 + r * Math.cos(angle) * unitX, y0 + r * Math.sin(angle) * unitY];
  });
}

/** Geodesic area of the same shape, its edges cut so fine that geodesics between the points follow them. */
function geodesicAreaM2(epsg: number, ring: Points, stepM: number): number {
  const crs = crsFromEpsg(epsg);
  const toLonLat = lonLatProjector(crs);
  const unitM = crs.isGeographic ? 111_000 : 1;
  const points = ring.flatMap((from, i) => {
    const to = ring[(i + 1) % ring.length] as readonly [number, number];
    const pieces = Math.ceil((Math.hypot(to[0] - from[0], to[1] - from[1]) * unitM) / stepM);
    return Array.from({ length: pieces }, (_, k) =>
      toLonLat(from[0] + (k / pieces) * (to[0] - from[0]), from[1] + (k / pieces) * (to[1] - from[1])),
    );
  });
  return ringAreaM2(points);
}

describe('the equal-area frame', () => {
  it('takes a point there and back to 10 nm within 1,000 km', () => {
    const near = fc.record({
      lonDeg: fc.double({ min: -179, max: 179, noNaN: true }),
      latDeg: fc.double({ min: -70, max: 70, noNaN: true }),
      east: fc.double({ min: -5, max: 5, noNaN: true }),
      north: fc.double({ min: -5, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(near, ({ lonDeg, latDeg, east, north }) => {
        const here = equalAreaFrame({ lonDeg, latDeg });
        const [lon, lat] = here.toLonLat(...here.toFrame(lonDeg + east, latDeg + north));
        const turned = lon - lonDeg - east;
        expect(Math.abs(turned - 360 * Math.round(turned / 360))).toBeLessThan(1e-13 * 900);
        expect(Math.abs(lat - latDeg - north)).toBeLessThan(1e-13 * 900);
      }),
    );
  });

  it.each([
    [4528, 1000, 0.02],
    [32651, 1000, 0.02],
    [4490, 1000, 0.02],
    [3857, 1000, 0.02],
    [4528, 5000, 0.02],
    [32651, 5000, 0.02],
    [4490, 5000, 0.03],
    [4528, 10_000, 0.02],
    [4490, 10_000, 0.05],
  ])('keeps the geodesic area of a ring of EPSG:%i, %i m across, within %d m²', (epsg, sideM, limitM2) => {
    fc.assert(
      fc.property(jiaxing, shape, (place, radii) => {
        const ring = starIn(epsg, place, sideM, radii);
        const plane = planeAreaM2([ringToFrame(ring, crsFromEpsg(epsg), frame)]);
        expect(Math.abs(plane - geodesicAreaM2(epsg, ring, 10))).toBeLessThan(limitM2);
      }),
      { numRuns: sideM > 1000 ? 15 : 40 },
    );
  });

  it('gives the points of a shared edge to both neighbours, bit by bit', () => {
    const corner = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 3000 }));
    fc.assert(
      fc.property(corner, corner, (a, b) => {
        fc.pre(a[0] !== b[0] || a[1] !== b[1]);
        const [from, to] = [a, b].map(([x, y]) => [40_560_000.25 + x / 7, 3_400_000.75 + y / 3] as const) as [
          readonly [number, number],
          readonly [number, number],
        ];
        const crs = crsFromEpsg(4528);
        const there = ringToFrame([from, to, [from[0], from[1] - 5000]], crs, frame);
        const back = ringToFrame([to, from, [to[0], to[1] + 5000]], crs, frame);
        const pointsOf = (ring: Float64Array) =>
          Array.from({ length: ring.length / 2 }, (_, i) => `${ring[2 * i]} ${ring[2 * i + 1]}`);
        const pieces = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 100);
        expect(pointsOf(there).slice(0, pieces + 1)).toEqual(
          pointsOf(back)
            .slice(0, pieces + 1)
            .toReversed(),
        );
      }),
    );
  });
});
