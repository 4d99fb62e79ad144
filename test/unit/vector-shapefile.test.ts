import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownFolder, parcelColumns, parcels, readVector, square, writeShapefile } from '../support/vector-file.ts';

const folder = ownFolder();
const at = (name: string) => join(folder, name);

/** A copy of all parts under another name. */
async function made(
  name: string,
  options: Parameters<typeof writeShapefile>[2] = {},
  features = parcels,
): Promise<string> {
  return writeShapefile(at(`${name}.shp`), features, options);
}

describe('a shapefile', () => {
  it('gives rows, holes, Chinese text and numbers back as they were written', async () => {
    const { features, fields, epsg, notes } = await readVector(await made('plain', { encoding: 'gbk', hasCpg: false }));
    expect(fields).toEqual(parcelColumns.map(({ name }) => name));
    expect(features.map(({ properties }) => properties)).toEqual(parcels.map(({ properties }) => properties));
    expect(features.map(({ row }) => row)).toEqual([1, 2]);
    expect(features[1]!.polygons).toHaveLength(1);
    expect(features[1]!.polygons![0]!.map((ring) => ring.length)).toEqual([5, 5]);
    expect([epsg, notes]).toEqual([4549, []]);
  });

  it('lists rows without a shape with their row, and leaves out deleted ones with a note', async () => {
    const path = await made('nulls', {}, [parcels[0]!, { ...parcels[1]!, polygons: null }, parcels[1]!]);
    const dbf = readFileSync(at('nulls.dbf'));
    const [head, row] = [dbf.readUInt16LE(8), dbf.readUInt16LE(10)];
    dbf[head + 2 * row] = 0x2a;
    writeFileSync(at('nulls.dbf'), dbf);
    const { features, notes } = await readVector(path);
    expect(features.map((one) => [one.row, one.geometryType, one.polygons === null])).toEqual([
      [1, 'Polygon', false],
      [2, 'Null', true],
    ]);
    expect(notes).toEqual(['deleted-rows']);
  });

  it('is read without .shx, .dbf or .prj, saying what is missing', async () => {
    const path = await made('parts');
    rmSync(at('parts.shx'));
    rmSync(at('parts.dbf'));
    const { features, notes, fields } = await readVector(path);
    expect([features.length, fields.length, notes]).toEqual([2, 0, ['no-dbf', 'no-shx']]);
    rmSync(at('parts.prj'));
    await expect(readVector(path)).rejects.toThrow(/six-digit eastings fit several/);
    expect((await readVector(path, { crs: '4549' })).epsg).toBe(4549);
  });

  it('is refused where .shp, .shx or .dbf are cut off, or do not belong together', async () => {
    for (const [extension, pattern] of [
      ['shp', /ends early/],
      ['shx', /ends early/],
      ['dbf', /2 rows are announced, 1 are there/],
    ] as const) {
      const path = await made(`cut-${extension}`);
      const part = path.replace('.shp', `.${extension}`);
      truncateSync(part, readFileSync(part).length - 12);
      await expect(readVector(path)).rejects.toThrow(pattern);
    }
    const path = await made('mixed');
    await made('three', {}, [...parcels, parcels[0]!]);
    copyFileSync(at('three.dbf'), at('mixed.dbf'));
    await expect(readVector(path)).rejects.toThrow(/2 shapes but 3 rows/);
    rmSync(at('mixed.shx'));
    await expect(readVector(path)).rejects.toThrow(/2 shapes but 3 rows/);
  });

  it('names the row whose counts do not fit its record, or that has millions of vertices', async () => {
    const path = await made('counts');
    const shp = readFileSync(path);
    const second = 100 + 8 + shp.readInt32BE(104) * 2;
    shp.writeInt32LE(500, second + 48);
    writeFileSync(path, shp);
    await expect(readVector(path)).rejects.toThrow(/row 2 is damaged: 2 rings and 500 vertices/);
    shp.writeInt32LE(10_000_000, second + 48);
    writeFileSync(path, shp);
    await expect(readVector(path)).rejects.toThrow(/row 2 has a polygon of 10000000 vertices/);
  });

  it('takes parts in any case of letters', async () => {
    await made('lower');
    for (const extension of ['shp', 'shx', 'dbf', 'prj', 'cpg'])
      copyFileSync(at(`lower.${extension}`), at(`UPPER.${extension.toUpperCase()}`));
    expect((await readVector(at('UPPER.SHP'))).features).toHaveLength(2);
  });

  it('makes polygons of islands with their own holes, and of exteriors that turn the wrong way', async () => {
    const [big, hole, island] = [
      square(560_000, 3_390_000, 100),
      square(560_020, 3_390_020, 50),
      square(560_030, 3_390_030, 10),
    ];
    const path = await made('islands', {}, [{ ...parcels[0]!, polygons: [[big, hole], [island]] }]);
    const [feature] = (await readVector(path)).features;
    expect(feature!.polygons!.map((rings) => rings.length)).toEqual([2, 1]);
    expect(feature!.geometryType).toBe('MultiPolygon');
    const shp = readFileSync(path);
    const reversed = Buffer.from(shp);
    const points = 100 + 52 + 4 * 3;
    for (let i = 0; i < 5; i++) shp.copy(reversed, points + 16 * i, points + 16 * (4 - i), points + 16 * (5 - i));
    writeFileSync(path, reversed);
    expect((await readVector(path)).features[0]!.polygons!.map((rings) => rings.length)).toEqual([2, 1]);
  });

  it('keeps codes of 18 digits whole where a column calls them numbers', async () => {
    const columns = [{ name: 'BSM', type: 'text' as const, width: 18 }];
    const path = await made('digits', { columns }, [
      { polygons: parcels[0]!.polygons, properties: { BSM: '330411000000000007' } },
    ]);
    const dbf = readFileSync(at('digits.dbf'));
    dbf[32 + 11] = 'N'.charCodeAt(0);
    writeFileSync(at('digits.dbf'), dbf);
    expect((await readVector(path)).features[0]!.properties['BSM']).toBe('330411000000000007');
  });
});
