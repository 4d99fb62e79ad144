import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg, crsFromWkt } from '../../pipeline/geo/crs.ts';
import type { CrsClaim } from '../../pipeline/vector/crs-choice.ts';
import { type VectorFeature, type VectorNote, type VectorValue } from '../../pipeline/vector/feature.ts';
import { parseGpkgGeometry } from '../../pipeline/vector/wkb.ts';
import { pickLayer } from './pick-layer.ts';
import type { RawLayer, VectorOptions } from './raw-layer.ts';
import { openSqliteFile, sqliteError, type SqliteDatabase, type SqliteRow } from './sqlite-file.ts';

/** A name as SQL. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const all = (database: SqliteDatabase, sql: string, values: (string | number)[] = []): SqliteRow[] =>
  database.all(sql, values) as SqliteRow[];

interface Layer {
  readonly table: string;
  readonly geometry: string;
  readonly srs: number;
}

function layersOf(database: SqliteDatabase): readonly Layer[] {
  const rows = all(
    database,
    `SELECT g.table_name AS "table", g.column_name AS "column", g.srs_id AS srs FROM gpkg_geometry_columns g
     JOIN gpkg_contents c ON c.table_name = g.table_name WHERE c.data_type = 'features' ORDER BY g.table_name`,
  );
  return rows.map(({ table, column, srs }) => ({ table: String(table), geometry: String(column), srs: Number(srs) }));
}

function claimOf(database: SqliteDatabase, srs: number, options: VectorOptions): CrsClaim | null {
  const [row] = all(
    database,
    'SELECT organization, organization_coordsys_id AS code, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?',
    [srs],
  );
  if (row === undefined || srs <= 0 || options.crs !== undefined) return null;
  const how = `按 gpkg_spatial_ref_sys by its srs ${srs}`;
  try {
    if (String(row['organization']).toUpperCase() === 'EPSG') return { crs: crsFromEpsg(Number(row['code'])), how };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  return { crs: crsFromWkt(String(row['definition'])), how };
}

/**
 * Open a layer of a GeoPackage; columns of bytes are left out with a note.
 *
 * @throws AppError INPUT_INVALID where it is damaged, or holds several layers and none was named
 */
export async function openGeopackageLayer(path: string, options: VectorOptions): Promise<RawLayer> {
  const file = basename(path);
  const { database, close } = await openSqliteFile(path);
  try {
    const layer = pickLayer(file, layersOf(database), ({ table }) => table, options.layer);
    const columns = all(database, `PRAGMA table_info(${quoted(layer.table)})`)
      .map(({ name, type, pk }) => ({ name: String(name), type: String(type).toUpperCase(), isKey: Number(pk) > 0 }))
      .filter(({ name, isKey }) => name !== layer.geometry && !isKey);
    const blobs = columns.filter(({ type }) => type.startsWith('BLOB'));
    const kept = columns.filter(({ type }) => !type.startsWith('BLOB'));
    const notes: VectorNote[] = blobs.map(({ name }) => ({
      code: 'bytes-column',
      message: `${file}: column ${name} holds bytes and is left out.`,
      todo: 'Nothing, unless it should have been text.',
    }));
    const booleans = new Set(kept.filter(({ type }) => type === 'BOOLEAN').map(({ name }) => name));
    const select = [layer.geometry, ...kept.map(({ name }) => name)].map(quoted).join(', ');
    const count = all(database, `SELECT count(*) AS n FROM ${quoted(layer.table)}`)[0]!['n'];
    const keys = all(database, `SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table'`, [layer.table]);
    return {
      format: 'geopackage',
      layer: layer.table,
      declared: claimOf(database, layer.srs, options),
      encoding: null,
      encodingHow: null,
      fields: kept.map(({ name }) => name),
      featureCount: Number(count),
      notes,
      // a view has no row ids
      rows: () =>
        rowsOf(
          file,
          database,
          `SELECT ${select} FROM ${quoted(layer.table)}${keys.length > 0 ? ' ORDER BY rowid' : ''}`,
          { geometry: layer.geometry, booleans },
        ),
      close,
    };
  } catch (error) {
    await close();
    throw sqliteError(file, error);
  }
}

function valueOf(value: SqliteRow[string] | undefined, isBoolean: boolean): VectorValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return isBoolean ? value !== 0 : value;
  return typeof value === 'string' ? value : `<${value.length} bytes>`;
}

async function* rowsOf(
  file: string,
  database: SqliteDatabase,
  sql: string,
  { geometry, booleans }: { readonly geometry: string; readonly booleans: ReadonlySet<string> },
): AsyncGenerator<VectorFeature> {
  const statement = database.prepare(sql);
  let row = 0;
  try {
    for (const record of statement.iterate() as IterableIterator<SqliteRow>) {
      row++;
      const properties: Record<string, VectorValue> = {};
      for (const name in record) if (name !== geometry) properties[name] = valueOf(record[name], booleans.has(name));
      const bytes = record[geometry];
      const shape =
        bytes instanceof Uint8Array ? parseGpkgGeometry(file, row, bytes) : { geometryType: 'Null', polygons: null };
      yield { row, properties, ...shape };
    }
  } catch (error) {
    throw sqliteError(file, error);
  } finally {
    if (!statement.isFinalized) statement.finalize();
  }
}
