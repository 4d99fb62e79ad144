import { datumKey, projDatum, projectionOf, type Parameters } from '../geo/signature.ts';
import { parseWkt, wktDatumName } from '../geo/wkt.ts';
import type { Affine, Crs } from '../types.ts';
import { asciiField, doubleField, shortField, type TiffField } from './cog-ifd.ts';

/** Key id → a code, a list of doubles or text. */
type GeoKeys = Map<number, number | readonly number[] | string>;

const userDefined = 32_767;
const metreCode = 9001;
const degreeCode = 9102;

/** Geographic systems by the datum's key. */
const geographicEpsg: Readonly<Record<string, number>> = {
  WGS84: 4326,
  CGCS2000: 4490,
  NAD83: 4269,
  ETRS89: 4258,
  RGF93: 4171,
  OSGB36: 4277,
  xian1980: 4610,
  beijing1954: 4214,
};

const degreesOf = (radians = 0): readonly number[] => [Number(((radians * 180) / Math.PI).toFixed(11))];

function setGeographic(keys: GeoKeys, { definition }: Crs, projection: Parameters): void {
  const node = parseWkt(definition);
  const datum = node === null ? projDatum(definition) : datumKey(wktDatumName(node));
  const epsg = geographicEpsg[datum];
  if (epsg !== undefined) {
    keys.set(2048, epsg);
    return;
  }
  const { a, b, rf = 0, from_greenwich: greenwich } = projection;
  keys.set(2048, userDefined).set(2050, userDefined).set(2054, degreeCode).set(2056, userDefined);
  keys.set(2049, `GCS Name = ${datum || 'unknown'}|Datum = ${datum || 'unknown'}|Ellipsoid = unknown|`);
  keys.set(2057, [a]).set(2059, [a === b ? 0 : rf || a / (a - b)]);
  if (greenwich) keys.set(2051, userDefined).set(2061, degreesOf(greenwich));
  const shift = /\+towgs84=([-\d.,eE+]+)/.exec(definition)?.[1]?.split(',').map(Number);
  if (shift && shift.every(Number.isFinite)) keys.set(2062, shift);
}

/** Parameter keys by GeoTIFF's coordinate transformation code; null where the method has none here. */
function projectionKeys(projection: Parameters, definition: string): GeoKeys | null {
  const { long0, lat0, lat1, lat2, k0 = 1, x0 = 0, y0 = 0, to_meter: unitM = 1 } = projection;
  const title = [projection.projName ?? '', ...(projection.names ?? [])].join(' ');
  // false origins count in the system's own unit; 3082/3083 stand for all methods here but lcc's 3086/3087
  const origin: GeoKeys = new Map<number, number | readonly number[]>([
    [3082, [x0 / unitM]],
    [3083, [y0 / unitM]],
  ]);
  if (/transverse|tmerc|utm/i.test(title) && !/oblique/i.test(title)) {
    return origin.set(3075, 1).set(3080, degreesOf(long0)).set(3081, degreesOf(lat0)).set(3092, [k0]);
  }
  if (/albers|\baea\b/i.test(title))
    return origin
      .set(3075, 11)
      .set(3080, degreesOf(long0))
      .set(3081, degreesOf(lat0))
      .set(3078, degreesOf(lat1))
      .set(3079, degreesOf(lat2));
  if (
    /lambert.*conformal|\blcc\b/i.test(title) &&
    lat1 !== undefined &&
    /lat_2|standard_parallel_2|2nd standard/i.test(definition)
  )
    return new Map<number, number | readonly number[]>([
      [3075, 8],
      [3078, degreesOf(lat1)],
      [3079, degreesOf(lat2)],
      [3084, degreesOf(long0)],
      [3085, degreesOf(lat0)],
      [3086, [x0 / unitM]],
      [3087, [y0 / unitM]],
    ]);
  return null;
}

function setProjected(keys: GeoKeys, crs: Crs, projection: Parameters): void {
  const { to_meter: unitM = 1 } = projection;
  if (unitM === 1) keys.set(3076, metreCode);
  else keys.set(3076, userDefined).set(3077, [unitM]);
  const method = projectionKeys(projection, crs.definition);
  if (method !== null) {
    keys.set(3072, userDefined).set(3074, userDefined);
    for (const [key, value] of method) keys.set(key, value);
    return;
  }
  // as GDAL does it: it reads WKT from the citation of an undefined model; other readers see the name alone
  keys.set(1024, userDefined);
  keys.set(3073, parseWkt(crs.definition) ? `ESRI PE String = ${crs.definition}` : crs.definition);
}

/** Keys of a system: its EPSG code where there is one, else its parameters (tmerc, utm, lcc 2SP, aea), else a citation. */
function geoKeysOf(crs: Crs): GeoKeys {
  const keys: GeoKeys = new Map<number, number | readonly number[] | string>([
    [1024, crs.isGeographic ? 2 : 1],
    [1025, 1],
    [1026, crs.name],
  ]);
  // the standard keeps EPSG codes below 32767; larger ones are other people's
  if (crs.epsg !== null && crs.epsg < userDefined) {
    keys.set(crs.isGeographic ? 2048 : 3072, crs.epsg);
    if (crs.isGeographic) keys.set(2054, degreeCode);
    else keys.set(3076, metreCode);
    return keys;
  }
  const projection = projectionOf(crs.definition);
  setGeographic(keys, crs, projection);
  if (!crs.isGeographic) setProjected(keys, crs, projection);
  return keys;
}

function keyFields(keys: GeoKeys): TiffField[] {
  const directory: number[] = [];
  const doubles: number[] = [];
  let texts = '';
  const sorted = [...keys].sort(([a], [b]) => a - b);
  for (const [key, value] of sorted) {
    if (typeof value === 'number') directory.push(key, 0, 1, value);
    else if (typeof value === 'string') {
      // '|' ends a text; the tag is ASCII
      const text = `${value.replaceAll(/[^\u0020-\u007e]/g, '?')}|`;
      directory.push(key, 34_737, text.length, texts.length);
      texts += text;
    } else {
      directory.push(key, 34_736, value.length, doubles.length);
      doubles.push(...value);
    }
  }
  const fields = [shortField(34_735, [1, 1, 1, sorted.length, ...directory])];
  if (doubles.length > 0) fields.push(doubleField(34_736, doubles));
  if (texts.length > 0) fields.push(asciiField(34_737, texts));
  return fields;
}

/**
 * GeoTIFF fields that place a raster: scale and tie point where north is up, else the whole matrix; keys of the system.
 *
 * @see https://docs.ogc.org/is/19-008r4/19-008r4.html OGC GeoTIFF 1.1
 */
export function geoFields(crs: Crs | null, affine: Affine | null): TiffField[] {
  const fields: TiffField[] = [];
  if (affine !== null) {
    const [a, b, c, d, e, f] = affine;
    if (b === 0 && d === 0 && a > 0 && e < 0)
      fields.push(doubleField(33_550, [a, -e, 0]), doubleField(33_922, [0, 0, 0, c, f, 0]));
    else fields.push(doubleField(34_264, [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1]));
  }
  if (crs !== null) fields.push(...keyFields(geoKeysOf(crs)));
  return fields;
}
