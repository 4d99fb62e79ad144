import { applyAffine, invertAffine } from '../geo/affine.ts';
import { crsFromEpsg, projector } from '../geo/crs.ts';
import type { EqualAreaFrame } from '../geo/frame.ts';
import type { Grid } from '../types.ts';
import type { ObservationFact } from './facts.ts';
import { unseenM2By } from './facts.ts';
import { isSeen, unseenCode } from './ground-code.ts';
import type { Places } from './places.ts';

/** Ground codes of some rows of a grid, row-major, as wide as the grid; one plane a reading. */
export interface GroundRows {
  readonly row: number;
  readonly rowCount: number;
  readonly planes: readonly Uint8Array[];
}

/** Reads the codes of places out of rows that stream by; what no row covers stays `outside`. */
export interface GroundCells {
  addRows(rows: GroundRows): void;
  /** codes of an outline's places in one plane; a view */
  cells(outline: number, plane: number): Uint8Array;
}

/**
 * @param outlines places of each outline
 * @param options.planes how many readings the rows hold
 */
export function openGroundCells(
  outlines: Iterable<Places>,
  { grid, frame, planes }: { readonly grid: Grid; readonly frame: EqualAreaFrame; readonly planes: number },
): GroundCells {
  const toGrid = gridPlacer(grid, frame);
  const starts = [0];
  const rowsOf: number[] = [];
  let at = new Int32Array(1024);
  for (const places of outlines) {
    const from = starts.at(-1)!;
    const end = from + places.positions.length;
    if (end > at.length) at = grown(at, end);
    rowsOf.push(...sample(places, grid, { toGrid, at: at.subarray(from, end) }));
    starts.push(end);
  }
  const count = starts.at(-1)!;
  const codes = Array.from({ length: planes }, () => new Uint8Array(count).fill(unseenCode.outside));
  return {
    addRows({ row, rowCount, planes: grounds }) {
      const [first, end] = [row * grid.width, (row + rowCount) * grid.width];
      for (let outline = 0; outline + 1 < starts.length; outline++) {
        if (rowsOf[2 * outline]! >= row + rowCount || rowsOf[2 * outline + 1]! <= row) continue;
        for (let i = starts[outline]!; i < starts[outline + 1]!; i++) {
          const position = at[i]!;
          if (position < first || position >= end) continue;
          for (let plane = 0; plane < planes; plane++) codes[plane]![i] = grounds[plane]![position - first]!;
        }
      }
    },
    cells: (outline, plane) => codes[plane]!.subarray(starts[outline], starts[outline + 1]),
  };
}

function grown(array: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, 2 * array.length));
  larger.set(array);
  return larger;
}

type Placer = (x: number, y: number) => readonly [number, number];

function gridPlacer(grid: Grid, frame: EqualAreaFrame): Placer {
  const project = projector(crsFromEpsg(4326), grid.crs);
  const toPixels = invertAffine(grid.affine);
  return (x, y) => applyAffine(toPixels, ...project(...frame.toLonLat(x, y)));
}

/**
 * Positions of places in the grid, -1 outside it: the corners of their box are projected, the places lie between them.
 * Over 5 km the plane of a frame and that of a map bend apart by centimetres.
 *
 * @param options.at is filled
 * @returns first row and row after the last
 */
function sample(
  { x, y, stepM, cols, positions }: Places,
  { width, height }: Grid,
  { toGrid, at }: { readonly toGrid: Placer; readonly at: Int32Array },
): readonly [number, number] {
  const count = positions.length;
  if (count === 0) return [height, 0];
  const rows = Math.floor(positions[count - 1]! / cols) + 1;
  const [w, h] = [(cols - 1) * stepM, (rows - 1) * stepM];
  const corner = (u: number, v: number): readonly [number, number] => toGrid(x + u * w, y + v * h);
  const [a, b, c, d] = [corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)];
  let [firstRow, endRow] = [height, 0];
  for (let i = 0; i < count; i++) {
    const u = cols > 1 ? (positions[i]! % cols) / (cols - 1) : 0;
    const v = rows > 1 ? Math.floor(positions[i]! / cols) / (rows - 1) : 0;
    const col = Math.floor((1 - v) * ((1 - u) * a[0] + u * b[0]) + v * ((1 - u) * c[0] + u * d[0]));
    const row = Math.floor((1 - v) * ((1 - u) * a[1] + u * b[1]) + v * ((1 - u) * c[1] + u * d[1]));
    const isInside = col >= 0 && col < width && row >= 0 && row < height;
    at[i] = isInside ? row * width + col : -1;
    if (!isInside) continue;
    firstRow = Math.min(firstRow, row);
    endRow = Math.max(endRow, row + 1);
  }
  return [firstRow, endRow];
}

/** Area by code (m²): every cell stands for the same share. */
export function areasByCode(cells: Uint8Array, areaM2: number): Float64Array {
  const areas = new Float64Array(256);
  for (let i = 0; i < cells.length; i++) areas[cells[i]!]!++;
  for (let code = 0; code < 256; code++) areas[code]! *= cells.length === 0 ? 0 : areaM2 / cells.length;
  return areas;
}

/** Seen and unseen areas of an observation out of areas by code. */
export function observedAreas(areas: Float64Array): Pick<ObservationFact, 'seenM2' | 'unseenM2'> {
  return {
    seenM2: areas.reduce((sum, area, code) => (isSeen(code) ? sum + area : sum), 0),
    unseenM2: unseenM2By((reason) => areas[unseenCode[reason]]!),
  };
}
