import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planeAreaM2 } from '../../pipeline/geo/frame.ts';
import { divideOriented } from '../../pipeline/parcel/divide.ts';
import { boxOf, orientPolygon, polygonsOf, type FramePolygon } from '../../pipeline/parcel/layer.ts';
import { dissolvedOverlap, overlay } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { piecesOf } from '../../pipeline/parcel/pieces.ts';
import { intersectShapes } from '../../pipeline/parcel/shape.ts';
import { boxesOfRing, trimRing } from '../../pipeline/parcel/trim.ts';
import { layerOfPolygons, madeStar, seededChance, shrunk } from '../support/made-parcels.ts';

const areaOf = (polygons: readonly FramePolygon[]) => polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
const seeds = fc.integer({ min: 1, max: 1e9 });

describe('a long ring cut down to a box', () => {
  it('encloses the same ground there, wherever the box lies', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const ring = madeStar(chance, 0, 0, 3000, 400 + Math.floor(400 * chance()));
        const angle = 2 * Math.PI * chance();
        const [x, y] = [3500 * chance() * Math.cos(angle), 3500 * chance() * Math.sin(angle)];
        const window = [[madeStar(chance, x, y, 30 + 1500 * chance() ** 2, 12)]];
        const trimmed = trimRing(ring, boxesOfRing(ring), boxOf(window));
        const whole = divideOriented(window, [], [[[ring]]]).cellsM2;
        const cut = divideOriented(window, [], [trimmed.length === 0 ? [] : [[trimmed]]]).cellsM2;
        whole.forEach((area, mask) => expect(Math.abs(area - (cut[mask] as number))).toBeLessThan(1e-6));
        expect(trimmed.length).toBeLessThanOrEqual(ring.length);
      }),
      { numRuns: 300 },
    );
  });

  it('gives overlay, union and pieces what clipper2 finds with the whole', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = seededChance(seed);
        const farmland = [0, 1].map(() => {
          const ring = madeStar(chance, 800 * chance(), 800 * chance(), 3000, 2000);
          return [ring, shrunk(ring, 400, 400, 0.4)];
        });
        const layer = layerOfPolygons(farmland);
        const index = openParcelIndex(layer);
        const patch = [madeStar(chance, 2400 * (chance() - 0.5), 2400 * (chance() - 0.5), 250, 40)];
        const shares = overlay(index, patch);
        farmland.forEach((_, i) => {
          const expected = areaOf(intersectShapes([patch], polygonsOf(layer, i)));
          const found = shares.find(({ feature }) => feature === i)?.areaM2 ?? 0;
          expect(Math.abs(found - expected)).toBeLessThan(1e-3);
        });
        const union = areaOf(intersectShapes([patch], farmland));
        expect(Math.abs(dissolvedOverlap(index, patch) - union)).toBeLessThan(1e-3);
        const { pieces } = piecesOf([patch.toReversed()], null, [{ index }]);
        const covered = pieces.filter(({ mask }) => mask === 1).reduce((sum, { areaM2 }) => sum + areaM2, 0);
        expect(Math.abs(covered - union)).toBeLessThan(1e-3);
      }),
      { numRuns: process.env['TIANWATCH_LONG'] === '1' ? 200 : 15 },
    );
  });

  it('keeps few points of a township under a patch', () => {
    const ring = madeStar(seededChance(4), 0, 0, 6000, 6000);
    const boxes = boxesOfRing(ring);
    const point = ring.subarray(2000, 2002) as Float64Array;
    const [x = 0, y = 0] = point;
    expect(trimRing(ring, boxes, [x - 50, y - 50, x + 50, y + 50]).length / 2).toBeLessThan(150);
    expect(trimRing(ring, boxes, [90_000, 0, 90_100, 100])).toHaveLength(0);
    expect(trimRing(ring, boxes, [-7000, -7000, 7000, 7000])).toEqual(ring);
  });

  it('is trusted to be oriented', () => {
    const clockwise = [Float64Array.of(0, 0, 0, 10, 10, 10, 10, 0)];
    expect(orientPolygon(clockwise)).toEqual([Float64Array.of(10, 0, 10, 10, 0, 10, 0, 0)]);
  });
});
