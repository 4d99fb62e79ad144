import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { gpkgGeometry, parseGpkgGeometry } from '../../pipeline/vector/wkb.ts';
import { hasFilegdb } from '../../workers/vector/filegdb-reader.ts';
import { openVector } from '../../workers/vector/open-vector.ts';
import { writeVector } from '../../workers/vector/write-vector.ts';
import { ownFolder, parcelColumns, parcels, readVector, square } from '../support/vector-file.ts';

const folder = ownFolder();
const at = (name: string) => join(folder, name);

async function made(name: string, format: 'geopackage' | 'flatgeobuf' = 'geopackage'): Promise<string> {
  await writeVector(format, at(name), {
    crs: crsFromEpsg(4549),
    columns: parcelColumns,
    layer: '地类图斑',
    features: parcels,
  });
  return at(name);
}

function change(path: string, sql: string): void {
  const database = new sqlite.Database(path);
  database.exec(sql);
  database.close();
}

describe('a GeoPackage', () => {
  it('with several layers asks for one by name, and gives it', async () => {
    const path = await made('layers.gpkg');
    change(
      path,
      `CREATE TABLE zones AS SELECT fid, geom, DLMC FROM 地类图斑;
       INSERT INTO gpkg_contents SELECT 'zones', data_type, 'zones', '', last_change, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents;
       INSERT INTO gpkg_geometry_columns SELECT 'zones', column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns;`,
    );
    await expect(readVector(path)).rejects.toThrow(
      /it holds 2 layers: zones, 地类图斑|it holds 2 layers: 地类图斑, zones/,
    );
    const { features, fields } = await readVector(path, { layer: 'zones' });
    expect([features.length, fields]).toEqual([2, ['fid', 'DLMC']]);
    await expect(readVector(path, { layer: 'roads' })).rejects.toThrow('no layer "roads"');
  });

  it('gives true and false, digits beyond 2^53, rows without a shape, and names columns of bytes', async () => {
    const path = await made('values.gpkg');
    change(
      path,
      `ALTER TABLE 地类图斑 ADD COLUMN isDone BOOLEAN; ALTER TABLE 地类图斑 ADD COLUMN big INTEGER; ALTER TABLE 地类图斑 ADD COLUMN photo BLOB;
       UPDATE 地类图斑 SET isDone = 1, big = 330411000000000007, photo = x'00'; UPDATE 地类图斑 SET geom = NULL WHERE fid = 2;`,
    );
    const { features, notes, fields } = await readVector(path);
    expect(features[0]!.properties).toMatchObject({ isDone: true, big: '330411000000000007' });
    expect(features[1]).toMatchObject({ row: 2, geometryType: 'Null', polygons: null });
    expect([notes, fields.includes('photo')]).toEqual([['bytes-column'], false]);
  });

  it('is read from a folder nobody may write to, and leaves nothing behind', async () => {
    const shut = at('shut');
    mkdirSync(shut);
    copyFileSync(await made('open.gpkg'), join(shut, 'a.gpkg'));
    chmodSync(shut, 0o555);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tianwatch-gpkg-')).length;
    expect((await readVector(join(shut, 'a.gpkg'))).features).toHaveLength(2);
    expect(readdirSync(shut)).toEqual(['a.gpkg']);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tianwatch-gpkg-'))).toHaveLength(before);
    chmodSync(shut, 0o755);
  });

  it('in WAL mode is read once its writer has finished, and refused before', async () => {
    const path = await made('wal.gpkg');
    const bytes = readFileSync(path);
    bytes.fill(2, 18, 20);
    writeFileSync(path, bytes);
    expect((await readVector(path)).features).toHaveLength(2);
    writeFileSync(`${path}-wal`, 'x');
    await expect(readVector(path)).rejects.toThrow(/another program has it open/);
  });

  it('that is damaged, cut off or something else is refused', async () => {
    writeFileSync(at('text.gpkg'), 'no database at all, only text');
    await expect(readVector(at('text.gpkg'))).rejects.toThrow('it is no SQLite file');
    const path = await made('cut.gpkg');
    truncateSync(path, 8192);
    await expect(readVector(path)).rejects.toThrow(/SQLite cannot read it/);
    change(at('other.gpkg'), 'CREATE TABLE a (b)');
    await expect(readVector(at('other.gpkg'))).rejects.toThrow(/SQLite cannot read it: no such table/);
    await expect(readVector(at('absent.gpkg'))).rejects.toThrow(/does not exist/);
  });

  it('names the row whose geometry is damaged or has millions of vertices', () => {
    const bytes = gpkgGeometry([[square(0, 0, 1)]], 4549);
    expect(parseGpkgGeometry('a', 1, bytes).polygons).toEqual([[square(0, 0, 1)]]);
    for (let end = 0; end < bytes.length; end++)
      expect(() => parseGpkgGeometry('a.gpkg', 3, bytes.subarray(0, end)), String(end)).toThrow('row 3 is damaged');
    const huge = new Uint8Array(40 + 9 + 9 + 4 + 16 * 2_000_001);
    huge.set(bytes.subarray(0, 62));
    new DataView(huge.buffer).setUint32(58, 2_000_001, true);
    expect(() => parseGpkgGeometry('a.gpkg', 3, huge)).toThrow(/row 3 has a polygon of 2000001 vertices/);
  });

  it('may have heights, measures and curves in its geometries', () => {
    const view = new DataView(new ArrayBuffer(8 + 13 + 4 * 32));
    [0x47, 0x50, 0, 1].forEach((byte, i) => view.setUint8(i, byte));
    view.setUint8(8, 1);
    view.setUint32(9, 3003, true);
    view.setUint32(13, 1, true);
    view.setUint32(17, 4, true);
    [0, 0, 9, 9, 1, 0, 9, 9, 1, 1, 9, 9, 0, 0, 9, 9].forEach((value, i) => view.setFloat64(21 + 8 * i, value, true));
    expect(parseGpkgGeometry('a', 1, new Uint8Array(view.buffer)).polygons).toEqual([
      [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    ]);
    view.setUint32(9, 10, true);
    expect(parseGpkgGeometry('a', 1, new Uint8Array(view.buffer))).toEqual({
      geometryType: 'CurvePolygon',
      polygons: null,
    });
  });
});

describe('a FlatGeobuf file', () => {
  it('is refused where it is cut off anywhere, or is something else', async () => {
    const bytes = readFileSync(await made('whole.fgb', 'flatgeobuf'));
    for (const end of [5, 11, 40, bytes.length - 1, bytes.length - 300]) {
      writeFileSync(at('cut.fgb'), bytes.subarray(0, end));
      await expect(readVector(at('cut.fgb')), String(end)).rejects.toMatchObject({
        name: 'AppError',
        code: 'INPUT_INVALID',
      });
    }
  });

  it('with damaged insides names the row', async () => {
    const bytes = readFileSync(await made('inside.fgb', 'flatgeobuf'));
    const start = bytes.length - 200;
    bytes.fill(0xff, start, start + 100);
    writeFileSync(at('inside.fgb'), bytes);
    await expect(readVector(at('inside.fgb'))).rejects.toMatchObject({ name: 'AppError' });
  });
});

describe('a path', () => {
  it('that is no vector file, or a part of one, says what to give', async () => {
    writeFileSync(at('a.docx'), '');
    writeFileSync(at('b.dbf'), '');
    await expect(openVector(at('a.docx'))).rejects.toThrow(/ends in none of/);
    await expect(openVector(at('b.dbf'))).rejects.toThrow(/a part of a shapefile/);
    await expect(openVector(at('none.shp'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it.skipIf(hasFilegdb())('of a FileGDB says which package reads it, and how to convert it', async () => {
    mkdirSync(at('survey.gdb'));
    await expect(openVector(at('survey.gdb'))).rejects.toMatchObject({
      message: expect.stringContaining('optional package gdal3.js') as string,
      todo: expect.stringContaining('ogr2ogr -f GPKG') as string,
    });
  });
});
