import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { decodeRuns, encodeRuns } from '../../pipeline/ledger/cell-runs.ts';
import { areasByCode, observedAreas, openGroundCells } from '../../pipeline/ledger/ground-cells.ts';
import { classOf, isChangedCode, isSeen, seenCode, unseenCode } from '../../pipeline/ledger/ground-code.ts';
import { layPlaces } from '../../pipeline/ledger/places.ts';
import { decodeShape, encodeShape } from '../../pipeline/ledger/shape-bytes.ts';
import type { Grid } from '../../pipeline/types.ts';

const square = (x: number, y: number, sideM: number) =>
  Float64Array.of(x, y, x + sideM, y, x + sideM, y + sideM, x, y + sideM);

describe('cells', () => {
  it('come back from their runs, and damaged runs are refused', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 3000 })), { maxLength: 6 }), (runs) => {
        const cells = Uint8Array.from(runs.flatMap(([value, count]) => Array.from({ length: count }, () => value)));
        expect(Buffer.compare(decodeRuns(encodeRuns(cells), cells.length), cells)).toBe(0);
        expect(() => decodeRuns(encodeRuns(cells), cells.length + 1)).toThrow(/damaged/);
      }),
      { numRuns: 20 },
    );
  });

  it('say class and change of what was seen, and nothing of what was not', () => {
    for (const isChanged of [true, false])
      for (const code of [0, 5, 62]) {
        expect(isSeen(seenCode(code, isChanged))).toBe(true);
        expect(isChangedCode(seenCode(code, isChanged))).toBe(isChanged);
        expect(classOf(seenCode(code, isChanged))).toBe(code);
      }
    for (const code of Object.values(unseenCode)) expect([isSeen(code), isChangedCode(code)]).toEqual([false, false]);
  });

  it('share out the whole area, seen and unseen', () => {
    const codes = fc.constantFrom(0, 3, 67, ...Object.values(unseenCode));
    fc.assert(
      fc.property(
        fc.array(codes, { minLength: 1, maxLength: 500 }),
        fc.double({ min: 1, max: 1e7, noNaN: true }),
        (cells, areaM2) => {
          const { seenM2, unseenM2 } = observedAreas(areasByCode(Uint8Array.from(cells), areaM2));
          const sum = Object.values(unseenM2).reduce((total, area) => total + area, seenM2);
          expect(Math.abs(sum - areaM2)).toBeLessThan(1e-6);
        },
      ),
    );
  });
});

describe('places in an outline', () => {
  it('stand for its area as closely as their step allows, holes left out', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 1500, noNaN: true }),
        fc.double({ min: 0.1, max: 0.8, noNaN: true }),
        (sideM, share) => {
          const hole = square(1000 + sideM * 0.1, 2000 + sideM * 0.1, sideM * share);
          const areaM2 = sideM ** 2 * (1 - share ** 2);
          const { positions, stepM } = layPlaces([[square(1000, 2000, sideM), hole]], areaM2, {
            count: 2000,
            mostStepM: 10,
          });
          expect(Math.abs(positions.length * stepM ** 2 - areaM2)).toBeLessThan(8 * sideM * stepM);
          expect(positions.length).toBeGreaterThan(1000);
        },
      ),
    );
  });

  it('are at least one, however thin it is', () => {
    const thin = Float64Array.of(0, 0, 400, 0, 400, 1e-3, 0, 1e-3);
    expect(layPlaces([[thin]], 0.4, { count: 2000, mostStepM: 10 }).positions.length).toBeGreaterThan(0);
  });

  it('read the pixel that they lie in, whatever strips the rows come in', () => {
    const frame = equalAreaFrame({ lonDeg: 120.78, latDeg: 30.69 });
    const crs = crsFromEpsg(32651);
    const grid: Grid = { crs, affine: [10, 0, 280_000, 0, -10, 3_400_000], width: 60, height: 50 };
    // a place in the grid, by way of the frame
    const [lon, lat] = [120.7, 30.71];
    const [x, y] = frame.toFrame(lon, lat);
    const places = layPlaces([[square(x, y, 300)]], 90_000, { count: 900, mostStepM: 10 });
    const ground = Uint8Array.from({ length: 60 * 50 }, (_, i) => i % 7);
    const read = (rows: number) => {
      const cells = openGroundCells([places], { grid, frame, planes: 1 });
      for (let row = 0; row < 50; row += rows) {
        const rowCount = Math.min(rows, 50 - row);
        cells.addRows({ row, rowCount, planes: [ground.subarray(row * 60, (row + rowCount) * 60)] });
      }
      return cells.cells(0, 0);
    };
    expect(read(50)).toEqual(read(7));
    expect(read(50)).toHaveLength(places.positions.length);
  });
});

it('shapes come back from their bytes, and cut ones are refused', () => {
  const polygons = [[square(0, 0, 10), square(2, 2, 3)], [square(20, 0, 5)]];
  const bytes = encodeShape(polygons);
  expect(decodeShape(bytes)).toEqual(polygons);
  expect(() => decodeShape(bytes.subarray(0, bytes.length - 4))).toThrow(/damaged/);
});
