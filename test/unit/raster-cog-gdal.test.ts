import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CogOptions } from '../../pipeline/raster/cog.ts';
import type { Crs, Raster, Samples } from '../../pipeline/types.ts';
import { complete, encode, rasterOf, shapeRaster, wgs84, type Options } from '../support/cog-raster.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

const folder = mkdtempSync(join(tmpdir(), 'cog-'));
afterAll(() => rmSync(folder, { recursive: true }));

let fileCount = 0;
async function saved(options: CogOptions, raster: Raster<Samples>): Promise<string> {
  const path = join(folder, `${++fileCount}.tif`);
  writeFileSync(path, await encode(options, raster));
  return path;
}

/** What GDAL makes of a file: the validator's findings, its values and its frame. */
interface Seen {
  readonly errors: string[];
  readonly warnings: string[];
  readonly size: number[];
  readonly sums: number[];
  readonly overviews: number[][];
  readonly transform: number[];
  readonly wkt: string;
  readonly proj4: string;
  readonly epsg: string | null;
  readonly metadata: Record<string, string>;
  readonly nodata: number | null;
  readonly descriptions: string[];
  readonly colours: number[][];
  readonly structure: Record<string, string>;
}

const look = `
from osgeo_utils.samples import validate_cloud_optimized_geotiff as cog
import numpy as np
out = []
for path in given:
    warnings, errors, details = cog.validate(path, full_check=True)
    ds = gdal.Open(path)
    ref = ds.GetSpatialRef()
    b = ds.GetRasterBand(1)
    table = b.GetColorTable()
    a = ds.ReadAsArray().reshape(ds.RasterCount, ds.RasterYSize, ds.RasterXSize).astype(np.float64)
    weight = (np.arange(a[0].size) % 8191 + 1).reshape(a[0].shape)
    ovr = [b.GetOverview(i) for i in range(b.GetOverviewCount())]
    for o in ovr: o.ReadAsArray()
    out.append(dict(errors=errors, warnings=warnings, size=[ds.RasterCount, ds.RasterYSize, ds.RasterXSize],
        sums=[float((x * weight).sum()) for x in a], overviews=[[o.XSize, o.YSize] for o in ovr],
        transform=list(ds.GetGeoTransform()), wkt=ref.ExportToWkt() if ref else '', proj4=ref.ExportToProj4() if ref else '',
        epsg=ref.GetAuthorityCode(None) if ref else None,
        metadata=ds.GetMetadata(), nodata=b.GetNoDataValue(),
        descriptions=[ds.GetRasterBand(i + 1).GetDescription() for i in range(ds.RasterCount)],
        colours=[list(table.GetColorEntry(i)) for i in range(table.GetCount())] if table else [],
        structure=ds.GetMetadata('IMAGE_STRUCTURE')))
print(json.dumps(out))
`;
const lookAt = (paths: string[]) => runGdalPython(look, paths) as Seen[];

function weighedSums({ data, width, height, bands }: Raster<Samples>): number[] {
  const size = width * height;
  return Array.from({ length: bands }, (_, band) => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum += data[band * size + at]! * ((at % 8191) + 1);
    return sum;
  });
}

const named = (definition: string, isGeographic = false): Crs => ({
  epsg: null,
  definition,
  name: 'a system of our own',
  isGeographic,
});
const wkt = (projection: string) =>
  `PROJCS["x",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],${projection},UNIT["Meter",1.0]]`;

const shapes: readonly [string, Options][] = [
  ['one pixel', { width: 1, height: 1 }],
  ['a pixel short of a tile', { width: 511, height: 511 }],
  ['exactly a tile', { width: 512, height: 512 }],
  ['a pixel more than a tile', { width: 513, height: 513 }],
  ['three rows', { width: 1000, height: 3 }],
  ['one column', { width: 1, height: 1500 }],
  ['several overviews', { width: 2500, height: 2000, nodata: 255 }],
  ['three bands of 16 bits', { width: 700, height: 600, bands: 3, dtype: 'uint16', overview: 'average', nodata: 0 }],
  ['two bands of 8 bits with differences', { width: 600, height: 530, bands: 2, overview: 'average' }],
  ['signed values', { width: 600, height: 100, dtype: 'int16', overview: 'nearest' }],
  ['floats by byte planes', { width: 700, height: 520, bands: 2, dtype: 'float32', overview: 'average' }],
  ['floats as they are', { width: 30, height: 20, dtype: 'float32', overview: 'nearest' }],
  ['a BigTIFF', { width: 1030, height: 700, forceBigTiff: true }],
  ['no place on the ground', { width: 40, height: 30, crs: null, affine: null }],
  ['degrees', { width: 600, height: 500, crs: wgs84, affine: [0.0001, 0, 120.5, 0, -0.0001, 30.9] }],
  ['a turned grid', { width: 600, height: 500, affine: [8.66, 5, 300_000, 5, -8.66, 3_400_000] }],
  ['south up', { width: 60, height: 50, affine: [10, 0, 300_000, 0, 10, 3_400_000] }],
];

/** All shapes in one Python process. */
let shapesSeen: Promise<Map<string, Seen>> | null = null;
async function lookAtShapes(): Promise<Map<string, Seen>> {
  const paths: string[] = [];
  for (const [, partial] of shapes) paths.push(await saved(complete(partial), shapeRaster(partial)));
  return new Map(lookAt(paths).map((seen, index) => [shapes[index]![0], seen]));
}

describe.skipIf(!hasGdalPython)('GDAL reads what the writer wrote, and its COG validator finds nothing', () => {
  test.each(shapes)('%s', async (name, partial) => {
    const options = complete(partial);
    const raster = shapeRaster(partial);
    shapesSeen ??= lookAtShapes();
    const seen = (await shapesSeen).get(name);
    expect(seen).toMatchObject({ errors: [], warnings: [], size: [options.bands, options.height, options.width] });
    weighedSums(raster).forEach((sum, band) => expect(seen!.sums[band]).toBeCloseTo(sum, 3));
    const [a, b, c, d, e, f] = options.affine ?? [1, 0, 0, 0, 1, 0];
    expect(seen!.transform).toEqual([c, a, b, f, d, e]);
    expect(seen!.epsg).toBe(options.crs === null ? null : String(options.crs.epsg));
    expect(seen!.nodata).toBe(options.nodata ?? null);
    const last = seen!.overviews.at(-1) ?? [options.width, options.height];
    expect(Math.max(...last)).toBeLessThanOrEqual(512);
  });

  test('metadata, band descriptions and palette come back as they were given', async () => {
    const metadata = { CLASSES: JSON.stringify({ 0: 'built & "bare" <x>', 6: '水面 pond' }), THRESHOLD: '125' };
    const palette = [
      { value: 0, colour: '#ff8000' },
      { value: 6, colour: '#0000ff' },
    ];
    const options = complete({
      width: 20,
      height: 20,
      nodata: 255,
      metadata,
      palette,
      bandDescriptions: ['class 类别'],
    });
    const [seen] = lookAt([await saved(options, rasterOf(options))]);
    expect(seen!.metadata).toMatchObject(metadata);
    expect(seen!.descriptions).toEqual(['class 类别']);
    expect(seen!.colours[0]).toEqual([255, 128, 0, 255]);
    expect(seen!.colours[6]).toEqual([0, 0, 255, 255]);
    expect(seen!.structure['LAYOUT']).toBe('COG');
  });

  test('a raster of one value and one of nodata alone are read back', async () => {
    const options = complete({ width: 1100, height: 1100, nodata: 255 });
    const paths = [
      await saved(
        options,
        rasterOf(options, () => 3),
      ),
      await saved(
        options,
        rasterOf(options, () => 255),
      ),
    ];
    const seen = lookAt(paths);
    expect(seen.map(({ errors }) => errors)).toEqual([[], []]);
    expect(seen[0]!.sums[0]! / 3).toBeCloseTo(seen[1]!.sums[0]! / 255, 6);
  });

  test('systems without a code keep their parameters', async () => {
    const cases: [Crs, RegExp[]][] = [
      [
        named('+proj=tmerc +lat_0=0 +lon_0=120.75 +k=1 +x_0=500000 +y_0=-3000000 +ellps=GRS80 +units=m +no_defs'),
        [/\+proj=tmerc/, /\+lon_0=120\.75/, /\+x_0=500000/, /\+y_0=-3000000/, /\+ellps=GRS80/],
      ],
      [
        named(
          wkt(
            'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",40500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.5],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0]',
          ),
        ),
        [/\+proj=tmerc/, /\+lon_0=120\.5/, /\+x_0=40500000/],
      ],
      [
        named('+proj=lcc +lat_0=10 +lon_0=105 +lat_1=25 +lat_2=47 +x_0=1 +y_0=2 +ellps=krass +towgs84=1,2,3 +units=m'),
        [
          /\+proj=lcc/,
          /\+lat_0=10 /,
          /\+lat_1=25/,
          /\+lat_2=47/,
          /\+lon_0=105/,
          /\+x_0=1 \+y_0=2/,
          /\+towgs84=1,2,3/,
          /krass/,
        ],
      ],
      [
        named('+proj=aea +lat_0=0 +lon_0=105 +lat_1=25 +lat_2=47 +x_0=4000000 +y_0=0 +datum=WGS84 +units=us-ft'),
        [/\+proj=aea/, /\+lat_2=47/, /\+units=us-ft|\+to_meter=0\.3048006/, /\+x_0=4000000/],
      ],
      [named('+proj=longlat +a=6378140 +rf=298.257 +no_defs', true), [/\+proj=longlat/, /6378140|IAU76/]],
      [
        named(
          wkt(
            'PROJECTION["Mercator"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",121.5],PARAMETER["Standard_Parallel_1",30.0]',
          ),
        ),
        [/\+proj=merc/, /\+lon_0=121\.5/, /\+lat_ts=30/],
      ],
    ];
    const paths: string[] = [];
    for (const [crs] of cases) {
      const options = complete({ width: 2, height: 2, crs, affine: [1, 0, 0, 0, -1, 0] });
      paths.push(await saved(options, rasterOf(options)));
    }
    lookAt(paths).forEach((seen, index) => cases[index]![1].forEach((pattern) => expect(seen.proj4).toMatch(pattern)));
  });
});
