import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planeAreaM2 } from '../../pipeline/geo/frame.ts';
import { divide } from '../../pipeline/parcel/divide.ts';
import { polygonsOf, type FramePolygon } from '../../pipeline/parcel/layer.ts';
import { dissolvedOverlap, overlay, overlayAll } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { intersectShapes, subtractShapes, uniteShapes } from '../../pipeline/parcel/shape.ts';
import { layerOfPolygons, madeMosaic, madeStar, seededChance, shrunk } from '../support/made-parcels.ts';

const areaOf = (polygons: readonly FramePolygon[]) => polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const isLong = process.env['TIANWATCH_LONG'] === '1';
const seeds = fc.integer({ min: 1, max: 1e9 });

/** A polygon about a place, with a hole half of the time. */
function madePolygon(chance: () => number, x: number, y: number, radiusM: number, points: number): FramePolygon {
  const ring = madeStar(chance, x, y, radiusM, points);
  return chance() < 0.5 ? [ring] : [ring, shrunk(ring, x, y, 0.2 + 0.5 * chance())];
}

const around = (chance: () => number, count: number, spreadM: number, radiusM: number, points: number) =>
  Array.from({ length: count }, () =>
    madePolygon(chance, (chance() - 0.5) * spreadM, (chance() - 0.5) * spreadM, radiusM, points),
  );

describe('overlay', () => {
  it('gives the area that clipper2 and the sweep give, holes included', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const parcels = around(chance, 8, 300, 90, 20);
        const patch = madePolygon(chance, 0, 0, 80, 30);
        const layer = layerOfPolygons(parcels);
        const shares = overlay(openParcelIndex(layer), patch);
        const found = parcels.map((_, i) => shares.find(({ feature }) => feature === i)?.areaM2 ?? 0);
        const swept = divide(
          [patch],
          parcels.map((parcel) => [parcel]),
        ).cellsM2;
        found.forEach((area, i) => {
          expect(Math.abs(area - areaOf(intersectShapes([patch], polygonsOf(layer, i))))).toBeLessThan(1e-3);
          expect(Math.abs(area - (swept[i] as number))).toBeLessThan(1e-3);
        });
      }),
    );
  });

  it('of a polygon with parcels of its own edges finds each whole parcel and nothing of the neighbours', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 63 }), (seed, own) => {
        const parcels = madeMosaic({ seed, cols: 8, rows: 8, sideM: 90, pointsPerSide: 4 });
        const layer = layerOfPolygons(parcels);
        const [whole] = polygonsOf(layer, own);
        const shares = overlay(openParcelIndex(layer), whole ?? []);
        expect(shares.map(({ feature }) => feature)).toEqual([own]);
        expect(Math.abs((shares[0]?.areaM2 ?? 0) - (layer.areaM2[own] as number))).toBeLessThan(1e-8);
      }),
    );
  });

  it('splits a township of thousands of vertices, 10 km across, over parcels without loss', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const parcels = madeMosaic({ seed, cols: 40, rows: 40, sideM: 280, pointsPerSide: 5, x: 30_000, y: -20_000 });
        const index = openParcelIndex(layerOfPolygons(parcels));
        const ring = madeStar(chance, 35_600, -14_400, 6600, 6000);
        const township = [ring, shrunk(ring, 35_600, -14_400, 0.3)];
        const shares = overlay(index, township);
        expect(shares.length).toBeGreaterThan(500);
        expect(Math.abs(sum(shares.map(({ areaM2 }) => areaM2)) - planeAreaM2(township))).toBeLessThan(0.001);
      }),
      { numRuns: isLong ? 40 : 4 },
    );
  });

  it('of several polygons as one is the sum over them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const index = openParcelIndex(layerOfPolygons(around(chance, 12, 500, 90, 20)));
        const pieces = [madePolygon(chance, -150, 0, 100, 25), madePolygon(chance, 150, 0, 100, 25)];
        const apart = pieces.map((piece) => sum(overlay(index, piece).map(({ areaM2 }) => areaM2)));
        expect(sum(overlayAll(index, pieces).map(({ areaM2 }) => areaM2))).toBeCloseTo(sum(apart), 6);
      }),
    );
  });
});

describe('dissolved overlap', () => {
  it('is the area under the union, so ground of several permits counts once', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const permits = around(chance, 6, 150, 80, 12);
        const index = openParcelIndex(layerOfPolygons(permits));
        const patch = madePolygon(chance, 0, 0, 90, 40);
        const expected = areaOf(intersectShapes([patch], uniteShapes(permits)));
        expect(Math.abs(dissolvedOverlap(index, patch) - expected)).toBeLessThan(1e-3);
        const even = areaOf(intersectShapes([patch], uniteShapes(permits.filter((_, i) => i % 2 === 0))));
        expect(Math.abs(dissolvedOverlap(index, patch, (feature) => feature % 2 === 0) - even)).toBeLessThan(1e-3);
      }),
    );
  });

  it('of a layer laid over itself twice is that of the layer', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const permits = around(chance, 5, 200, 80, 12);
        const patch = madePolygon(chance, 0, 0, 90, 40);
        const once = dissolvedOverlap(openParcelIndex(layerOfPolygons(permits)), patch);
        const twice = dissolvedOverlap(openParcelIndex(layerOfPolygons([...permits, ...permits])), patch);
        expect(twice).toBeCloseTo(once, 6);
      }),
    );
  });
});

describe('division', () => {
  it('commutes with the order of the covers and of the parts', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const window = [madePolygon(chance, 0, 0, 150, 60)];
        const parts = around(chance, 5, 200, 90, 15).map((polygon) => [polygon]);
        const [first, second, third] = [0, 1, 2].map(() => around(chance, 3, 250, 80, 10)) as [
          FramePolygon[],
          FramePolygon[],
          FramePolygon[],
        ];
        const straight = divide(window, parts, [first, second, third]);
        const turned = divide(window, parts.toReversed(), [third, first, second]);
        for (let part = 0; part <= parts.length; part++) {
          const other = part === parts.length ? part : parts.length - 1 - part;
          for (let mask = 0; mask < 8; mask++) {
            const otherMask = ((mask & 1) << 1) | ((mask & 2) << 1) | ((mask & 4) >> 2);
            const difference =
              (straight.cellsM2[8 * part + mask] as number) - (turned.cellsM2[8 * other + otherMask] as number);
            expect(Math.abs(difference)).toBeLessThan(1e-6);
          }
        }
      }),
    );
  });

  it('adds up to the window and its overlaps, each cell being what clipper2 gives for it', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const window = [madePolygon(chance, 0, 0, 150, 60)];
        const parts = around(chance, 3, 200, 90, 15);
        const [permits, farmland] = [around(chance, 3, 250, 80, 10), around(chance, 3, 250, 80, 10)];
        const { windowM2, cellsM2, overlapM2 } = divide(
          window,
          parts.map((polygon) => [polygon]),
          [permits, farmland],
        );
        expect(Math.abs(windowM2 - areaOf(window))).toBeLessThan(1e-6);
        expect(Math.abs(sum(cellsM2) - windowM2 - overlapM2)).toBeLessThan(1e-6);
        [...parts.map((part) => intersectShapes(window, [part])), subtractShapes(window, parts)].forEach(
          (ground, part) => {
            const outside = subtractShapes(ground, permits);
            const inside = intersectShapes(ground, permits);
            const expected = [
              subtractShapes(outside, farmland),
              subtractShapes(inside, farmland),
              intersectShapes(outside, farmland),
              intersectShapes(inside, farmland),
            ].map(areaOf);
            expected.forEach((area, mask) =>
              expect(Math.abs((cellsM2[4 * part + mask] as number) - area)).toBeLessThan(2e-3),
            );
          },
        );
      }),
      { numRuns: isLong ? 500 : 40 },
    );
  });

  it('of two townships of thousands of vertices with holes balances within 0.01 m²', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const township = (x: number) => {
          const ring = madeStar(chance, x, 0, 6000, 4000);
          return [ring, shrunk(ring, x, 0, 0.4)];
        };
        const [a, b] = [township(0), township(3000)];
        const { cellsM2 } = divide([a], [], [[b]]);
        const shapes = [subtractShapes([a], [b]), intersectShapes([a], [b])].map(areaOf);
        expect(Math.abs(sum(cellsM2) - planeAreaM2(a))).toBeLessThan(1e-4);
        expect(Math.abs((cellsM2[0] as number) - (shapes[0] as number))).toBeLessThan(0.01);
        expect(Math.abs((cellsM2[1] as number) - (shapes[1] as number))).toBeLessThan(0.01);
      }),
      { numRuns: isLong ? 20 : 2 },
    );
  });
});
