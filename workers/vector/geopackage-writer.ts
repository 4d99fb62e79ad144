import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import type { Crs } from '../../pipeline/types.ts';
import { emptyBox } from '../../pipeline/vector/shape-write.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { gpkgGeometry } from '../../pipeline/vector/wkb.ts';
import { wktOf } from '../../pipeline/vector/wkt-write.ts';
import { fileError, syncFolder, temporaryMark } from '../images/file-sink.ts';
import type { VectorColumn, VectorWriter, WriteOptions } from './vector-writer.ts';

const types = { text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'BOOLEAN' } as const;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Tables every GeoPackage has; 1.3. @see OGC 12-128r17, annex C */
const schema = `
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL PRIMARY KEY REFERENCES gpkg_contents(table_name),
  column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys(srs_id),
  z TINYINT NOT NULL, m TINYINT NOT NULL);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL);`;

type Database = InstanceType<typeof sqlite.Database>;

/** A system without a code gets the first id that is free for such. */
const ownSrsId = 100_000;

function addSystems(database: Database, crs: Crs): number {
  const id = crs.epsg ?? ownSrsId;
  const insert = 'INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)';
  for (const one of [crsFromEpsg(4326), crs]) {
    const code = one.epsg ?? ownSrsId;
    database.run(insert, [one.name, code, one.epsg === null ? 'NONE' : 'EPSG', code, wktOf(one)]);
  }
  return id;
}

function createLayer(database: Database, layer: string, columns: readonly VectorColumn[]): void {
  const list = columns.map(({ name, type }) => `, ${quoted(name)} ${types[type]}`).join('');
  database.exec(
    `CREATE TABLE ${quoted(layer)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON${list})`,
  );
}

/** A writer of one layer of MultiPolygons as GeoPackage, without a spatial index. */
export async function openGeopackageWriter(
  path: string,
  { crs, columns, layer = basename(path, extname(path)) }: WriteOptions,
): Promise<VectorWriter> {
  const temporary = `${path}${temporaryMark}${randomUUID()}`;
  const database = await opened(temporary, path);
  // nothing of it is kept unless it ends well
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;');
  database.exec(`BEGIN; ${schema}`);
  const srsId = addSystems(database, crs);
  createLayer(database, layer, columns);
  const names = columns.map(({ name }) => `, ${quoted(name)}`).join('');
  const insert = database.prepare(
    `INSERT INTO ${quoted(layer)} (geom${names}) VALUES (?${', ?'.repeat(columns.length)})`,
  );
  const box = emptyBox();
  const discard = async (): Promise<void> => {
    if (database.isOpen) {
      if (!insert.isFinalized) insert.finalize();
      database.close();
    }
    await rm(temporary, { force: true });
  };
  return {
    add({ polygons, properties }) {
      for (const [ring = []] of polygons ?? [])
        for (const [x, y] of ring) {
          [box[0], box[1]] = [Math.min(box[0], x), Math.min(box[1], y)];
          [box[2], box[3]] = [Math.max(box[2], x), Math.max(box[3], y)];
        }
      const geometry = polygons === null ? null : gpkgGeometry(polygons, srsId);
      insert.run([geometry, ...columns.map(({ name }) => properties[name] ?? null)]);
      return null;
    },
    async finish() {
      insert.finalize();
      const extent = box[0] <= box[2] ? box : [null, null, null, null];
      const now = new Date().toISOString();
      database.run(`INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, ?)`, [
        layer,
        layer,
        now,
        ...extent,
        srsId,
      ]);
      database.run(`INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'MULTIPOLYGON', ?, 0, 0)`, [layer, srsId]);
      database.exec('COMMIT');
      database.close();
      await publish(temporary, path);
    },
    discard,
  };
}

async function opened(temporary: string, path: string): Promise<Database> {
  try {
    // the library's own errors do not say why
    const handle = await open(temporary, 'wx');
    await handle.close();
    return new sqlite.Database(temporary);
  } catch (error) {
    throw fileError(error, path);
  }
}

async function publish(temporary: string, path: string): Promise<void> {
  try {
    const handle = await open(temporary, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw fileError(error, path);
  }
}
