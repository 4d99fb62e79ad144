import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { VectorFeature, VectorPolygon } from '../../pipeline/vector/feature.ts';
import { openShapefileWriter } from '../../workers/vector/shapefile-writer.ts';
import type { WrittenFeature } from '../../workers/vector/vector-writer.ts';
import { writeVector } from '../../workers/vector/write-vector.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { ownFolder, parcelColumns, readVector, square } from '../support/vector-file.ts';

const folder = ownFolder();

/** Outlines as surveys have them: many digits, holes, islands, and a row without any. */
const words = ['新塍镇', '濮院镇（二期）', '王江泾镇', '埭圩浜', '模拟数据·Δ'];
const outline = (i: number): readonly VectorPolygon[] => {
  const [x, y] = [560_123.456_789 + 137.1 * i, 3_390_987.654_321 + 91.3 * i];
  const ring = Array.from({ length: 9 }, (_, k): [number, number] => {
    const [angle, radius] = [(2 * Math.PI * (k % 8)) / 8, 50 + 11 * ((k % 8) % 3) + i / 7];
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  if (i % 3 === 1) return [[ring, square(x - 9.87, y - 8.76, 12.345).toReversed()]];
  return i % 3 === 2 ? [[ring], [square(x + 200, y + 10, 33.3)]] : [[ring]];
};
const made: readonly WrittenFeature[] = Array.from({ length: 12 }, (_, i) => ({
  polygons: i === 5 ? null : outline(i),
  properties: {
    BSM: String(330_411_000_000_000_000n + BigInt(i)),
    DLBM: ['0101', '1104A', '0702'][i % 3]!,
    DLMC: ['水田', '养殖坑塘', '农村宅基地'][i % 3]!,
    ZLDWMC: words[i % words.length]!,
    TBMJ: 12_345.25 + i,
  },
}));

const ringAreaM2 = (ring: VectorPolygon[number]): number => {
  const [x0, y0] = ring[0]!;
  let sum = 0;
  for (let i = 1; i < ring.length; i++)
    sum += (ring[i - 1]![0] - x0) * (ring[i]![1] - y0) - (ring[i]![0] - x0) * (ring[i - 1]![1] - y0);
  return Math.abs(sum) / 2;
};
const areaOf = (polygons: VectorFeature['polygons']): number | null =>
  polygons === null || polygons.length === 0
    ? null
    : polygons.reduce(
        (all, [exterior, ...holes]) =>
          all + ringAreaM2(exterior!) - holes.reduce((sum, hole) => sum + ringAreaM2(hole), 0),
        0,
      );

interface OgrRow {
  readonly properties: Readonly<Record<string, string | number | null>>;
  readonly area: number | null;
}
interface OgrLayer {
  readonly rows: readonly OgrRow[];
  readonly epsg: string | null;
}

const readProgram = `
d = ogr.Open(given['path'])
l = d.GetLayer(0)
rows = []
for f in l:
    g = f.GetGeometryRef()
    p = {f.GetFieldDefnRef(i).GetName(): f.GetField(i) for i in range(f.GetFieldCount())}
    rows.append({'properties': p, 'area': None if g is None or g.IsEmpty() else g.GetArea()})
s = l.GetSpatialRef()
s.AutoIdentifyEPSG()
found = s.FindMatches()
code = s.GetAuthorityCode(None) or (found[0][0].GetAuthorityCode(None) if found else None)
print(json.dumps({'rows': rows, 'epsg': code}))
`;
const writeProgram = `
d = ogr.GetDriverByName(given['driver']).CreateDataSource(given['path'])
s = osr.SpatialReference()
s.ImportFromEPSG(4549)
s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
l = d.CreateLayer('DLTB', s, ogr.wkbMultiPolygon if given['driver'] != 'ESRI Shapefile' else ogr.wkbPolygon, given['options'])
for name in ['BSM', 'DLBM', 'DLMC', 'ZLDWMC']:
    t = ogr.FieldDefn(name, ogr.OFTString)
    t.SetWidth(60)
    l.CreateField(t)
t = ogr.FieldDefn('TBMJ', ogr.OFTReal)
if given['driver'] == 'ESRI Shapefile':
    t.SetWidth(15)
    t.SetPrecision(2)
l.CreateField(t)
for row in given['rows']:
    f = ogr.Feature(l.GetLayerDefn())
    for name, value in row['properties'].items():
        f.SetField(name, value)
    if row['polygons'] is not None:
        f.SetGeometry(ogr.ForceToMultiPolygon(ogr.CreateGeometryFromJson(json.dumps({'type': 'MultiPolygon', 'coordinates': row['polygons']}))))
    l.CreateFeature(f)
l = None
d = None
print('0')
`;

const mixedProgram = `
d = ogr.GetDriverByName(given['driver']).CreateDataSource(given['path'])
s = osr.SpatialReference()
s.ImportFromEPSG(4549)
l = d.CreateLayer('DLTB', s, ogr.wkbUnknown, ['SPATIAL_INDEX=NO'])
for text in given['texts']:
    f = ogr.Feature(l.GetLayerDefn())
    f.SetGeometry(ogr.CreateGeometryFromWkt(text))
    l.CreateFeature(f)
l = None
d = None
print('0')
`;

const sortedBy = <T extends { readonly properties: Readonly<Record<string, unknown>> }>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => String(a.properties['BSM']).localeCompare(String(b.properties['BSM'])));

function expectSame(rows: readonly OgrRow[], expected = made): void {
  const sorted = sortedBy(rows);
  expect(sorted.map(({ properties }) => properties)).toEqual(expected.map(({ properties }) => properties));
  for (const [i, { area }] of sorted.entries()) {
    const own = areaOf(expected[i]!.polygons);
    if (own === null || area === null) expect([i, area]).toEqual([i, own]);
    else expect(Math.abs(area / own - 1), `row ${i}`).toBeLessThan(1e-9);
  }
}

const formats = [
  { format: 'geojson', driver: 'GeoJSON', extension: 'geojson', options: [] as string[] },
  { format: 'shapefile', driver: 'ESRI Shapefile', extension: 'shp', options: ['ENCODING=GBK'] },
  { format: 'geopackage', driver: 'GPKG', extension: 'gpkg', options: [] },
  { format: 'flatgeobuf', driver: 'FlatGeobuf', extension: 'fgb', options: [] },
] as const;

describe('every format read back here', () => {
  it.each(formats)('$format gives what was written', async ({ format, extension }) => {
    const path = join(folder, `own.${extension}`);
    const rows = await writeVector(format, path, { crs: crsFromEpsg(4549), columns: parcelColumns, features: made });
    const { features, epsg } = await readVector(path);
    expect([rows, epsg]).toEqual([made.length, 4549]);
    expectSame(
      features.map(({ properties, polygons }) => ({
        properties: properties as OgrRow['properties'],
        area: areaOf(polygons),
      })),
    );
  });

  it.each(formats)('$format of no rows is a file of no rows', async ({ format, extension }) => {
    const path = join(folder, `empty.${extension}`);
    await writeVector(format, path, { crs: crsFromEpsg(4490), columns: parcelColumns, features: [] });
    expect(await readVector(path)).toMatchObject({ features: [], epsg: 4490 });
  });
});

describe.runIf(hasGdalPython)('every format through OGR', () => {
  it.each(formats)(
    '$format written here is read there: rows, Chinese, areas, system',
    async ({ format, extension }) => {
      const path = join(folder, `to-ogr.${extension}`);
      await writeVector(format, path, { crs: crsFromEpsg(4549), columns: parcelColumns, features: made });
      const { rows, epsg } = runGdalPython(readProgram, { path }) as OgrLayer;
      expectSame(rows);
      expect(epsg).toBe('4549');
    },
  );

  it('a GBK shapefile written here is read there', async () => {
    const path = join(folder, 'gbk');
    const writer = await openShapefileWriter(path, { crs: crsFromEpsg(4528), columns: parcelColumns, encoding: 'gbk' });
    const shifted = made.map(({ polygons, properties }) => ({
      properties: { ...properties, ZLDWMC: '秀洲区' },
      polygons:
        polygons?.map((rings) => rings.map((ring) => ring.map(([x, y]): [number, number] => [x + 4e7, y]))) ?? null,
    }));
    for (const feature of shifted) await writer.add(feature);
    await writer.finish();
    const { rows, epsg } = runGdalPython(readProgram, { path: `${path}.shp` }) as OgrLayer;
    expect(rows.map(({ properties }) => properties)).toEqual(shifted.map(({ properties }) => properties));
    expect(epsg).toBe('4528');
  });

  it.each([
    ...formats,
    { ...formats[1], options: ['ENCODING=UTF-8'] },
    { ...formats[3], options: ['SPATIAL_INDEX=NO'] },
  ])(
    '$format written there with $options is read here: rows, Chinese, areas, system',
    async ({ driver, extension, options, format }) => {
      const path = join(folder, `from-ogr-${options.join('')}.${extension}`);
      // OGR leaves rows without a shape out of FlatGeobuf
      const rows = made.filter(({ polygons }) => format !== 'flatgeobuf' || polygons !== null);
      runGdalPython(writeProgram, { driver, path, options, rows });
      const { features, epsg } = await readVector(path);
      expect(epsg).toBe(4549);
      expectSame(
        features.map(({ properties, polygons }) => ({
          properties: properties as OgrRow['properties'],
          area: areaOf(polygons),
        })),
        rows,
      );
    },
  );

  it.each([1, 2, 16, 17])('a FlatGeobuf of %i rows with an index is read to its end', async (count) => {
    const path = join(folder, `indexed-${count}.fgb`);
    const rows = Array.from({ length: count }, (_, i) => made[i % 5]!);
    runGdalPython(writeProgram, { driver: 'FlatGeobuf', path, options: ['SPATIAL_INDEX=YES'], rows });
    expect((await readVector(path)).features).toHaveLength(count);
  });

  it.each([formats[2], formats[3]])(
    '$format gives the polygons of a collection beside points and lines, and no part of one with curves',
    async ({ driver, extension }) => {
      const path = join(folder, `mixed.${extension}`);
      const [one, two] = ['((0 0,9 0,9 9,0 0))', '((20 0,29 0,29 9,20 0))'].map((rings) =>
        rings.replaceAll(/(\d+) (\d+)/g, (_, x: string, y: string) => `56000${x.padStart(2, '0')} 339000${y}`),
      );
      const texts = [
        `GEOMETRYCOLLECTION(POINT Z(1 2 3),POLYGON${one},MULTILINESTRING((1 2,3 4),(5 6,7 8)),MULTIPOLYGON(${two}))`,
        `GEOMETRYCOLLECTION(LINESTRING(1 2,3 4))`,
        `GEOMETRYCOLLECTION(POLYGON${one},CURVEPOLYGON(CIRCULARSTRING(560000 3390000,560050 3390000,560000 3390000)))`,
        'CURVEPOLYGON(CIRCULARSTRING(560000 3390000,560050 3390000,560000 3390000))',
        'MULTIPOINT((1 2),(3 4))',
      ];
      runGdalPython(mixedProgram, { driver, path, texts });
      const { features } = await readVector(path);
      expect(features.map(({ geometryType, polygons }) => [geometryType, polygons?.length ?? null])).toEqual([
        ['GeometryCollection', 2],
        ['GeometryCollection', 0],
        ['GeometryCollection', null],
        ['CurvePolygon', null],
        ['MultiPoint', null],
      ]);
      expect(areaOf(features[0]!.polygons)).toBe(81);
    },
  );
});
