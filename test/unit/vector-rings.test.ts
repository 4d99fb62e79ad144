import { array, assert, boolean, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasPoint, type Ring } from '../../pipeline/geo/polygon.ts';
import { groupRings } from '../../pipeline/vector/ring-group.ts';
import { openRing } from '../../pipeline/vector/ring-index.ts';
import { square } from '../support/vector-file.ts';

const circle = (x: number, y: number, radius: number, corners: number): Ring => {
  const ring = Array.from({ length: corners }, (_, i): [number, number] => {
    const angle = (-2 * Math.PI * i) / corners;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return [...ring, ring[0]!];
};

describe('rings of a shape', () => {
  it('are told inside from outside as by a walk over all edges', () => {
    const point = tuple(integer({ min: -50, max: 50 }), integer({ min: -50, max: 50 }));
    assert(
      property(array(point, { minLength: 3, maxLength: 40 }), array(point, { maxLength: 20 }), (corners, points) => {
        const ring: Ring = [...corners, corners[0]!];
        const isInside = openRing(ring);
        for (const [x, y] of points) expect(isInside(x + 0.5, y + 0.25)).toBe(hasPoint([ring], x + 0.5, y + 0.25));
      }),
    );
  });

  it('are told so in a flat ring and in a comb of long edges', () => {
    expect(
      openRing([
        [0, 1],
        [5, 1],
        [2, 1],
        [0, 1],
      ])(2, 1),
    ).toBe(false);
    const teeth = Array.from({ length: 40_000 }, (_, i): [number, number] => [i, i % 2 === 0 ? 1 : 1000]);
    const isInside = openRing([[0, 0], ...teeth, [39_999, 0], [0, 0]]);
    expect([isInside(1001, 500), isInside(1000, 500), isInside(1000.5, 0.5)]).toEqual([true, false, true]);
  });

  it('become polygons with their own holes, however they turn and are ordered', () => {
    // clockwise exteriors in a row, each with a hole, each hole with an island
    const cell = (i: number): Ring[] => [
      square(100 * i, 0, 90).toReversed(),
      square(100 * i + 10, 10, 50),
      square(100 * i + 20, 20, 9).toReversed(),
    ];
    assert(
      property(
        integer({ min: 1, max: 6 }),
        array(integer({ min: 0, max: 100 }), { minLength: 18, maxLength: 18 }),
        boolean(),
        (count, order, isTurned) => {
          const rings = Array.from({ length: count }, (_, i) => cell(i)).flat();
          const shuffled = rings
            .map((ring, i) => ({ ring, key: order[i]! }))
            .sort((a, b) => a.key - b.key)
            .map(({ ring }) => ring);
          // one exterior turns the wrong way
          const given = isTurned ? shuffled.map((ring) => (ring[0]![0] === 0 ? ring.toReversed() : ring)) : shuffled;
          const grouped = groupRings(given).map((polygon) => polygon.map((ring) => Math.min(...ring.map(([x]) => x))));
          const sorted = grouped.sort((a, b) => a[0]! - b[0]!);
          expect(sorted).toEqual(
            Array.from({ length: count }, (_, i) => [[100 * i, 100 * i + 10], [100 * i + 20]]).flat(),
          );
        },
      ),
    );
  });

  it('that touch their exterior in a corner are its holes', () => {
    const exterior = square(0, 0, 10).toReversed();
    const hole: Ring = [
      [0, 0],
      [5, 2],
      [2, 5],
      [0, 0],
    ];
    expect(groupRings([exterior, hole])).toEqual([[exterior, hole]]);
  });

  it('of a large outline with ten thousand holes are grouped without testing every edge for every hole', () => {
    const outline = circle(0, 0, 1000, 100_000);
    const holes = Array.from({ length: 10_000 }, (_, i) =>
      square(-600 + 12 * (i % 100), -600 + 12 * Math.floor(i / 100), 5),
    );
    const grouped = groupRings([outline, ...holes]);
    expect(grouped.map((rings) => rings.length)).toEqual([10_001]);
  });
});
