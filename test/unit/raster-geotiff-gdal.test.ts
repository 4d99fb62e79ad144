import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projector } from '../../pipeline/geo/crs.ts';
import { openGeotiff, type GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

const shared = process.env['TIANWATCH_SHARED'] ?? join(import.meta.dirname, '../../../shared');
const hasShared = existsSync(join(shared, 'data'));
if (!hasShared) process.stdout.write('skipped: ../shared is absent\n');

const folder = mkdtempSync(join(tmpdir(), 'header-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, `${name}.tif`);

async function withFile<T>(path: string, look: (file: GeotiffFile) => T | Promise<T>): Promise<T> {
  const file = await openGeotiff(await openFileSource(path));
  try {
    return await look(file);
  } finally {
    await file.close();
  }
}

/** Sum of all samples that are numbers, and how many are not. */
const sumOf = ({ width, height, bands, ...file }: GeotiffFile) =>
  file
    .readWindow(
      { col: 0, row: 0, width, height },
      bands.map((_, i) => i),
    )
    .then(({ data }) => {
      let [sum, holes] = [0, 0];
      for (let i = 0; i < data.length; i++) {
        if (Number.isNaN(data[i])) holes++;
        else sum += data[i] as number;
      }
      return { sum, holes };
    });

const systems = {
  gauss: '+proj=tmerc +lat_0=0 +lon_0=117.25 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=m',
  lambert2: '+proj=lcc +lat_0=30 +lon_0=105 +lat_1=27 +lat_2=33 +x_0=1000 +y_0=2000 +datum=WGS84 +units=m',
  lambert1: '+proj=lcc +lat_1=46 +lat_0=46 +lon_0=3 +k_0=0.9998 +x_0=600000 +y_0=200000 +datum=WGS84 +units=m',
  albers: '+proj=aea +lat_0=0 +lon_0=105 +lat_1=25 +lat_2=47 +x_0=0 +y_0=0 +datum=WGS84 +units=m',
  laea: '+proj=laea +lat_0=35 +lon_0=100 +x_0=10 +y_0=20 +datum=WGS84 +units=m',
  mercator: '+proj=merc +lon_0=110 +k=0.9 +x_0=5 +y_0=6 +datum=WGS84 +units=m',
  polar: '+proj=stere +lat_0=90 +lat_ts=75 +lon_0=90 +x_0=0 +y_0=0 +datum=WGS84 +units=m',
  feet: '+proj=tmerc +lat_0=30 +lon_0=112 +k=0.9999 +x_0=304800 +y_0=0 +datum=WGS84 +units=ft',
} as const;

describe.skipIf(!hasGdalPython)('headers that GDAL writes', () => {
  beforeAll(() => {
    runGdalPython(
      `
import numpy as np
drv = gdal.GetDriverByName('GTiff')
def at(name): return given['folder'] + '/' + name + '.tif'
def make(name, n=1, code=gdal.GDT_Byte, options=[], w=40, h=30):
    d = drv.Create(at(name), w, h, n, code, options)
    for b in range(n): d.GetRasterBand(b + 1).WriteArray((np.arange(w * h).reshape(h, w) * (b + 1)) % 200)
    return d
for name, text in given['systems'].items():
    s = osr.SpatialReference(); s.ImportFromProj4(text)
    d = make('crs-' + name); d.SetProjection(s.ExportToWkt()); d.SetGeoTransform([1e5, 30, 0, 3e6, 0, -30]); d = None
for code in (4490, 4326, 4549, 4527, 32650, 3857, 4479):
    s = osr.SpatialReference(); s.ImportFromEPSG(code)
    d = make('epsg-%d' % code); d.SetProjection(s.ExportToWkt()); d.SetGeoTransform([100, 1e-4, 0, 30, 0, -1e-4]); d = None
d = make('local'); d.SetProjection('LOCAL_CS["site",UNIT["metre",1]]'); d = None
d = make('point'); d.SetMetadataItem('AREA_OR_POINT', 'Point'); d.SetGeoTransform([1000, 10, 0, 2000, 0, -10]); d = None
d = make('turned'); d.SetGeoTransform([1000, 8, 6, 2000, 6, -8]); d = None
d = make('facts', 4, gdal.GDT_UInt16, ['PHOTOMETRIC=RGB', 'ALPHA=YES'])
d.SetMetadataItem('ACQUISITION_DATE', '2021-05-06'); d.SetMetadataItem('TIFFTAG_DATETIME', '2021:05:06 10:11:12')
d.SetMetadataItem('NOTE', 'a < b & "c"', 'EXTRA')
b = d.GetRasterBand(1); b.SetDescription('Red \\u7ea2'); b.SetScale(0.0001); b.SetOffset(-0.1); b.SetMetadataItem('WAVELENGTH', '665'); b.SetNoDataValue(65535)
d.GetRasterBand(2).SetMetadataItem('CENTRAL_WAVELENGTH_UM', '0.56'); d.GetRasterBand(3).SetDescription('Band 3 (0.4900 Micrometers)'); d = None
d = make('nan', 1, gdal.GDT_Float32); d.GetRasterBand(1).SetNoDataValue(float('nan')); d = None
d = make('palette'); t = gdal.ColorTable(); t.SetColorEntry(3, (10, 20, 30, 255)); d.GetRasterBand(1).SetColorTable(t); d = None
gdal.SetConfigOption('GDAL_TIFF_INTERNAL_MASK', 'YES')
d = make('mask', 3, options=['TILED=YES', 'COMPRESS=DEFLATE', 'BLOCKXSIZE=16', 'BLOCKYSIZE=16']); d.CreateMaskBand(gdal.GMF_PER_DATASET)
m = np.full((30, 40), 255, 'uint8'); m[7:19, 11:33] = 0; d.GetRasterBand(1).GetMaskBand().WriteArray(m); d = None
d = make('sparse', 1, gdal.GDT_Int16, ['SPARSE_OK=TRUE', 'TILED=YES', 'COMPRESS=LZW'], 30, 20); d = None
d = drv.Create(at('huge'), 30000, 30000, 4, gdal.GDT_UInt16, ['SPARSE_OK=TRUE', 'TILED=YES', 'BIGTIFF=YES', 'COMPRESS=DEFLATE', 'BLOCKXSIZE=256', 'BLOCKYSIZE=256', 'INTERLEAVE=BAND'])
d.GetRasterBand(3).WriteArray(np.full((9, 9), 77, 'uint16'), 29990, 29990); d = None
m = gdal.GetDriverByName('MEM').Create('', 600, 500, 1, gdal.GDT_Byte); m.GetRasterBand(1).WriteArray(np.arange(300000).reshape(500, 600) % 250)
gdal.GetDriverByName('COG').CreateCopy(at('cog'), m, options=['BLOCKSIZE=128', 'COMPRESS=LZW'])
y, x = np.mgrid[:150, :203]
m = gdal.GetDriverByName('MEM').Create('', 203, 150, 3, gdal.GDT_Byte)
for b in range(3): m.GetRasterBand(b + 1).WriteArray((128 + 60 * np.sin(x / (3 + b)) * np.cos(y / 5) + (x * y * (b + 7)) % 61 - 30).clip(0, 255))
jpegs = {}
for i, options in enumerate([['PHOTOMETRIC=YCBCR', 'TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=64'], ['PHOTOMETRIC=YCBCR'], ['PHOTOMETRIC=RGB', 'TILED=YES'], ['INTERLEAVE=BAND'], ['PHOTOMETRIC=YCBCR', 'JPEG_QUALITY=20', 'ENDIANNESS=BIG']]):
    drv.CreateCopy(at('jpeg-%d' % i), m, options=['COMPRESS=JPEG'] + options)
    gdal.Open(at('jpeg-%d' % i)).ReadAsArray().tofile(at('jpeg-%d' % i) + '.raw')
print('[]')`,
      { folder, systems },
    );
  });

  test.each(Object.entries(systems))('%s without an EPSG code places points where GDAL does', async (name, text) => {
    const crs = await withFile(at(`crs-${name}`), (file) => file.crs ?? expect.fail(String(file.crsProblem)));
    const points = [
      [105.3, 32.1],
      [110.2, 40.7],
      [99.1, 28.4],
    ];
    const wanted = runGdalPython(
      `s = osr.SpatialReference(); s.ImportFromProj4(given['text']); g = osr.SpatialReference(); g.ImportFromEPSG(4326)
for one in (s, g): one.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
print(json.dumps([osr.CoordinateTransformation(g, s).TransformPoint(*p)[:2] for p in given['points']]))`,
      { text, points },
    ) as [number, number][];
    const wgs84 = { epsg: 4326, definition: '+proj=longlat +datum=WGS84 +no_defs', name: 'WGS 84', isGeographic: true };
    const to = projector(wgs84, crs);
    points.forEach(([x = 0, y = 0], i) => {
      const [gotX, gotY] = to(x, y);
      expect(Math.hypot(gotX - (wanted[i]?.[0] ?? 0), gotY - (wanted[i]?.[1] ?? 0))).toBeLessThan(1e-3);
    });
  });

  test.each([4490, 4326, 4549, 4527, 32_650, 3857])('EPSG:%i is known by its code', (code) =>
    withFile(at(`epsg-${code}`), ({ crs }) => expect(crs?.epsg).toBe(code)),
  );

  test('what is no map system stays unknown', async () => {
    await withFile(at('local'), ({ crs }) => expect(crs).toBeNull());
    await withFile(at('epsg-4479'), ({ crs, crsProblem }) => {
      expect(crs).toBeNull();
      expect(crsProblem).toMatch(/\S/);
    });
  });

  test('the affine holds for pixel corners, also of points and of turned grids', async () => {
    await withFile(at('point'), ({ affine }) => expect(affine).toEqual([10, 0, 1000, 0, -10, 2000]));
    await withFile(at('turned'), ({ affine }) => expect(affine).toEqual([8, 6, 1000, 6, -8, 2000]));
    await withFile(at('palette'), ({ affine }) => expect(affine).toBeNull());
  });

  test('metadata of dataset and bands arrives', () =>
    withFile(at('facts'), ({ metadata, bands, dateTime, alphaIndex }) => {
      expect(metadata).toMatchObject({ ACQUISITION_DATE: '2021-05-06', NOTE: 'a < b & "c"' });
      expect(dateTime).toBe('2021:05:06 10:11:12');
      expect(alphaIndex).toBe(3);
      expect(bands.map(({ colour }) => colour)).toEqual(['red', 'green', 'blue', 'alpha']);
      expect(bands[0]).toMatchObject({
        description: 'Red 红',
        scale: 0.0001,
        offset: -0.1,
        nodata: 65_535,
        wavelengthNm: 665,
      });
      expect(bands.map(({ wavelengthNm }) => wavelengthNm)).toEqual([665, 560, 490, null]);
    }));

  test('NaN as nodata, palettes and overviews are known', async () => {
    await withFile(at('nan'), ({ bands }) => expect(bands[0]?.nodata).toBeNaN());
    await withFile(at('palette'), ({ palette, bands }) =>
      expect([palette?.[3], bands[0]?.colour]).toEqual([[10, 20, 30], 'palette']),
    );
    await withFile(at('cog'), async (file) => {
      expect(file.overviews.slice(0, 2)).toEqual([
        { width: 300, height: 250 },
        { width: 150, height: 125 },
      ]);
      expect((await sumOf(file)).sum).toBe((300_000 / 250) * ((249 * 250) / 2));
    });
  });

  test('the mask inside a file is read, windowed', () =>
    withFile(at('mask'), async (file) => {
      expect(file.hasMask).toBe(true);
      const mask = await file.readMask({ col: 5, row: 3, width: 30, height: 20 });
      const wanted = Array.from({ length: 600 }, (_, i) => {
        const [col, row] = [5 + (i % 30), 3 + Math.floor(i / 30)];
        return row >= 7 && row < 19 && col >= 11 && col < 33 ? 0 : 1;
      });
      expect([...mask]).toEqual(wanted);
    }));

  test('a sparse 30,000² file opens fast and reads its one written corner', async () => {
    const start = performance.now();
    await withFile(at('huge'), async (file) => {
      const { data } = await file.readWindow({ col: 29_980, row: 29_988, width: 20, height: 6 }, [2, 0]);
      expect([...data].reduce((sum, value) => sum + value, 0)).toBe(9 * 4 * 77);
    });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test.each([0, 1, 2, 3, 4])('JPEG variant %i has the samples that GDAL sees', async (i) => {
    const path = at(`jpeg-${i}`);
    const source = await openFileSource(`${path}.raw`);
    const wanted = await source.read(0, source.size);
    await source.close();
    const got = await withFile(path, (file) => file.readWindow({ col: 0, row: 0, width: 203, height: 150 }, [0, 1, 2]));
    expect(Buffer.compare(Buffer.from(got.data.buffer), Buffer.from(wanted))).toBe(0);
  });
});

describe.skipIf(!hasGdalPython || !hasShared)('real files', () => {
  const folders = [
    's2_pairs/beirut',
    's2_pairs/norcia',
    'taizhou_landsat',
    'naip_timeseries',
    'belgium_s2_12month',
    'eolearn_slovenia',
    'cloud_masks',
    'boadella_series',
  ];
  test('all samples and places are those that GDAL reads', async () => {
    const paths = folders.flatMap((name) => {
      const place = join(shared, 'data', name);
      return existsSync(place)
        ? readdirSync(place)
            .filter((file) => file.endsWith('.tif'))
            .map((file) => join(place, file))
        : [];
    });
    expect(paths.length).toBeGreaterThan(20);
    const wanted = runGdalPython(
      `import numpy as np
def facts(path):
    d = gdal.Open(path); a = d.ReadAsArray().astype('float64')
    s = d.GetSpatialRef()
    return {'sum': float(np.nansum(a)), 'holes': int(np.isnan(a).sum()), 'place': d.GetGeoTransform(can_return_null=True), 'epsg': s and s.GetAuthorityCode(None)}
print(json.dumps([facts(p) for p in given]))`,
      paths,
    ) as { sum: number; holes: number; place: number[] | null; epsg: string | null }[];
    for (const [i, path] of paths.entries()) {
      await withFile(path, async (file) => {
        const { sum, holes } = await sumOf(file);
        const { sum: theirs = Number.NaN, place = null, ...rest } = wanted[i] ?? {};
        expect(Math.abs(sum - theirs), path).toBeLessThanOrEqual(Math.abs(theirs) * 1e-9);
        expect({ holes, epsg: file.crs?.epsg?.toString() ?? null }, path).toEqual(rest);
        const [c = 0, a = 0, b = 0, f = 0, d = 0, e = 0] = place ?? [];
        expect(file.affine, path).toEqual(place === null ? null : [a, b, c, d, e, f]);
      });
    }
  });
});
