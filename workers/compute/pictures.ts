import sharp from 'sharp';
import { quantileAt } from '../../pipeline/pair/quantile.ts';
import type { PairStatistics } from '../../pipeline/pair/statistics.ts';
import type { Picture } from '../../pipeline/report/report-input.ts';
import { applyAffine, composeAffine } from '../../pipeline/geo/affine.ts';
import { asAppError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import type { Polygon } from '../../pipeline/geo/polygon.ts';
import { polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import type { Affine, BandName, Grid, Raster, Window } from '../../pipeline/types.ts';
import { createLookReader } from './look-reader.ts';
import type { LookReader, LookReaderOptions } from './look-reader.ts';

const mapSidePx = 1000;
const chipSidePx = 240;
/** Roofs make the stretch wide: without these, plants, which are most of the ground, would be black. */
const displayGamma = 0.6;
const lowShare = 0.7;

/** A stretch of reflectance to 0..255. */
export interface Stretch {
  /** `[low, high]` for red, green, blue */
  readonly ranges: readonly (readonly [number, number])[];
}

/** Positions of the bands shown as red, green, blue; false colour or grey where a scene lacks them. */
export function shownBands(bands: readonly { readonly name: BandName }[]): readonly [number, number, number] {
  const at = (name: BandName): number => bands.findIndex((band) => band.name === name);
  const rgb = [at('red'), at('green'), at('blue')] as const;
  if (rgb.every((band) => band >= 0)) return rgb;
  const falseColour = [at('nir'), at('red'), at('green')] as const;
  return falseColour.every((band) => band >= 0)
    ? falseColour
    : [0, Math.min(1, bands.length - 1), Math.min(2, bands.length - 1)];
}

/** A coarser (or equal) grid over the same ground whose pixels are square on the ground. */
export function displayGrid(
  grid: Grid,
  sidePx = mapSidePx,
): { readonly grid: Grid; readonly metresPerPx: number; readonly perPx: readonly [number, number] } {
  const gsd = gsdOf(grid);
  const metresPerPx = Math.max(
    (grid.width * gsd.x) / sidePx,
    (grid.height * gsd.y) / sidePx,
    Math.min(gsd.x, gsd.y) / 2,
  );
  const [width, height] = [
    Math.max(1, Math.round((grid.width * gsd.x) / metresPerPx)),
    Math.max(1, Math.round((grid.height * gsd.y) / metresPerPx)),
  ];
  const perPx = [grid.width / width, grid.height / height] as const;
  return { grid: { crs: grid.crs, affine: scaled(grid.affine, perPx), width, height }, metresPerPx, perPx };
}

const scaled = (affine: Affine, [x, y]: readonly [number, number]): Affine => composeAffine(affine, [x, 0, 0, 0, y, 0]);

/**
 * Quantiles 2 % and 98 % of the ground seen (clouds left out): one stretch for both dates where they are reflectance,
 * each its own where the values are only digital numbers.
 */
export function stretchesOf(
  statistics: PairStatistics | null,
  shown: readonly [number, number, number],
): { readonly before: Stretch; readonly after: Stretch } {
  const unit = { ranges: shown.map(() => [0, 0.3] as const) };
  if (statistics === null) return { before: unit, after: unit };
  const own = (side: 'before' | 'after') =>
    shown.map((band) => [quantileAt(statistics[side], band, 0.02), quantileAt(statistics[side], band, 0.98)] as const);
  const [before, after] = [own('before'), own('after')];
  const wide = (ranges: readonly (readonly [number, number])[]): Stretch => ({
    ranges: ranges.map(([low, high]) => [low, Math.max(high, low + 1e-6)] as const),
  });
  const { radiometry } = statistics;
  if (radiometry.before === 'dn' || radiometry.after === 'dn') return { before: wide(before), after: wide(after) };
  const joint = wide(
    before.map(([low, high], k) => [lowShare * Math.min(low, after[k]![0]), Math.max(high, after[k]![1])] as const),
  );
  return { before: joint, after: joint };
}

const brightness = (fraction: number): number => Math.round(255 * fraction ** displayGamma);
const cellCount = 4096;

/** Brightness at the ends of even cells: it only rises, so a cell whose ends agree has one value, and few pixels need a power. */
function brightnessCells(): Uint8Array {
  return Uint8Array.from({ length: cellCount + 2 }, (_, cell) => brightness(Math.min(1, cell / cellCount)));
}

/** RGBA bytes of a raster; unseen pixels are a flat grey. */
function toRgb(raster: Raster, shown: readonly [number, number, number], { ranges }: Stretch): Uint8Array {
  const count = raster.width * raster.height;
  const out = new Uint8Array(count * 3);
  const cells = brightnessCells();
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      const value = raster.data[shown[k]! * count + i]!;
      const [low, high] = ranges[k]!;
      if (value !== value) {
        out[i * 3 + k] = 200;
        continue;
      }
      const at = Math.min(1, Math.max(0, (value - low) / (high - low)));
      const cell = Math.floor(at * cellCount);
      out[i * 3 + k] = cells[cell] === cells[cell + 1] ? cells[cell]! : brightness(at);
    }
  }
  return out;
}

/** A picture of a raster as an inline JPEG; the same pixels give the same bytes. */
export async function picture(
  raster: Raster,
  shown: readonly [number, number, number],
  stretch: Stretch,
  overlay: string | null = null,
  side: number | null = null,
): Promise<Picture> {
  const { width, height } = raster;
  let image = sharp(toRgb(raster, shown, stretch), { raw: { width, height, channels: 3 } });
  const [outWidth, outHeight] = side === null ? [width, height] : [side, side];
  if (side !== null)
    image = sharp(await image.resize(side, side, { kernel: 'nearest', fit: 'fill' }).raw().toBuffer(), {
      raw: { width: side, height: side, channels: 3 },
    });
  if (overlay !== null) image = image.composite([{ input: Buffer.from(overlay) }]);
  const bytes = await image.jpeg({ quality: 84, chromaSubsampling: '4:4:4' }).toBuffer();
  return { dataUri: `data:image/jpeg;base64,${bytes.toString('base64')}`, width: outWidth, height: outHeight };
}

/**
 * The scene on the display grid, read in strips of rows so that memory stays small; NaN where a file is broken.
 *
 * @param within what is read of it (px); NaN elsewhere. null: all
 */
export async function readDisplay(
  options: Omit<LookReaderOptions, 'grid'>,
  display: Grid,
  within: Window | null = null,
): Promise<Raster> {
  const reader = createLookReader({ ...options, grid: display });
  const { width, height } = display;
  const bands = options.bands.length;
  const data = new Float32Array(bands * width * height).fill(Number.NaN);
  const rows = 64;
  const parts: Window[] = [];
  const shown = within ?? { col: 0, row: 0, width, height };
  const end = shown.row + shown.height;
  for (let row = shown.row; row < end; row += rows) parts.push({ ...shown, row, height: Math.min(rows, end - row) });
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const raster = await readPart(reader, part);
    if (raster === null) parts.unshift(...halvesOf(part));
    else pasteInto({ data, width, height, bands }, part, raster);
  }
  return { data, width, height, bands };
}

/** Ground around an area of interest that a map shows, display px. */
const marginPx = 40;

/** The window of a grid that an area of interest (lon/lat) lies in, with a margin; null: it is the whole grid. */
export function windowOfArea(grid: Grid, polygons: readonly Polygon[] | null): Window | null {
  if (polygons === null) return null;
  const points = polygonsOnGrid(grid, polygons).flat(2);
  const [cols, rows] = [points.map(([col]) => col), points.map(([, row]) => row)];
  const [left, right] = spanOf(cols, grid.width);
  const [top, bottom] = spanOf(rows, grid.height);
  return { col: left, row: top, width: right - left, height: bottom - top };
}

function spanOf(values: readonly number[], limit: number): readonly [number, number] {
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [limit, 0]);
  const from = Math.min(limit, Math.max(0, Math.floor(least!) - marginPx));
  return [from, Math.max(from, Math.min(limit, Math.ceil(most!) + marginPx))];
}

/** Null where a block of the part cannot be decoded. */
async function readPart(reader: LookReader, part: Window): Promise<Raster | null> {
  try {
    return await reader.readRaster(part);
  } catch (error) {
    if (asAppError(error).code === 'INPUT_INVALID') return null;
    throw error;
  }
}

const smallestPx = 8;

/** None where the part is too small to be worth another try. */
function halvesOf({ col, row, width, height }: Window): Window[] {
  if (Math.max(width, height) <= smallestPx) return [];
  const [w, h] = width >= height ? [width >> 1, height] : [width, height >> 1];
  return [
    { col, row, width: w, height: h },
    width >= height
      ? { col: col + w, row, width: width - w, height }
      : { col, row: row + h, width, height: height - h },
  ];
}

function pasteInto(target: Raster, { col, row }: Window, part: Raster): void {
  for (let line = 0; line < part.bands * part.height; line++) {
    const [band, r] = [Math.floor(line / part.height), line % part.height];
    const from = part.data.subarray(line * part.width, (line + 1) * part.width);
    target.data.set(from, (band * target.height + row + r) * target.width + col);
  }
}

/** Square cut-out around a patch, twice its size, at least 48 px of the run's grid wide, square on the ground. */
export function chipGrid(
  grid: Grid,
  bboxPx: readonly [number, number, number, number],
): {
  readonly grid: Grid;
  readonly perPx: readonly [number, number];
  readonly toChip: (col: number, row: number) => readonly [number, number];
} {
  const gsd = gsdOf(grid);
  const [minCol, minRow, maxCol, maxRow] = bboxPx;
  const sideM = Math.max(48 * Math.min(gsd.x, gsd.y), 2 * (maxCol - minCol) * gsd.x, 2 * (maxRow - minRow) * gsd.y);
  const side = Math.max(1, Math.min(chipSidePx, Math.round(sideM / Math.min(gsd.x, gsd.y))));
  const perPx = [sideM / side / gsd.x, sideM / side / gsd.y] as const;
  const [left, top] = [(minCol + maxCol) / 2 - (side * perPx[0]) / 2, (minRow + maxRow) / 2 - (side * perPx[1]) / 2];
  const [x, y] = applyAffine(grid.affine, left, top);
  const [a, b, , d, e] = scaled(grid.affine, perPx);
  return {
    grid: { crs: grid.crs, affine: [a, b, x, d, e, y], width: side, height: side },
    perPx,
    toChip: (col, row) => [((col - left) / perPx[0] / side) * chipSidePx, ((row - top) / perPx[1] / side) * chipSidePx],
  };
}

/** Outline of a patch over a chip. */
export function chipOverlay(rings: readonly (readonly (readonly [number, number])[])[]): string {
  const path = rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${chipSidePx}" height="${chipSidePx}"><path d="${path}" fill="none" stroke="#000" stroke-opacity=".6" stroke-width="4"/><path d="${path}" fill="none" stroke="#fff200" stroke-width="2"/></svg>`;
}

export { chipSidePx };
