import { covers } from './cover.ts';
import type { Outlines } from './fill.ts';
import { fineCovers, type Pattern } from './fine-cover.ts';
import { hash32, hashFraction, valueNoise } from './random.ts';

export const patterns: readonly Pattern[] = [
  'even',
  'field',
  'trees',
  'panels',
  'tunnels',
  'roof',
  'paved',
  'canopy',
  'heap',
  'water',
];

/** What is drawn on every plot, one value a plot. */
export interface Drawing {
  /** position in `patterns` */
  readonly pattern: Uint8Array;
  /** unit vector across the rows */
  readonly acrossX: Float32Array;
  readonly acrossY: Float32Array;
  /** middle of the plot (m) */
  readonly middleX: Float32Array;
  readonly middleY: Float32Array;
  /** distance of rows (m) and share of it that they take */
  readonly rowM: Float32Array;
  readonly fill: Float32Array;
  readonly along: Float32Array;
  readonly astray: Float32Array;
  readonly heightM: Float32Array;
  readonly key: Uint32Array;
}

/** Rows run along the longest side of their plot, panels east and west. */
export function drawPlots({ points, starts, count }: Outlines, coverOf: Uint8Array, seed: number): Drawing {
  const floats = (): Float32Array => new Float32Array(count);
  const [pattern, key] = [new Uint8Array(count), new Uint32Array(count)];
  const [acrossX, acrossY, middleX, middleY] = [floats(), floats(), floats(), floats()];
  const [rowM, fill, along, astray, heightM] = [floats(), floats(), floats(), floats(), floats()];
  for (let plot = 0; plot < count; plot++) {
    const look = fineCovers[covers[coverOf[plot]!]!.name];
    const between = ([low, high]: readonly [number, number], k: number): number =>
      low + (high - low) * hashFraction(seed, plot, k);
    pattern[plot] = patterns.indexOf(look.pattern);
    key[plot] = hash32(seed, plot, 411);
    rowM[plot] = look.rowM ? between(look.rowM, 401) : 1;
    fill[plot] = look.fill ? between(look.fill, 402) : 1;
    along[plot] = look.along ?? 1;
    astray[plot] = look.astray ?? 0;
    heightM[plot] = look.heightM ? between(look.heightM, 403) : 0;
    let longest = -1;
    let [x, y] = [0, 0];
    for (let p = starts[plot]!, last = starts[plot + 1]! - 1; p <= last; p++) {
      const q = p === last ? starts[plot]! : p + 1;
      const [dx, dy] = [points[2 * q]! - points[2 * p]!, points[2 * q + 1]! - points[2 * p + 1]!];
      const length = Math.hypot(dx, dy);
      x += points[2 * p]! / (last - starts[plot]! + 1);
      y += points[2 * p + 1]! / (last - starts[plot]! + 1);
      if (length <= longest) continue;
      longest = length;
      acrossX[plot] = -dy / length;
      acrossY[plot] = dx / length;
    }
    if (look.pattern === 'panels') [acrossX[plot], acrossY[plot]] = [0, 1];
    [middleX[plot], middleY[plot]] = [x, y];
  }
  return { pattern, acrossX, acrossY, middleX, middleY, rowM, fill, along, astray, heightM, key };
}

/** Where the sun stands: unit vector towards it on the ground, and the length of the shadow of 1 m. */
export interface Sun {
  readonly x: number;
  readonly y: number;
  readonly shadowPerM: number;
}

/** Light of a place within its plot, and whether it is part of a row. */
export interface Touch {
  light: number;
  isRow: boolean;
}

const [field, treeRows, panels, tunnels, roof, paved, canopy, heap, water] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Light of shaded ground below crowns and panels. */
const rowShade = 0.62;

/** What is drawn at a place of the ground (m); written into `out`. */
export function touch(drawing: Drawing, plot: number, x: number, y: number, sun: Sun, out: Touch): void {
  out.light = 1;
  out.isRow = false;
  const kind = drawing.pattern[plot]!;
  if (kind === 0) return;
  const key = drawing.key[plot]!;
  const [nx, ny, rowM] = [drawing.acrossX[plot]!, drawing.acrossY[plot]!, drawing.rowM[plot]!];
  const u = (x - drawing.middleX[plot]!) * nx + (y - drawing.middleY[plot]!) * ny;
  const v = (y - drawing.middleY[plot]!) * nx - (x - drawing.middleX[plot]!) * ny;
  switch (kind) {
    case field: {
      const deep = ((key >>> 8) & 255) / 255;
      out.light = 1 + 0.045 * deep * deep * Math.cos((2 * Math.PI * u) / rowM) + 0.07 * valueNoise(key, x / 24, y / 24);
      return;
    }
    case treeRows:
      return trees(drawing, plot, { u, v, key, nx, ny }, sun, out);
    case panels: {
      const at = u / rowM - Math.floor(u / rowM);
      const table = 18 + (key & 15);
      const gap = v / table - Math.floor(v / table);
      out.isRow = at < drawing.fill[plot]! && gap > 0.07;
      // the row to the south throws its shadow
      if (!out.isRow && at - drawing.fill[plot]! < (1.6 * sun.shadowPerM * Math.max(0, -sun.y)) / rowM)
        out.light = rowShade;
      return;
    }
    case tunnels: {
      const at = u / rowM - Math.floor(u / rowM);
      const fill = drawing.fill[plot]!;
      out.isRow = at < fill;
      const slope = nx * sun.x + ny * sun.y;
      out.light = out.isRow ? 1 + 0.3 * slope * (at / fill - 0.5) * 2 - 0.2 * ((2 * at) / fill - 1) ** 4 : 0.8;
      return;
    }
    case roof: {
      const slope = nx * sun.x + ny * sun.y;
      const isLit = u > 0 === slope > 0;
      out.light = (isLit ? 1.06 : 1.06 - 0.28 * Math.abs(slope)) * (1 + 0.04 * Math.cos((2 * Math.PI * v) / 9));
      return;
    }
    case paved: {
      const cell = hash32(key, Math.floor(u / 3), Math.floor(v / 5.5));
      if ((cell & 1023) < 26) out.light = 0.45 + ((cell >>> 10) & 255) / 170;
      return;
    }
    case canopy:
      out.light = 1 + 0.24 * valueNoise(key, x / 4.5, y / 4.5) + 0.12 * valueNoise(key + 1, x / 13, y / 13);
      return;
    case heap:
      out.light = 1 + 0.14 * valueNoise(key, x / 7, y / 7) + 0.1 * valueNoise(key + 1, x / 22, y / 22);
      return;
    case water:
      out.light = 1 + 0.06 * valueNoise(key, x / 30, y / 30);
      return;
    default:
  }
}

interface Spot {
  readonly u: number;
  readonly v: number;
  readonly key: number;
  readonly nx: number;
  readonly ny: number;
}

/** Crowns in rows, some missing, each with its shadow. */
function trees(drawing: Drawing, plot: number, { u, v, key, nx, ny }: Spot, sun: Sun, out: Touch): void {
  const rowM = drawing.rowM[plot]!;
  const alongM = rowM * drawing.along[plot]!;
  const radius = (rowM * drawing.fill[plot]!) / 2;
  const astray = drawing.astray[plot]!;
  const row = Math.floor(u / rowM);
  const place = Math.floor(v / alongM);
  const tree = hash32(key, row, place);
  if ((tree & 255) < 14) return;
  const du = u - (row + 0.5 + (((tree >>> 8) & 255) / 127.5 - 1) * astray) * rowM;
  const dv = v - (place + 0.5 + (((tree >>> 16) & 255) / 127.5 - 1) * astray) * alongM;
  const size = radius * (0.8 + 0.4 * ((tree >>> 24) / 255));
  const far = du * du + (dv * radius) ** 2 / Math.max(radius, 0.5 * alongM) ** 2;
  const sunU = nx * sun.x + ny * sun.y;
  if (far < size * size) {
    out.isRow = true;
    out.light = 1 + (0.25 * (du * sunU)) / size;
    return;
  }
  const [su, sv] = [
    du + 0.7 * size * sunU * sun.shadowPerM,
    dv + 0.7 * size * (nx * sun.y - ny * sun.x) * sun.shadowPerM,
  ];
  if (su * su + sv * sv < size * size) out.light = rowShade;
}
