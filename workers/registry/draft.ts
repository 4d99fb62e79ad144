import { basename } from 'node:path';
import { equalAreaFrame, ringToFrame, type EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import { buildLayer, type LayerFeature, type ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { isGroundless } from '../../pipeline/vector/shape.ts';
import { repairPolygon } from '../../pipeline/parcel/repair.ts';
import { type Attributes, type Dictionary, attributeReader } from './attributes.ts';
import { type ColumnMap, mapColumns } from './field-table.ts';
import { frameCentreOf, type HomeRegion } from './frame-of.ts';
import type { ImportLimits } from './import-limits.ts';
import type { LayerKind, ZoneName } from '../../pipeline/parcel/layer-ref.ts';
import { type ProblemList, gatherProblems } from './problem.ts';
import type { SourceFeature, VectorSource } from './vector-source.ts';

/** What an import is held against. */
export interface ImportBasis {
  readonly dictionary: Dictionary;
  readonly home: HomeRegion;
  readonly limits: ImportLimits;
}

export interface RepairedRow {
  readonly row: number;
  readonly id: string;
  readonly areaBeforeM2: number;
  readonly areaAfterM2: number;
}

/** What the rows of a file say, apart from their ground. */
export interface ReadRows {
  readonly source: VectorSource;
  readonly kind: LayerKind;
  readonly zone: ZoneName | null;
  readonly map: ColumnMap;
  readonly rows: number;
  /** sum of the areas that the rows give (m²); null where no column does */
  readonly givenAreaM2: number | null;
  /** years that rows name, ascending */
  readonly years: readonly number[];
  readonly problems: ProblemList;
}

/** A file as it was read: the layer it gives, and what is wrong with it. Nothing is stored yet. */
export interface Draft extends ReadRows {
  readonly layer: ParcelLayer;
  readonly repaired: readonly RepairedRow[];
}

export interface DraftOptions {
  readonly kind: LayerKind;
  readonly zone: ZoneName | null;
  readonly basis: ImportBasis;
}

/** Takes a row's ground; false where it has none. */
type TakeGround = (feature: SourceFeature, attributes: Attributes, problems: ProblemList) => boolean;

/**
 * Read the rows of a file once, attributes as canonical columns. Rows without ground are told as GEOMETRY_MISSING
 * or, where the reader cannot read it, GEOMETRY_UNREAD; nothing is left out.
 *
 * @throws AppError INPUT_INVALID from the reader of the file
 */
export async function readRows(
  source: VectorSource,
  { kind, zone, basis }: DraftOptions,
  takeGround: TakeGround,
): Promise<ReadRows> {
  const problems = gatherProblems(basis.limits.listedRows);
  const map = mapColumns(kind, source.fields);
  for (const { column, names } of map.lacking)
    problems.add('COLUMN_MISSING', {
      what: `${basename(source.path)} has no column for ${column}; it has ${source.fields.join(', ') || 'none'}`,
      todo: `Give a file of this kind, or call the column ${names.slice(0, 4).join(', ')}.`,
    });
  const attributesOf = attributeReader(kind, { map, zone, dictionary: basis.dictionary, problems });
  const ids = watchIds(kind, problems);
  const years = new Set<number>();
  let [rows, grounds, givenAreaM2] = [0, 0, 0];
  for await (const feature of source.features()) {
    rows += 1;
    const { attributes, year, areaM2 } = attributesOf(feature);
    givenAreaM2 += Number.isNaN(areaM2) ? 0 : areaM2;
    if (/^(19|20)\d{2}$/.test(year)) years.add(Number(year));
    ids(attributes, feature.row);
    if (takeGround(feature, attributes, problems)) grounds += 1;
    else tellMissing(feature, problems);
  }
  for (const { code, message, todo } of source.notes) problems.add('FILE_NOTE', { what: `${code}: ${message}`, todo });
  if (grounds === 0)
    problems.add('NOTHING_TO_IMPORT', {
      what: `${basename(source.path)} has ${rows} rows and not one polygon`,
      todo: 'Give a file of polygons.',
    });
  return {
    source,
    kind,
    zone,
    map,
    rows,
    givenAreaM2: map.columns['areaM2'] === undefined ? null : givenAreaM2,
    years: [...years].toSorted((a, b) => a - b),
    problems,
  };
}

/** The frame a file is stored in, from its first point on. */
export function frameFinder(
  { crs }: VectorSource,
  home: HomeRegion,
): (feature: SourceFeature) => EqualAreaFrame | null {
  let frame: EqualAreaFrame | null = null;
  return ({ polygons }) => {
    const point = frame === null ? polygons?.[0]?.[0]?.[0] : undefined;
    if (point !== undefined) frame = equalAreaFrame(frameCentreOf(point, crs, home));
    return frame;
  };
}

/**
 * Read a file as the layer that would be stored: geometries in the frame and repaired.
 *
 * @throws AppError INPUT_INVALID from the reader of the file
 */
export async function readDraft(source: VectorSource, options: DraftOptions): Promise<Draft> {
  const { home, limits } = options.basis;
  const features: LayerFeature[] = [];
  const repaired: RepairedRow[] = [];
  const frameOf = frameFinder(source, home);
  let centre = home.frame;
  const read = await readRows(source, options, (feature, attributes, problems) => {
    const frame = frameOf(feature);
    centre = frame?.centre ?? centre;
    const polygons = frame === null ? [] : groundOf(feature, { source, frame, limits, problems, repaired, attributes });
    features.push({ polygons, attributes });
    return polygons.length > 0;
  });
  return { ...read, layer: buildLayer({ centre, features }), repaired };
}

/** Ids that tell features apart must be unique; of the survey's parcels the row tells them apart. */
function watchIds(kind: LayerKind, problems: ProblemList): (attributes: Attributes, row: number) => void {
  const mustDiffer = kind === 'project' || kind === 'sub-project';
  const firstRow = new Map<string, number>();
  return ({ id = '' }, row) => {
    const first = firstRow.get(id);
    if (first === undefined) firstRow.set(id, row);
    else if (id !== '' && mustDiffer)
      problems.add('ID_TWICE', {
        what: `the id ${id} is that of row ${first} too`,
        todo: 'Give each its own id.',
        row,
      });
    else if (id !== '')
      problems.add('ID_REPEATED', { what: 'an earlier row has the same id', todo: 'Rows tell them apart.', row });
  };
}

function tellMissing({ row, geometryType, polygons }: SourceFeature, problems: ProblemList): void {
  if (polygons === null && !isGroundless(geometryType)) {
    const todo =
      'Make polygons of it (ogr2ogr -nlt MULTIPOLYGON out.gpkg …); --accept GEOMETRY_UNREAD keeps it without ground.';
    problems.add('GEOMETRY_UNREAD', { what: `the geometry is ${geometryType}, which is not read`, todo, row });
    return;
  }
  const what = polygons === null ? `the geometry is ${geometryType}, no polygon` : 'the polygon has no area';
  problems.add('GEOMETRY_MISSING', { what, todo: 'It is kept without ground: no change is found there.', row });
}

/** Polygons of a row in the frame, valid; a repair is told. */
function groundOf(
  feature: SourceFeature,
  how: {
    readonly source: VectorSource;
    readonly frame: EqualAreaFrame;
    readonly limits: ImportLimits;
    readonly problems: ProblemList;
    readonly repaired: RepairedRow[];
    readonly attributes: Attributes;
  },
): LayerFeature['polygons'] {
  const { source, frame, limits, problems, repaired, attributes } = how;
  const { row } = feature;
  const given = (feature.polygons ?? []).map((polygon) => polygon.map((ring) => ringToFrame(ring, source.crs, frame)));
  if (given.length === 0) return [];
  const { polygons, areaBeforeM2, areaAfterM2, isChanged } = repairPolygon(given);
  if (!isChanged || polygons.length === 0) return polygons;
  repaired.push({ row, id: attributes['id'] ?? '', areaBeforeM2, areaAfterM2 });
  const changeM2 = Math.abs(areaAfterM2 - areaBeforeM2);
  const { maxChangeFraction, maxChangeM2 } = limits.repair;
  if (changeM2 > maxChangeM2 && changeM2 > maxChangeFraction * Math.max(areaBeforeM2, areaAfterM2))
    problems.add('REPAIR_TOO_LARGE', {
      what: `the geometry is not valid, and repaired it would have another area by more than ${maxChangeM2} m² and ${100 * maxChangeFraction} %`,
      todo: 'Correct the outline (areas before and after are listed); --accept REPAIR_TOO_LARGE takes the repaired one.',
      row,
    });
  else
    problems.add('GEOMETRY_REPAIRED', {
      what: 'the geometry was not valid and was repaired',
      todo: 'Areas before and after are listed.',
      row,
    });
  return polygons;
}
