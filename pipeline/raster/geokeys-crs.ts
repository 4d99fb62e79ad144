import { crsFromEpsg, crsFromWkt } from '../geo/crs.ts';
import { AppError } from '../errors.ts';
import type { Crs } from '../types.ts';
import type { GeoKeys } from './geokeys.ts';

export interface FoundCrs {
  readonly crs: Crs | null;
  /** why there is none, where the file names one */
  readonly problem: string | null;
}

const userDefined = 32_767;
const projected = 3072;
const geographic = 2048;
const modelType = 1024;

const textOf = (keys: GeoKeys, key: number) => {
  const value = keys.get(key);
  return typeof value === 'string' ? value : '';
};
const codeOf = (keys: GeoKeys, key: number) => {
  const value = keys.get(key);
  return typeof value === 'number' && value > 0 && value !== userDefined ? value : null;
};

/**
 * The coordinate system that GeoKeys name: its EPSG code, else WKT in a citation, else what the parameters say.
 * What is not certain is null, never a guess.
 */
export function crsFromGeoKeys(keys: GeoKeys): FoundCrs {
  if (keys.size === 0) return { crs: null, problem: null };
  const problems: string[] = [];
  for (const make of [() => fromCode(keys), () => fromCitation(keys), () => fromParameters(keys)]) {
    try {
      const crs = make();
      if (crs !== null) return { crs, problem: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push(error.message);
    }
  }
  return { crs: null, problem: problems[0] ?? unread(keys) };
}

/** Says which part of a described system is not read, so that nobody looks for a missing one. */
function unread(keys: GeoKeys): string {
  const method = keys.get(3075);
  return typeof method === 'number'
    ? `its GeoKeys describe a projection of method ${method} that is not read.`
    : 'its GeoKeys name no coordinate system.';
}

function fromCode(keys: GeoKeys): Crs | null {
  if (keys.get(modelType) !== 2) {
    const code = codeOf(keys, projected);
    if (code !== null) return crsFromEpsg(code);
    // a projected system that the keys describe otherwise is not the geographic one below it
    if (keys.has(projected) || keys.get(modelType) !== undefined) return null;
  }
  const code = codeOf(keys, geographic);
  return code === null ? null : crsFromEpsg(code);
}

function fromCitation(keys: GeoKeys): Crs | null {
  for (const key of [3073, 1026, 2049]) {
    const text = textOf(keys, key);
    const wkt = /(?:ESRI PE String = )?((?:PROJCS|GEOGCS|PROJCRS|GEOGCRS|COMPD_CS|COMPOUNDCRS)\[.*\])/s.exec(text)?.[1];
    if (wkt !== undefined) return crsFromWkt(wkt);
    if (text.startsWith('+proj=')) return crsFromWkt(text);
  }
  return null;
}

interface Frame {
  readonly datum: string;
  readonly a: number;
  readonly rf: number;
}

/** Datum and ellipsoid (m, 1/f) behind the geographic codes that user-defined systems are built on. */
const frames: Readonly<Record<number, Frame>> = {
  4326: { datum: 'WGS_1984', a: 6_378_137, rf: 298.257223563 },
  4490: { datum: 'China_2000', a: 6_378_137, rf: 298.257222101 },
  4269: { datum: 'North_American_Datum_1983', a: 6_378_137, rf: 298.257222101 },
  4258: { datum: 'European_Terrestrial_Reference_System_1989', a: 6_378_137, rf: 298.257222101 },
  4171: { datum: 'Reseau_Geodesique_Francais_1993', a: 6_378_137, rf: 298.257222101 },
  4277: { datum: 'OSGB_1936', a: 6_377_563.396, rf: 299.3249646 },
  4610: { datum: 'Xian_1980', a: 6_378_140, rf: 298.257 },
  4214: { datum: 'Beijing_1954', a: 6_378_245, rf: 298.3 },
};
const datumGeographic: Readonly<Record<number, number>> = {
  6326: 4326,
  1043: 4490,
  6269: 4269,
  6258: 4258,
  6171: 4171,
  6277: 4277,
  6610: 4610,
  6214: 4214,
};
const ellipsoids: Readonly<Record<number, readonly [number, number]>> = {
  7030: [6_378_137, 298.257223563],
  7019: [6_378_137, 298.257222101],
  1024: [6_378_137, 298.257222101],
  7024: [6_378_245, 298.3],
  7049: [6_378_140, 298.257],
};

function frameOf(keys: GeoKeys): Frame | null {
  const code = codeOf(keys, geographic) ?? datumGeographic[codeOf(keys, 2050) ?? 0];
  const known = frames[code ?? 0];
  if (known !== undefined) return known;
  const cited = textOf(keys, 2049);
  const datum = /Datum = ([^|]+)/.exec(cited)?.[1] ?? cited.split('|')[0];
  const [a, rf] = ellipsoids[codeOf(keys, 2056) ?? 0] ?? [keys.get(2057), keys.get(2059)];
  return datum && typeof a === 'number' && typeof rf === 'number' ? { datum, a, rf } : null;
}

/** WKT parameter name → key, by GeoTIFF's coordinate transformation code. Later keys serve where the first is absent. */
interface Method {
  readonly name: string;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}
const [centralMeridian, originLatitude] = [
  [3080, 3084, 3088],
  [3081, 3085, 3089],
];
const [falseEasting, falseNorthing] = [
  [3082, 3086, 3090],
  [3083, 3087, 3091],
];
const [scale, parallel1, parallel2] = [[3092, 3093], [3078], [3079]];
const falseOrigin = { false_easting: falseEasting, false_northing: falseNorthing };
const natural = { latitude_of_origin: originLatitude, central_meridian: centralMeridian };
const methods: Readonly<Record<number, Method>> = {
  1: { name: 'Transverse_Mercator', parameters: { ...natural, scale_factor: scale, ...falseOrigin } },
  7: { name: 'Mercator_1SP', parameters: { central_meridian: centralMeridian, scale_factor: scale, ...falseOrigin } },
  8: {
    name: 'Lambert_Conformal_Conic_2SP',
    parameters: {
      standard_parallel_1: parallel1,
      standard_parallel_2: parallel2,
      latitude_of_origin: [3085, 3081, 3089],
      central_meridian: [3084, 3080, 3088],
      false_easting: [3086, 3082],
      false_northing: [3087, 3083],
    },
  },
  9: { name: 'Lambert_Conformal_Conic_1SP', parameters: { ...natural, scale_factor: scale, ...falseOrigin } },
  10: {
    name: 'Lambert_Azimuthal_Equal_Area',
    parameters: { latitude_of_center: [3089, 3081], longitude_of_center: [3088, 3080], ...falseOrigin },
  },
  11: {
    name: 'Albers_Conic_Equal_Area',
    parameters: {
      standard_parallel_1: parallel1,
      standard_parallel_2: parallel2,
      latitude_of_center: [3081, 3085, 3089],
      longitude_of_center: [3080, 3084, 3088],
      ...falseOrigin,
    },
  },
  15: {
    name: 'Polar_Stereographic',
    parameters: {
      latitude_of_origin: [3081, 3085, 3089],
      central_meridian: [3095, 3080, 3084, 3088],
      scale_factor: scale,
      ...falseOrigin,
    },
  },
};

function linearUnit(keys: GeoKeys): number | null {
  const code = keys.get(3076);
  if (code === undefined || code === 9001) return 1;
  if (code === 9002) return 0.3048;
  if (code === 9003) return 1200 / 3937;
  const size = keys.get(3077);
  return typeof size === 'number' && size > 0 ? size : null;
}

/** UTM stands as a projection code (160zz north, 161zz south), its parameters are not written then. */
function withUtm(keys: GeoKeys, unitM: number | null): GeoKeys {
  const code = codeOf(keys, 3074) ?? 0;
  const zone = code % 100;
  if (unitM === null || (code - zone !== 16_000 && code - zone !== 16_100) || zone < 1 || zone > 60) return keys;
  const north = code - zone === 16_000 ? 0 : 10_000_000 / unitM;
  const parameters = [
    [3075, 1],
    [3080, 6 * zone - 183],
    [3081, 0],
    [3082, 500_000 / unitM],
    [3083, north],
    [3092, 0.9996],
  ] as const;
  return new Map([...keys, ...parameters]);
}

function fromParameters(written: GeoKeys): Crs | null {
  const unit = linearUnit(written);
  const keys = withUtm(written, unit);
  const frame = frameOf(keys);
  if (frame === null) return null;
  const { datum, a, rf } = frame;
  const shift = keys.get(2062);
  const towgs84 =
    Array.isArray(shift) && shift.length >= 3 ? `,TOWGS84[${[...shift, 0, 0, 0, 0].slice(0, 7).join(',')}]` : '';
  const prime = keys.get(2061);
  const gcs = `GEOGCS["${clean(datum)}",DATUM["${clean(datum)}",SPHEROID["ellipsoid",${a},${rf}]${towgs84}],PRIMEM["meridian",${typeof prime === 'number' ? prime : 0}],UNIT["degree",0.0174532925199433]]`;
  // other angular units would scale the parameters too
  if (![undefined, 9102, 9122].includes(keys.get(2054) as number | undefined)) return null;
  if (keys.get(modelType) === 2) return crsFromWkt(gcs);
  const method = methods[Number(keys.get(3075))];
  if (keys.get(modelType) === 3 || method === undefined || unit === null) return null;
  const parameters = Object.entries(method.parameters).map(([name, ids]) => {
    const value = ids.map((id) => keys.get(id)).find((found) => typeof found === 'number');
    return `PARAMETER["${name}",${value ?? (name === 'scale_factor' ? 1 : 0)}]`;
  });
  const name = clean(textOf(keys, 1026) || textOf(keys, 3073) || 'user-defined');
  return crsFromWkt(
    `PROJCS["${name}",${gcs},PROJECTION["${method.name}"],${parameters.join(',')},UNIT["metre",${unit}]]`,
  );
}

const clean = (text: string) => text.replaceAll(/["[\]|]/g, ' ').trim();
