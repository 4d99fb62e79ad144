import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { VectorFeature } from '../../pipeline/vector/feature.ts';
import { openShapefileWriter } from '../../workers/vector/shapefile-writer.ts';

type Point = readonly [number, number];

/** A pretended random number of 0..1 from whole numbers. */
function hashed(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

const cellM = 40;
const codes = ['0101', '0101', '0101', '0103', '0201', '1104A', '1107', '0702', '1006'];

export interface MadeParcels {
  readonly columns: number;
  readonly rows: number;
  /** points of each ring, a multiple of 4 */
  readonly ringPoints: number;
  /** lower left corner, EPSG:4549 (m) */
  readonly origin?: Point;
  /** 12 digits */
  readonly village?: string;
}

/** Parcels of a bent lattice, neighbours sharing every point of their seam: no gap and no overlap. */
export function* madeParcels(of: MadeParcels): Generator<Pick<VectorFeature, 'polygons' | 'properties'>> {
  const { columns, rows, ringPoints, origin = [560_000, 3_395_000], village = '330411104201' } = of;
  const perSide = ringPoints / 4;
  const bend = (salt: number, col: number, row: number): number => (hashed(salt, col, row) - 0.5) * 0.3 * cellM;
  const four = (value: number): number => Math.round(value * 1e4) / 1e4;
  const corner = (col: number, row: number): Point => [
    four(origin[0] + col * cellM + bend(1, col, row)),
    four(origin[1] + row * cellM + bend(2, col, row)),
  ];
  /** from the corner (col, row), right or up */
  const side = (col: number, row: number, isRight: boolean): Point[] => {
    const [from, to] = [corner(col, row), isRight ? corner(col + 1, row) : corner(col, row + 1)];
    return Array.from({ length: perSide }, (_, i) => {
      const t = i / perSide;
      const wave = i === 0 ? 0 : (hashed(isRight ? 3 + i : 53 + i, col, row) - 0.5) * 2;
      const [x, y] = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
      return [four(x + (isRight ? 0 : wave)), four(y + (isRight ? wave : 0))] as const;
    });
  };
  const back = (points: Point[], end: Point): Point[] => [end, ...points.slice(1).toReversed()];
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < columns; col++) {
      const [bottom, right] = [side(col, row, true), side(col + 1, row, false)];
      const top = back(side(col, row + 1, true), corner(col + 1, row + 1));
      const left = back(side(col, row, false), corner(col, row + 1));
      const ring = [...bottom, ...right, ...top, ...left];
      const number = row * columns + col + 1;
      yield {
        polygons: [[[...ring, ring[0]!]]],
        properties: {
          BSM: `${village.slice(0, 6)}${String(number).padStart(12, '0')}`,
          TBBH: String(number).padStart(8, '0'),
          DLBM: codes[Math.floor(hashed(9, col, row) * codes.length)]!,
          DLMC: '水田等',
          ZLDWDM: `${village}0000000`,
          ZLDWMC: '新塍镇某村',
          ZZSXDM: 'LS',
          SJNF: 2024,
        },
      };
    }
}

/** The same as a shapefile in EPSG:4549 with a GBK table and no .cpg; `path` without extension. */
export async function writeMadeParcels(path: string, of: MadeParcels): Promise<void> {
  const text = (name: string, width: number) => ({ name, type: 'text', width }) as const;
  const writer = await openShapefileWriter(path, {
    crs: crsFromEpsg(4549),
    encoding: 'gbk',
    hasCpg: false,
    columns: [
      text('BSM', 18),
      text('TBBH', 8),
      text('DLBM', 5),
      text('DLMC', 60),
      text('ZLDWDM', 19),
      text('ZLDWMC', 60),
      text('ZZSXDM', 6),
      { name: 'SJNF', type: 'integer', width: 4 },
    ],
  });
  for (const feature of madeParcels(of)) await writer.add(feature);
  await writer.finish();
}
