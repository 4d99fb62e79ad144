import type { LayerKind } from '../../pipeline/parcel/layer-ref.ts';
import { fieldAliases, mapFields } from '../../pipeline/vector/field-alias.ts';

/** Columns that each kind stores, apart from those that are computed (`row`, `zone`, `asOf`). */
const storedColumns: Readonly<Record<LayerKind, readonly string[]>> = {
  'land-survey': ['id', 'code', 'name', 'village', 'town', 'county', 'villageName', 'planting'],
  'permanent-farmland': ['id'],
  permit: ['id', 'number', 'use', 'validFrom', 'validTo'],
  zone: ['id', 'name'],
  project: ['id', 'name', 'county', 'towns', 'stage', 'startDate', 'endDate'],
  'sub-project': ['id', 'project', 'work', 'plannedCode', 'town', 'plannedM2'],
};

/** Columns without which a file of the kind cannot be used: projects are told apart, placed and reported by them. */
const requiredColumns: Readonly<Partial<Record<LayerKind, readonly string[]>>> = {
  'land-survey': ['code'],
  project: ['id', 'name', 'county', 'towns'],
  'sub-project': ['id', 'project', 'work', 'plannedCode', 'town'],
};

/** Year that a row describes, in files of the survey. */
const yearNames = ['sjnf', 'year', '数据年份', '年份'];

export interface ColumnMap {
  /** column → field; besides the stored ones `areaM2` and `year`, which are looked at and not stored */
  readonly columns: Readonly<Record<string, string>>;
  /** stored columns without a field */
  readonly missing: readonly string[];
  /** those of them that the kind needs, with the names that would do */
  readonly lacking: readonly { readonly column: string; readonly names: readonly string[] }[];
  /** fields that are not stored, in file order */
  readonly unknown: readonly string[];
}

/** Which fields of a file give the columns of a kind. */
export function mapColumns(kind: LayerKind, fields: readonly string[]): ColumnMap {
  const stored = storedColumns[kind];
  const found = mapFields(kind, fields).columns;
  const year = fields.find((field) => yearNames.includes(field.toLowerCase()));
  const columns = Object.fromEntries(
    Object.entries(found).filter(([column]) => stored.includes(column) || column === 'areaM2'),
  );
  const kept = new Set(stored.map((column) => columns[column]));
  const derived = kind === 'land-survey' && columns['village'] !== undefined ? ['town', 'county'] : [];
  const missing = stored.filter((column) => columns[column] === undefined && !derived.includes(column));
  const needed = requiredColumns[kind] ?? [];
  const namesOf = (column: string): readonly string[] =>
    fieldAliases[kind].find((alias) => alias.column === column)?.names ?? [column];
  return {
    columns: year === undefined ? columns : { ...columns, year },
    missing,
    lacking: missing.filter((column) => needed.includes(column)).map((column) => ({ column, names: namesOf(column) })),
    unknown: fields.filter((field) => !kept.has(field)),
  };
}

/** `project` or `sub-project`, by its columns: a part has its own id, a work, and names its project. */
export function projectKindOf(fields: readonly string[]): 'project' | 'sub-project' {
  return mapColumns('sub-project', fields).lacking.some(({ column }) => ['id', 'project', 'work'].includes(column))
    ? 'project'
    : 'sub-project';
}

export const isRequired = (kind: LayerKind, column: string): boolean => (requiredColumns[kind] ?? []).includes(column);
