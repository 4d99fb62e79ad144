import { AppError } from '../errors.ts';
import { epsgEntry } from '../geo/epsg.ts';
import type { Crs } from '../types.ts';

const number = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

const geographic = {
  4326: 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
  4490: 'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
} as const;

interface Projected {
  readonly name: string;
  readonly base: keyof typeof geographic;
  readonly method: string;
  readonly parameters: Readonly<Record<string, number>>;
}

const transverse = (meridianDeg: number, eastingM: number, northingM: number, scale: number) => ({
  False_Easting: eastingM,
  False_Northing: northingM,
  Central_Meridian: meridianDeg,
  Scale_Factor: scale,
  Latitude_Of_Origin: 0,
});

/** CGCS2000 belts as ESRI names them; null for other codes. */
function gaussKruger(epsg: number): Projected | null {
  const families = [
    { first: 4491, last: 4501, zone: 13, isWide: true, isZoned: true },
    { first: 4502, last: 4512, zone: 13, isWide: true, isZoned: false },
    { first: 4513, last: 4533, zone: 25, isWide: false, isZoned: true },
    { first: 4534, last: 4554, zone: 25, isWide: false, isZoned: false },
  ];
  const family = families.find(({ first, last }) => epsg >= first && epsg <= last);
  if (family === undefined) return null;
  const zone = family.zone + epsg - family.first;
  const meridianDeg = family.isWide ? zone * 6 - 3 : zone * 3;
  const belt = `${family.isWide ? '' : '3_Degree_'}GK_${family.isZoned ? `Zone_${zone}` : `CM_${meridianDeg}E`}`;
  const eastingM = family.isZoned ? zone * 1_000_000 + 500_000 : 500_000;
  return {
    name: `CGCS2000_${belt}`,
    base: 4490,
    method: 'Gauss_Kruger',
    parameters: transverse(meridianDeg, eastingM, 0, 1),
  };
}

function projected(epsg: number): Projected | null {
  if (epsg === 3857)
    return {
      name: 'WGS_1984_Web_Mercator_Auxiliary_Sphere',
      base: 4326,
      method: 'Mercator_Auxiliary_Sphere',
      parameters: {
        False_Easting: 0,
        False_Northing: 0,
        Central_Meridian: 0,
        Standard_Parallel_1: 0,
        Auxiliary_Sphere_Type: 0,
      },
    };
  const isSouth = epsg >= 32701 && epsg <= 32760;
  if (!isSouth && !(epsg >= 32601 && epsg <= 32660)) return gaussKruger(epsg);
  const zone = epsg % 100;
  return {
    name: `WGS_1984_UTM_Zone_${zone}${isSouth ? 'S' : 'N'}`,
    base: 4326,
    method: 'Transverse_Mercator',
    parameters: transverse(zone * 6 - 183, 500_000, isSouth ? 10_000_000 : 0, 0.9996),
  };
}

/**
 * The system as ESRI WKT, which every reader of shapefiles knows.
 *
 * @throws AppError INPUT_INVALID for a system that is neither text itself nor 4326, 4490, 3857, UTM or a CGCS2000 belt
 */
export function wktOf({ epsg, definition, name }: Crs): string {
  if (!definition.startsWith('+')) return definition;
  if (epsg === 4326 || epsg === 4490) return geographic[epsg];
  const found = epsg === null || epsgEntry(epsg) === null ? null : projected(epsg);
  if (found === null)
    throw new AppError(
      'INPUT_INVALID',
      `${name} cannot be written as well-known text.`,
      'Write EPSG:4490 or 4549 instead.',
      { epsg },
    );
  const parameters = Object.entries(found.parameters).map(([key, value]) => `PARAMETER["${key}",${number(value)}]`);
  return `PROJCS["${found.name}",${geographic[found.base]},PROJECTION["${found.method}"],${parameters.join(',')},UNIT["Meter",1.0]]`;
}
