import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, integer, json, property } from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { splitGeojson } from '../../pipeline/vector/json-split.ts';
import { ownFolder, readVector, square } from '../support/vector-file.ts';

const folder = ownFolder();
let files = 0;
function write(value: unknown, encode: (text: string) => Uint8Array = (text) => Buffer.from(text)): string {
  const path = join(folder, `${++files}.geojson`);
  writeFileSync(path, encode(typeof value === 'string' ? value : JSON.stringify(value)));
  return path;
}
const polygon = (x = 120.7, y = 30.75) => ({ type: 'Polygon', coordinates: [square(x, y, 0.001)] });
const feature = (properties: unknown = { name: '新塍' }, geometry: unknown = polygon()) => ({
  type: 'Feature',
  properties,
  geometry,
});
const collection = (features: readonly unknown[], rest: object = {}) => ({
  type: 'FeatureCollection',
  ...rest,
  features,
});

describe('a GeoJSON file', () => {
  it('is WGS 84 as RFC 7946 has it, or what its crs member says, before or after the features', async () => {
    expect((await readVector(write(collection([feature()])))).epsg).toBe(4326);
    const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::4549' } };
    const plain = feature({}, polygon(560_000, 3_390_000));
    expect((await readVector(write(collection([plain], { crs })))).epsg).toBe(4549);
    expect((await readVector(write({ ...collection([plain]), crs }))).epsg).toBe(4549);
    const crs84 = { type: 'name', properties: { name: 'urn:ogc:def:crs:OGC:1.3:CRS84' } };
    expect((await readVector(write(collection([feature()], { crs: crs84 })))).epsg).toBe(4326);
    await expect(
      readVector(write(collection([plain], { crs: { type: 'name', properties: { name: 'local' } } }))),
    ).rejects.toThrow(/names no system/);
  });

  it('without a crs member whose coordinates are no degrees is recognised by them, or refused', async () => {
    expect((await readVector(write(collection([feature({}, polygon(40_560_000, 3_390_000))])))).epsg).toBe(4528);
    await expect(readVector(write(collection([feature({}, polygon(560_000, 3_390_000))])))).rejects.toThrow(
      /six-digit/,
    );
    const { epsg, notes, features } = await readVector(write(collection([feature({}, polygon(30.75, 120.7))])));
    expect([epsg, notes, features[0]!.polygons![0]![0]![0]]).toEqual([4326, ['axes-swapped'], [120.7, 30.75]]);
  });

  it('gives null, empty, point and collected geometries by their rows', async () => {
    const geometries = [
      null,
      { type: 'Polygon', coordinates: [] },
      { type: 'Point', coordinates: [120, 30] },
      { type: 'MultiPolygon', coordinates: [polygon().coordinates, polygon(120.8).coordinates] },
      { type: 'GeometryCollection', geometries: [polygon()] },
      {
        type: 'GeometryCollection',
        geometries: [{ type: 'Point', coordinates: [120, 30] }, polygon(), polygon(120.8)],
      },
    ];
    const { features } = await readVector(write(collection(geometries.map((geometry) => feature({}, geometry)))));
    expect(features.map(({ row, geometryType, polygons }) => [row, geometryType, polygons?.length ?? null])).toEqual([
      [1, 'Null', null],
      [2, 'Polygon', 0],
      [3, 'Point', null],
      [4, 'MultiPolygon', 2],
      [5, 'GeometryCollection', 1],
      [6, 'GeometryCollection', 2],
    ]);
  });

  it('is read in UTF-8 with a byte order mark, in UTF-16 and in GBK', async () => {
    const text = JSON.stringify(collection([feature({ 名称: '秀洲区新塍镇' })]));
    for (const encode of [
      (s: string) => Buffer.from(`\uFEFF${s}`),
      (s: string) => Buffer.from(`\uFEFF${s}`, 'utf16le'),
      (s: string) => iconv.encode(s, 'gbk'),
    ])
      expect((await readVector(write(text, encode))).features[0]!.properties).toEqual({ 名称: '秀洲区新塍镇' });
  });

  it('that is one Feature or one geometry is a file of one row', async () => {
    expect((await readVector(write(feature()))).features).toHaveLength(1);
    expect((await readVector(write(polygon()))).features[0]).toMatchObject({ row: 1, geometryType: 'Polygon' });
  });

  it('is refused where it is cut off, no object, or holds what is no feature, saying where', async () => {
    const text = JSON.stringify(collection([feature(), feature()]));
    await expect(readVector(write(text.slice(0, -40)))).rejects.toThrow(/ends early \(byte \d+, after 1 features\)/);
    await expect(readVector(write('[1,2]'))).rejects.toThrow(/a list, not a GeoJSON object/);
    await expect(readVector(write(`${text}\n${text}`))).rejects.toThrow(/sequence of JSON texts/);
    await expect(readVector(write(collection([feature(), null])))).rejects.toThrow(
      /1 of its 2 features are no JSON objects/,
    );
    await expect(readVector(write(collection([feature(), feature({}, polygon(500))])))).rejects.toThrow(
      /row 2 has the coordinate 500, 30.*, which is nowhere in WGS 84/,
    );
    const deep = JSON.stringify(collection([feature({ a: 0 })])).replace(
      '"a":0',
      `"a":${'['.repeat(3e4)}${']'.repeat(3e4)}`,
    );
    await expect(readVector(write(deep))).rejects.toThrow('feature 1 is nested too deep');
    await expect(readVector(write(collection([feature(), { type: 'Road' }])))).rejects.toThrow(/element 2 .* "Road"/);
    await expect(
      readVector(write(collection([feature(), feature({}, { type: 'Polygon', coordinates: [[['a', 1]]] })]))),
    ).rejects.toThrow(/row 2: \["a",1\] is no coordinate/);
    await expect(readVector(write(''))).rejects.toThrow(/ends early/);
    await expect(readVector(join(folder, 'absent.geojson'))).rejects.toThrow(/does not exist/);
  });

  it('names rows of another zone even when they come late', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) =>
      feature({}, polygon(i < 1400 ? 40_560_000 : 41_260_000, 3_390_000)),
    );
    await expect(readVector(write(collection(rows)))).rejects.toThrow(
      /zone 40 in row 1; eastings of zone 41 in row 1401, 1402/,
    );
  });
});

describe('cutting a collection into features', () => {
  it('gives the same features wherever the text is cut into chunks', () => {
    assert(
      property(array(json({ maxDepth: 3 }), { maxLength: 6 }), integer({ min: 1, max: 40 }), (values, step) => {
        const features = values.map((value) => ({ a: JSON.parse(value) as unknown, 'b"]}': '\\"{' }));
        const text = Buffer.from(
          JSON.stringify({ crs: { x: ['}'] }, other: [[1], { features: [1] }], features, name: '名' }),
        );
        const splitter = splitGeojson('x');
        const found: unknown[] = [];
        for (let at = 0; at < text.length; at += step)
          for (const bytes of splitter.push(text.subarray(at, at + step)))
            found.push(JSON.parse(Buffer.from(bytes).toString()));
        splitter.end();
        expect(found).toEqual(features.map((one) => JSON.parse(JSON.stringify(one)) as unknown));
        expect(Object.fromEntries(splitter.members)).toEqual({ crs: '{"x":["}"]}', name: '"名"' });
      }),
    );
  });
});

describe('a polygon of ten million vertices', () => {
  it('is refused by its row before it is parsed', () => {
    const splitter = splitGeojson('big.geojson');
    splitter.push(Buffer.from('{"features":[{"geometry":{"coordinates":[['));
    const chunk = Buffer.from('[120,30],'.repeat(100_000));
    expect(() => {
      for (let i = 0; i < 100; i++) splitter.push(chunk);
    }).toThrow(/row 1 has a polygon of more than 2000000 vertices/);
  });
});
