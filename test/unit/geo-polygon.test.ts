import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  bboxOf,
  centroidOf,
  hasPoint,
  orientPolygon,
  roundPolygon,
  type Polygon,
  type Ring,
} from '../../pipeline/geo/polygon.ts';
import { simplifyPolygon } from '../../pipeline/geo/simplify.ts';

const box = (x: number, y: number, side: number): Ring => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];
const holed: Polygon = [box(0, 0, 10), box(2, 2, 2)];

describe('polygons', () => {
  it('are oriented as RFC 7946 says: exterior counter-clockwise, holes clockwise', () => {
    const expected = [box(0, 0, 10), box(2, 2, 2).toReversed()];
    expect(orientPolygon(holed)).toEqual(expected);
    expect(orientPolygon([box(0, 0, 10).toReversed(), box(2, 2, 2)])).toEqual(expected);
  });

  it('have box, centre and inside with their holes taken out', () => {
    expect(bboxOf(holed)).toEqual([0, 0, 10, 10]);
    const [x, y] = centroidOf(holed);
    expect(x).toBeCloseTo((500 - 4 * 3) / 96, 12);
    expect(y).toBeCloseTo((500 - 4 * 3) / 96, 12);
    expect([hasPoint(holed, 1, 1), hasPoint(holed, 3, 3), hasPoint(holed, 11, 3)]).toEqual([true, false, false]);
  });

  it('lose repeated vertices and collapsed holes in rounding', () => {
    const polygon: Polygon = [
      [
        [0, 0],
        [1, 0],
        [1.0000001, 0],
        [1, 1],
        [0, 0],
      ],
      box(0.5, 0.2, 1e-6),
    ];
    expect(roundPolygon(polygon, 3)).toEqual([
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ]);
    expect(roundPolygon([box(5, 5, 1e-6)], 3)).toEqual([]);
  });
});

const side = (a: Ring[number], b: Ring[number], c: Ring[number]) =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]));

/** Whether two edges of the rings meet anywhere but in the vertex that neighbours share. */
function hasCrossing(polygon: Polygon): boolean {
  const edges = polygon.flatMap((ring, r) =>
    ring.slice(1).map((to, i) => ({ r, i, n: ring.length - 1, from: ring[i]!, to })),
  );
  return edges.some((e, k) =>
    edges.slice(k + 1).some((f) => {
      const isNeighbour = e.r === f.r && (f.i === e.i + 1 || (e.i === 0 && f.i === e.n - 1));
      if (isNeighbour) return false;
      return (
        side(e.from, e.to, f.from) * side(e.from, e.to, f.to) < 0 &&
        side(f.from, f.to, e.from) * side(f.from, f.to, e.to) < 0
      );
    }),
  );
}

describe('simplifyPolygon', () => {
  it('drops vertices on straight edges and flattens stairs, and leaves what is larger than the tolerance', () => {
    const stairs: [number, number][] = [[0, 0]];
    for (let i = 1; i <= 20; i++) stairs.push([i, i - 1], [i, i]);
    const ring: Ring = [...stairs, [0, 20], [0, 10], [0, 0]];
    expect(simplifyPolygon([ring], 0)[0]).toHaveLength(ring.length - 1);
    const [simple = []] = simplifyPolygon([ring], 1.5);
    expect(simple.length).toBeLessThan(15);
    expect(bboxOf([simple])).toEqual([0, 0, 20, 20]);
    expect(simplifyPolygon([box(0, 0, 10)], 3)).toEqual([box(0, 0, 10)]);
  });

  it('never makes edges cross, and keeps every ring', () => {
    const arms = fc.array(fc.double({ min: 0.3, max: 1, noNaN: true }), { minLength: 12, maxLength: 80 });
    fc.assert(
      fc.property(arms, fc.double({ min: 0.01, max: 1, noNaN: true }), (arms, tolerance) => {
        const at = (radius: number, i: number): [number, number] => {
          const angle = (2 * Math.PI * i) / arms.length;
          return [radius * Math.cos(angle), radius * Math.sin(angle)];
        };
        const star = arms.map(at);
        const hole = arms.map((radius, i) => at(radius * 0.95, i));
        const polygon = [
          [...star, star[0]!],
          [...hole, hole[0]!],
        ];
        if (hasCrossing(polygon)) return;
        const simple = simplifyPolygon(polygon, tolerance);
        expect(hasCrossing(simple)).toBe(false);
        expect(simple.every((ring) => ring.length >= 4)).toBe(true);
      }),
      { seed: 20261123, numRuns: 200 },
    );
  });
});
