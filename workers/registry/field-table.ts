import type { LayerKind } from '../../pipeline/parcel/layer-ref.ts';

interface Column {
  /** canonical name */
  readonly name: string;
  /** field names of the survey's tables and of our own schema, the preferred first; case does not count */
  readonly fields: readonly string[];
  readonly isRequired?: true;
}

/**
 * Which field of a file is which column. Names of the survey's tables are those of the database standard of the
 * third survey and its predecessors; projects, permits and zones have no standard: their schema is our own.
 */
export const fieldTable: Readonly<Record<LayerKind, readonly Column[]>> = {
  'land-survey': [
    { name: 'id', fields: ['BSM', 'TBBH', 'id'] },
    { name: 'code', fields: ['DLBM', 'code'], isRequired: true },
    { name: 'name', fields: ['DLMC'] },
    { name: 'village', fields: ['ZLDWDM', 'village'] },
    { name: 'villageName', fields: ['ZLDWMC', 'villageName'] },
    { name: 'planting', fields: ['ZZSXDM', 'GDZZSXDM', 'planting'] },
    { name: 'year', fields: ['SJNF', 'year'] },
  ],
  'permanent-farmland': [
    { name: 'id', fields: ['YJJBNTTBBH', 'JBNTTBBH', 'TBBH', 'BSM', 'id'] },
    { name: 'year', fields: ['SJNF', 'year'] },
  ],
  permit: [
    { name: 'id', fields: ['id'], isRequired: true },
    { name: 'number', fields: ['number'], isRequired: true },
    { name: 'use', fields: ['use'] },
    { name: 'validFrom', fields: ['validFrom'] },
    { name: 'validTo', fields: ['validTo'] },
  ],
  zone: [
    { name: 'id', fields: ['id', 'XZQDM', 'BSM'] },
    { name: 'name', fields: ['name', 'XZQMC'] },
    { name: 'year', fields: ['SJNF', 'year'] },
  ],
  project: [
    { name: 'id', fields: ['id'], isRequired: true },
    { name: 'name', fields: ['name'], isRequired: true },
    { name: 'county', fields: ['county'], isRequired: true },
    { name: 'towns', fields: ['towns'], isRequired: true },
    { name: 'stage', fields: ['stage'] },
    { name: 'startDate', fields: ['startDate'] },
    { name: 'endDate', fields: ['endDate'] },
  ],
  'sub-project': [
    { name: 'id', fields: ['id'], isRequired: true },
    { name: 'project', fields: ['project'], isRequired: true },
    { name: 'work', fields: ['work'], isRequired: true },
    { name: 'plannedCode', fields: ['plannedCode'], isRequired: true },
    { name: 'town', fields: ['town'], isRequired: true },
    { name: 'plannedM2', fields: ['plannedM2'] },
  ],
};

/** Names in a table of a shapefile end after ten characters. */
const dbfNameLength = 10;

export interface FieldMap {
  /** canonical column → fields that give it, the preferred first */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** columns without a field */
  readonly missing: readonly string[];
  readonly missingRequired: readonly string[];
  /** fields that no column takes: they are not stored */
  readonly unknown: readonly string[];
}

/** Which fields of a file give the columns of a kind. */
export function mapFields(kind: LayerKind, fields: readonly string[]): FieldMap {
  const byName = new Map(fields.map((field) => [field.toLowerCase(), field]));
  const fieldOf = (name: string): string | undefined =>
    byName.get(name.toLowerCase()) ?? byName.get(name.slice(0, dbfNameLength).toLowerCase());
  const found = fieldTable[kind].map((column) => ({
    column,
    given: column.fields.map(fieldOf).filter((field) => field !== undefined),
  }));
  const taken = new Set(found.flatMap(({ given }) => given));
  const absent = found.filter(({ given }) => given.length === 0).map(({ column }) => column);
  return {
    columns: Object.fromEntries(
      found.filter(({ given }) => given.length > 0).map(({ column, given }) => [column.name, given]),
    ),
    missing: absent.map(({ name }) => name),
    missingRequired: absent.filter(({ isRequired }) => isRequired === true).map(({ name }) => name),
    unknown: fields.filter((field) => !taken.has(field)),
  };
}

/** `project` or `sub-project`, by its columns: a part of a project names its project. */
export function projectKindOf(fields: readonly string[]): 'project' | 'sub-project' {
  const names = new Set(fields.map((field) => field.toLowerCase()));
  return names.has('project') && names.has('work') ? 'sub-project' : 'project';
}
