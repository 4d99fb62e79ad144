import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxSum, growDisc, growSquare, type Extent } from '../../pipeline/pair/cloud-box.ts';
import { spreadMax, spreadMin } from '../../pipeline/pair/cloud-extreme.ts';

interface Case extends Extent {
  readonly radiusPx: number;
  readonly values: readonly number[];
}

const cases = (most: number): fc.Arbitrary<Case> =>
  fc
    .record({
      width: fc.integer({ min: 1, max: 23 }),
      height: fc.integer({ min: 1, max: 19 }),
      radiusPx: fc.integer({ min: 0, max: 13 }),
    })
    .chain((size) =>
      fc
        .array(fc.integer({ min: 0, max: most }), {
          minLength: size.width * size.height,
          maxLength: size.width * size.height,
        })
        .map((values) => Object.assign(size, { values })),
    );
const sparse = cases(12).map((entry) =>
  Object.assign(entry, { values: entry.values.map((value) => (value === 12 ? 1 : 0)) }),
);

/** The definition, pixel by pixel: what `fold` makes of the neighbours that `takes` accepts. */
function slowly(
  { width, radiusPx, values }: Case,
  fold: (all: readonly number[]) => number,
  takes: (dx: number, dy: number) => boolean = () => true,
): number[] {
  return values.map((_, i) => {
    const [col, row] = [i % width, Math.floor(i / width)];
    return fold(
      values.filter((_, j) => {
        const [dx, dy] = [(j % width) - col, Math.floor(j / width) - row];
        return Math.abs(dx) <= radiusPx && Math.abs(dy) <= radiusPx && takes(dx, dy);
      }),
    );
  });
}

const law = (
  arbitrary: fc.Arbitrary<Case>,
  fast: (entry: Case) => ArrayLike<number>,
  slow: (entry: Case) => number[],
) =>
  fc.assert(
    fc.property(arbitrary, (entry) => {
      expect(Array.from(fast(entry))).toEqual(slow(entry));
    }),
    { numRuns: 80, seed: 3 },
  );

const spread = (by: typeof spreadMax) => (entry: Case) => {
  const plane = Uint16Array.from(entry.values);
  by(plane, entry, entry.radiusPx);
  return plane;
};

describe('neighbourhoods of a plane', () => {
  it('sum as defined', () =>
    law(
      cases(1000),
      (entry) => boxSum(Int32Array.from(entry.values), entry, entry.radiusPx),
      (entry) => slowly(entry, (all) => all.reduce((sum, value) => sum + value, 0)),
    ));

  it('grow by squares and discs as defined', () => {
    law(
      sparse,
      (entry) => growSquare(Uint8Array.from(entry.values), entry, entry.radiusPx),
      (entry) => slowly(entry, (all) => Math.max(...all)),
    );
    law(
      sparse,
      (entry) => growDisc(Uint8Array.from(entry.values), entry, entry.radiusPx),
      (entry) =>
        slowly(
          entry,
          (all) => Math.max(...all),
          (dx, dy) => (entry.radiusPx === 0 ? dx === 0 && dy === 0 : dx * dx + dy * dy <= (entry.radiusPx + 0.5) ** 2),
        ),
    );
  });

  it('have the extremes as defined', () => {
    law(cases(65535), spread(spreadMax), (entry) => slowly(entry, (all) => Math.max(...all)));
    law(cases(65535), spread(spreadMin), (entry) => slowly(entry, (all) => Math.min(...all)));
  });
});
