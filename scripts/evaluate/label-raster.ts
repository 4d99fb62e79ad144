import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { applyAffine, invertAffine } from '../../pipeline/geo/affine.ts';
import { sameCrs } from '../../pipeline/geo/crs.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import type { GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import type { Grid, LandClass, Window } from '../../pipeline/types.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { codeOfClass, labelCode, type Labels, type LabelValues } from './label-value.ts';

const stripRows = 256;
/** More different values than this, and it is a picture, no label file. */
const mostValues = 64;
/** How far pixels of labels and grid may lie apart (px). */
const slackPx = 0.1;

/** By the place on the map that the file claims, or pixel by pixel whatever it claims. */
export type Align = 'map' | 'array';

export interface LabelRasterOptions {
  readonly grid: Grid;
  readonly classes: readonly LandClass[];
  readonly values: LabelValues;
  /** null: both must say the same */
  readonly align: Align | null;
}

/**
 * Labels of a one-band GeoTIFF: georeferenced on the pixels of the grid (all of it or a part), or without georeference
 * and of its size. Every value that occurs must be named; declared nodata and masked pixels are ignored.
 *
 * @throws AppError INPUT_INVALID naming size, system or value
 */
export async function openLabelRaster(
  path: string,
  { grid, classes, values, align }: LabelRasterOptions,
): Promise<Labels> {
  const file = await openGeotiff(await openFileSource(path));
  try {
    const name = basename(path);
    const bands = file.bands.flatMap((_, band) => (band === file.alphaIndex ? [] : [band]));
    if (bands.length !== 1)
      throw new AppError(
        'INPUT_INVALID',
        `${name} has ${bands.length} bands; labels have one.`,
        `Take the band of the labels: gdal_translate -b 1 ${name} labels.tif.`,
      );
    const placed = placeOnGrid(file, { name, grid, align });
    const codes = await codesOf(file, { name, classes, values });
    return {
      kind: 'raster',
      notes: [...placed.notes, ...codes.notes],
      read: (window) => readCodes(file, window, { ...placed, codes: codes.codeOf }),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Placed {
  /** grid pixel of the first pixel of the labels */
  readonly col: number;
  readonly row: number;
  readonly notes: readonly string[];
}

interface Placing {
  readonly name: string;
  readonly grid: Grid;
  readonly align: Align | null;
}

function placeOnGrid(file: GeotiffFile, { name, grid, align }: Placing): Placed {
  const isMapped = file.affine !== null && (file.crs !== null || file.crsProblem !== null);
  return align === 'array' || (align === null && !isMapped)
    ? placeByArray(file, name, grid)
    : placeByMap(file, { name, grid, align });
}

function placeByArray(file: GeotiffFile, name: string, grid: Grid): Placed {
  const size = `${file.width} × ${file.height} px`;
  const [dx, dy] = [file.width - grid.width, file.height - grid.height];
  if (dx === 0 && dy === 0) return { col: 0, row: 0, notes: [] };
  // the masks of some published pairs lack or repeat a last row or column
  if (Math.abs(dx) <= 1 && Math.abs(dy) <= 1) {
    const note = `${name} is ${size}, the scene ${grid.width} × ${grid.height}: laid on its upper left corner.`;
    return { col: 0, row: 0, notes: [note] };
  }
  throw new AppError(
    'INPUT_INVALID',
    `${name} is ${size}, placed by its pixels alone; the before scene has ${grid.width} × ${grid.height} px.`,
    'Give labels of the size of its finest file, or georeferenced ones (gdal_translate -a_srs … -a_ullr …).',
    { width: file.width, height: file.height, wanted: [grid.width, grid.height] },
  );
}

function placeByMap(file: GeotiffFile, { name, grid, align }: Placing): Placed {
  const { crs, affine, width, height } = file;
  const command = `gdalwarp -r near -t_srs EPSG:${grid.crs.epsg ?? '…'} -te ${extentOf(grid).join(' ')} -ts ${grid.width} ${grid.height} ${name} labels.tif`;
  const todo = `Lay the labels on its pixels: ${command}.`;
  if (crs === null || affine === null || !sameCrs(crs, grid.crs))
    throw new AppError(
      'INPUT_INVALID',
      `${name} is in ${crs?.name ?? file.crsProblem ?? 'an unknown system'}; the before scene is in ${grid.crs.name}.`,
      todo,
      { labels: crs?.name ?? null, scene: grid.crs.name },
    );
  const toGrid = invertAffine(grid.affine);
  const at = (c: number, r: number): readonly [number, number] => applyAffine(toGrid, ...applyAffine(affine, c, r));
  const [x0, y0] = at(0, 0);
  const [col, row] = [Math.round(x0), Math.round(y0)];
  const [x1, y1] = at(width, height);
  const strays = [x0 - col, y0 - row, x1 - col - width, y1 - row - height].map(Math.abs);
  const isSameSize = width === grid.width && height === grid.height;
  const where = `its first pixel is at column ${x0.toFixed(2)}, row ${y0.toFixed(2)} of the before scene, its last corner at ${x1.toFixed(2)}, ${y1.toFixed(2)}`;
  if (isSameSize && align === null && (col !== 0 || row !== 0))
    throw new AppError(
      'INPUT_INVALID',
      `${name} has the very size of the before scene (${width} × ${height} px), yet by its georeference ${where}.`,
      'Say which is true: --align array (pixel by pixel) or --align map (by the georeference).',
      { col: x0, row: y0 },
    );
  if (strays.some((stray) => stray > slackPx))
    throw new AppError('INPUT_INVALID', `${name} does not lie on pixels of the grid: ${where}.`, todo, {
      col: x0,
      row: y0,
    });
  if (col >= grid.width || row >= grid.height || col + width <= 0 || row + height <= 0)
    throw new AppError(
      'INPUT_INVALID',
      `${name} lies outside the before scene: ${where}.`,
      'Give the labels of this place.',
    );
  const isPart = !isSameSize || col !== 0 || row !== 0;
  return { col, row, notes: isPart ? [`${name} covers a part of the grid; the rest is not scored.`] : [] };
}

function extentOf({ affine, width, height }: Grid): number[] {
  const [x0, y0] = applyAffine(affine, 0, 0);
  const [x1, y1] = applyAffine(affine, width, height);
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

interface Codes {
  readonly codeOf: ReadonlyMap<number, number>;
  readonly notes: readonly string[];
}

/** Look at every pixel once, so that a value nobody named stops the evaluation before it begins. */
async function codesOf(
  file: GeotiffFile,
  { name, classes, values }: { name: string; classes: readonly LandClass[]; values: LabelValues },
): Promise<Codes> {
  const counts = new Map<number, number>();
  for (let row = 0; row < file.height; row += stripRows) {
    const window = { col: 0, row, width: file.width, height: Math.min(stripRows, file.height - row) };
    const { data } = await file.readWindow(window, [bandOf(file)]);
    for (const value of data) counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > mostValues)
      throw new AppError(
        'INPUT_INVALID',
        `${name} has more than ${mostValues} different values, so it is no label file.`,
        'Give a raster of few whole numbers that say changed, unchanged and ignored.',
      );
  }
  const codeOf = new Map<number, number>([
    ...[...values.changed].map(([value, into]) => [value, codeOfClass(into, classes, `--changed ${value}`)] as const),
    ...[...values.unchanged].map((value) => [value, labelCode.unchanged] as const),
    ...[...values.ignored].map((value) => [value, labelCode.ignored] as const),
  ]);
  const nodata = file.bands[bandOf(file)]?.nodata ?? null;
  const notes: string[] = [];
  for (const value of [nodata, Number.NaN])
    if (value !== null && counts.has(value) && !codeOf.has(value)) {
      codeOf.set(value, labelCode.ignored);
      notes.push(`${name}: ${counts.get(value)} px of nodata are not scored.`);
    }
  const found = [...counts].toSorted(([a], [b]) => a - b);
  const strange = found.filter(([value]) => !codeOf.has(value));
  const shown = found.map(([value, count]) => `${value} (${count} px)`).join(', ');
  if (strange.length > 0)
    throw new AppError(
      'INPUT_INVALID',
      `${name} has the value ${strange.map(([value]) => value).join(', ')}, which nothing names; its values are ${shown}.`,
      'Say what each value means with --changed, --unchanged and --ignore.',
      { found },
    );
  if (!found.some(([value]) => codeOf.get(value) !== labelCode.ignored))
    throw new AppError(
      'INPUT_INVALID',
      `${name} labels no pixel; its values are ${shown}.`,
      'Check --changed and --unchanged.',
    );
  if (values.changed.size > 0 && !found.some(([value]) => codeOf.get(value)! >= labelCode.changed))
    throw new AppError(
      'INPUT_INVALID',
      `${name} has no pixel of --changed ${[...values.changed.keys()].join(',')}; its values are ${shown}.`,
      'Name the value of change, e.g. --changed 1 --unchanged 0 --ignore ""; where truly nothing changed, give --changed "".',
    );
  return { codeOf, notes };
}

const bandOf = ({ alphaIndex }: GeotiffFile): number => (alphaIndex === 0 ? 1 : 0);

async function readCodes(
  file: GeotiffFile,
  window: Window,
  { col, row, codes }: { readonly col: number; readonly row: number; readonly codes: ReadonlyMap<number, number> },
): Promise<Uint8Array> {
  const out = new Uint8Array(window.width * window.height);
  const left = Math.max(window.col, col);
  const top = Math.max(window.row, row);
  const right = Math.min(window.col + window.width, col + file.width);
  const bottom = Math.min(window.row + window.height, row + file.height);
  if (right <= left || bottom <= top) return out;
  const part = { col: left - col, row: top - row, width: right - left, height: bottom - top };
  const { data } = await file.readWindow(part, [bandOf(file)]);
  const mask = file.hasMask || file.alphaIndex !== null ? await file.readMask(part) : null;
  for (let r = 0; r < part.height; r++) {
    const to = (top - window.row + r) * window.width + left - window.col;
    for (let c = 0; c < part.width; c++) {
      const i = r * part.width + c;
      out[to + c] = mask?.[i] === 0 ? labelCode.ignored : codes.get(data[i]!)!;
    }
  }
  return out;
}
