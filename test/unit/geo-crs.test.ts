import { describe, expect, it } from 'vitest';

import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg, crsFromWkt, projector, sameCrs } from '../../pipeline/geo/crs.ts';
import { knownEpsgCodes } from '../../pipeline/geo/epsg.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

/** `echo "x y" | gdaltransform -s_srs EPSG:from -t_srs EPSG:to -output_xy`, GDAL 3.6.2, PROJ 9.1.1 */
const gdaltransform: readonly (readonly [number, number, readonly [number, number], readonly [number, number]])[] = [
  [4326, 32651, [120.5, 30.75], [260677.982405777, 3404566.81295398]],
  [4490, 4528, [120.5, 30.75], [40547876.5454798, 3403364.30484155]],
  [4490, 4549, [120.5, 30.75], [547876.545479821, 3403364.30484155]],
  [4326, 3857, [120.5, 30.75], [13413998.6405895, 3600324.26802841]],
  [4171, 2154, [2.35, 48.85], [652301.564830528, 6861302.72589958]],
  [4258, 3035, [10.5, 47.5], [4358697.29828347, 2709725.8500875]],
  [4326, 3413, [-50, 72], [-171299.440963639, -1957961.56964818]],
  [4326, 3031, [50, -75], [1255380.79325839, 1053389.56061015]],
  [4326, 32734, [18, -33.9], [222584.016482091, 6244878.75706353]],
  [4269, 5070, [-96.5, 40.2], [-42193.2242834926, 1909496.74658585]],
  [32651, 32650, [240000, 3405000], [814417.366175175, 3406458.16730398]],
];

describe('projector', () => {
  it.each(gdaltransform)(
    'agrees with gdaltransform from EPSG:%i to EPSG:%i within a millimetre, both ways',
    (from, to, at, expected) => {
      const [x, y] = projector(crsFromEpsg(from), crsFromEpsg(to))(...at);
      expect(Math.hypot(x - expected[0], y - expected[1])).toBeLessThan(1e-3);
      const [backX, backY] = projector(crsFromEpsg(to), crsFromEpsg(from))(x, y);
      const unitM = crsFromEpsg(from).isGeographic ? 111_320 : 1;
      expect(Math.hypot(backX - at[0], backY - at[1]) * unitM).toBeLessThan(1e-3);
    },
  );

  it('leaves coordinates alone between equal systems and gives NaN off the map', () => {
    expect(projector(crsFromEpsg(4490), crsFromEpsg(4490))(120.123456789, 30)).toEqual([120.123456789, 30]);
    expect(projector(crsFromEpsg(4326), crsFromEpsg(3857))(0, 90)).toEqual([NaN, NaN]);
    expect(projector(crsFromEpsg(4326), crsFromEpsg(32651))(NaN, 3)).toEqual([NaN, NaN]);
  });

  it.skipIf(!hasGdalPython)('agrees with GDAL on every code carried, within a millimetre', () => {
    const probes = knownEpsgCodes().map((epsg) => {
      const crs = crsFromEpsg(epsg);
      const meridian = Number(/\+lon_0=(\S+)/.exec(crs.definition)?.[1] ?? NaN);
      const zone = Number(/\+zone=(\d+)/.exec(crs.definition)?.[1] ?? NaN) * 6 - 183;
      const lon = [meridian, zone, 100].find((value) => !Number.isNaN(value)) ?? 0;
      const pole = Number(/\+lat_0=(-?90)\b/.exec(crs.definition)?.[1] ?? NaN);
      // 51.5: inside Great Britain, outside of which GDAL drops the shift of EPSG:27700
      const lat = Number.isNaN(pole) ? (/\+south/.test(crs.definition) ? -33 : 51.5) : pole * 0.85;
      return { epsg, lon: lon + 1.3, lat };
    });
    const program = `
out = []
for p in given:
    s = osr.SpatialReference(); s.ImportFromEPSG(p['epsg']); s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    base = s.CloneGeogCS() if p['epsg'] != 27700 else osr.SpatialReference()
    if p['epsg'] == 27700: base.ImportFromEPSG(4326)
    base.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    out.append(osr.CoordinateTransformation(base, s).TransformPoint(p['lon'], p['lat'])[:2])
print(json.dumps(out))`;
    const expected = runGdalPython(program, probes) as readonly (readonly [number, number])[];
    probes.forEach(({ epsg, lon, lat }, i) => {
      const [x, y] = projector(crsFromEpsg(4326), crsFromEpsg(epsg))(lon, lat);
      expect(Math.hypot(x - expected[i]![0], y - expected[i]![1]), `EPSG:${epsg}`).toBeLessThan(1e-3);
    });
  });
});

describe('crsFromEpsg', () => {
  it('tells the belts of CGCS2000 with and without zone number apart', () => {
    expect(crsFromEpsg(4528)).toMatchObject({ name: 'CGCS2000 / 3-degree Gauss-Kruger zone 40', isGeographic: false });
    expect(crsFromEpsg(4549).definition).toContain('+lon_0=120 +k=1 +x_0=500000');
    expect(sameCrs(crsFromEpsg(4528), crsFromEpsg(4549))).toBe(false);
    expect(sameCrs(crsFromEpsg(4512), crsFromEpsg(4554))).toBe(true);
  });

  it('refuses a code it does not carry, naming it and what to do', () => {
    expect(() => crsFromEpsg(2437)).toThrow(AppError);
    expect(() => crsFromEpsg(2437)).toThrow(/EPSG:2437/);
  });
});

const geog =
  'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]';
const esri = (name: string, eastingM: number) =>
  `PROJCS["${name}",${geog},PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",${eastingM}],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`;

describe('crsFromWkt', () => {
  it('knows ESRI texts by what they compute', () => {
    expect(crsFromWkt(geog).epsg).toBe(4490);
    expect(crsFromWkt(esri('CGCS2000_3_Degree_GK_Zone_40', 40500000)).epsg).toBe(4528);
    expect(crsFromWkt(esri('anything', 500000)).epsg).toBe(4549);
  });

  it('does not believe a code that the parameters contradict', () => {
    const moved = esri('local', 505000).replace(/\]$/, ',AUTHORITY["EPSG","4549"]]');
    const crs = crsFromWkt(moved);
    expect(crs.epsg).toBeNull();
    const [x] = projector(crsFromEpsg(4549), crs)(500000, 3400000);
    expect(x).toBeCloseTo(505000, 4);
  });

  it('refuses datums without a known tie to WGS 84, unless the shift is written down', () => {
    const xian = geog
      .replace('D_China_2000', 'D_Xian_1980')
      .replace('"CGCS2000",6378137.0,298.257222101', '"Xian_1980",6378140.0,298.257');
    expect(() => crsFromWkt(xian)).toThrow(/no known relation to WGS 84/);
    expect(crsFromWkt(xian.replace('298.257]]', '298.257],TOWGS84[24,-123,-94,0,0,0,0]]')).isGeographic).toBe(true);
  });

  it.each(['', 'nonsense', 'LOCAL_CS["unknown",UNIT["m",1]]', 'PROJCS["cut",GEOGCS["x"', '+proj=nothing'])(
    'refuses %j in one line',
    (text) => {
      expect(() => crsFromWkt(text)).toThrow(AppError);
    },
  );

  it.skipIf(!hasGdalPython)('recognises every code carried in WKT 1, WKT 2 and ESRI WKT as GDAL writes them', () => {
    const program = `
out = []
for epsg in given:
    s = osr.SpatialReference(); s.ImportFromEPSG(epsg)
    out.append([s.ExportToWkt(), s.ExportToWkt(['FORMAT=WKT2_2019']), s.ExportToWkt(['FORMAT=WKT1_ESRI'])])
print(json.dumps(out))`;
    const codes = knownEpsgCodes().filter((epsg) => epsg !== 3413);
    const texts = runGdalPython(program, codes) as readonly (readonly string[])[];
    texts.forEach((variants, i) => {
      for (const text of variants) expect(sameCrs(crsFromWkt(text), crsFromEpsg(codes[i]!)), text).toBe(true);
    });
  });
});
