import { describe, expect, test } from 'vitest';
import { equivalentRectangle, perimeterPx } from '../../pipeline/change/sliver.ts';
import { traceRings } from '../../pipeline/change/trace.ts';

/** Runs of a drawing's `#`. */
function runsOf(...lines: readonly string[]): Int32Array {
  return Int32Array.from(
    lines.flatMap((line, row) =>
      [...line.matchAll(/#+/g)].flatMap((match) => [row, match.index, match.index + match[0].length]),
    ),
  );
}

describe('the outline', () => {
  test('of a pixel is its four corners, counter-clockwise on screen', () => {
    expect(traceRings(runsOf('.', '.#'))).toEqual([[1, 2, 2, 2, 2, 1, 1, 1]]);
  });

  test('has no corner on a straight line', () => {
    expect(traceRings(runsOf('###', '###', '###'))).toEqual([[0, 3, 3, 3, 3, 0, 0, 0]]);
  });

  test('has a hole for a hole, the other way round', () => {
    expect(traceRings(runsOf('###', '#.#', '###'))).toEqual([
      [0, 3, 3, 3, 3, 0, 0, 0],
      [2, 2, 1, 2, 1, 1, 2, 1],
    ]);
  });

  test('of a component that touches itself at a corner is an exterior and a hole that share a point', () => {
    const rings = traceRings(runsOf('##', '#.#', '###'));
    expect(rings).toHaveLength(2);
    expect(rings[0]).toHaveLength(12);
    expect(rings[1]).toEqual([2, 2, 1, 2, 1, 1, 2, 1]);
  });

  test('keeps two holes apart that touch at a corner', () => {
    const rings = traceRings(runsOf('####', '#.##', '##.#', '####'));
    expect(rings.map((ring) => ring.length)).toEqual([8, 8, 8]);
    const apart = traceRings(runsOf('#####', '#.#.#', '#####'));
    expect(apart.map((ring) => ring.length)).toEqual([8, 8, 8]);
  });
});

const measure = (...lines: readonly string[]) => {
  const pixels = lines.join('').replaceAll('.', '').length;
  return equivalentRectangle(pixels, perimeterPx(traceRings(runsOf(...lines))));
};

test('a line one pixel wide is 1 × its length, straight, bent or closed', () => {
  expect(measure('########')).toEqual({ widthPx: 1, lengthPx: 8 });
  expect(measure('##..', '.##.', '..##')).toEqual({ widthPx: 1, lengthPx: 6 });
  expect(measure('####', '####')).toEqual({ widthPx: 2, lengthPx: 4 });
  const loop = measure('########', '#......#', '#......#', '########');
  expect(loop.widthPx).toBeGreaterThan(1);
  expect(loop.widthPx).toBeLessThan(1.1);
});
