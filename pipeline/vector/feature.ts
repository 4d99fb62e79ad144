import { AppError } from '../errors.ts';

export type VectorValue = string | number | boolean | null;

/** Rings of one polygon, the exterior first; closed: the last point repeats the first. `[x, y]`. */
export type VectorPolygon = readonly (readonly (readonly [number, number])[])[];

/** One row of a vector file. */
export interface VectorFeature {
  /** 1-based position in the file; rows that are deleted or empty count too */
  readonly row: number;
  readonly properties: Readonly<Record<string, VectorValue>>;
  /** in the file's CRS, `[x, y]`; `[]` of an empty polygon, null of no or another geometry */
  readonly polygons: readonly VectorPolygon[] | null;
  /** Polygon, MultiPolygon, Point, …; `Null` where the row has none */
  readonly geometryType: string;
}

/** Something a person should know of a file that was read all the same. */
export interface VectorNote {
  readonly code: string;
  readonly message: string;
  readonly todo: string;
}

/** A vertex limit no map sheet, township or county outline comes near; each vertex costs about 100 bytes. */
export const maxVertices = 2_000_000;

/** A row whose polygon has too many. @param vertices where their number is known */
export function tooMany(file: string, row: number, vertices?: number): AppError {
  return new AppError(
    'INPUT_INVALID',
    `${file}: 顶点过多 row ${row} has a polygon of ${vertices ?? `more than ${maxVertices}`} vertices; at most ${maxVertices} are read.`,
    'Split it, or simplify it where it repeats points (ogr2ogr -simplify 0.1 …), and import again.',
    { file, row, vertices: vertices ?? null },
  );
}

/** @throws AppError INPUT_INVALID above `maxVertices` */
export function checkVertices(file: string, row: number, vertices: number): void {
  if (vertices > maxVertices) throw tooMany(file, row, vertices);
}

/** Up to eight row numbers as text. */
export function listRows(rows: readonly number[]): string {
  const shown = rows.slice(0, 8).join(', ');
  return rows.length > 8 ? `${shown} … (${rows.length} rows)` : shown;
}

export const unreadable = (file: string, what: string, todo: string, details: Record<string, unknown> = {}): AppError =>
  new AppError('INPUT_INVALID', `${file}: ${what}`, todo, { file, ...details });
