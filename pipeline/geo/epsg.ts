/** A coordinate system of the EPSG register as proj4 needs it. */
export interface EpsgEntry {
  readonly epsg: number;
  readonly name: string;
  readonly definition: string;
  /** frame of the coordinates: two systems on different frames are never "the same" */
  readonly datum: string;
}

const wgs84 = { datum: 'WGS84', proj: '+datum=WGS84' };
const nad83 = { datum: 'NAD83', proj: '+datum=NAD83' };
const etrs89 = { datum: 'ETRS89', proj: '+ellps=GRS80' };
const cgcs2000 = { datum: 'CGCS2000', proj: '+ellps=GRS80' };
const rgf93 = { datum: 'RGF93', proj: '+ellps=GRS80' };
const gda94 = { datum: 'GDA94', proj: '+ellps=GRS80' };
const gda2020 = { datum: 'GDA2020', proj: '+ellps=GRS80' };
const sirgas = { datum: 'SIRGAS2000', proj: '+ellps=GRS80' };
const nad2011 = { datum: 'NAD83(2011)', proj: '+ellps=GRS80' };
const jgd2011 = { datum: 'JGD2011', proj: '+ellps=GRS80' };
const nzgd = { datum: 'NZGD2000', proj: '+ellps=GRS80' };
type Frame = typeof wgs84;

const single = (epsg: number, name: string, frame: Frame, projection: string): EpsgEntry => ({
  epsg,
  name,
  definition: `+proj=${projection} ${frame.proj}${projection === 'longlat' ? '' : ' +units=m'} +no_defs`,
  datum: frame.datum,
});

const singles: readonly EpsgEntry[] = [
  single(4326, 'WGS 84', wgs84, 'longlat'),
  single(4490, 'China Geodetic Coordinate System 2000', cgcs2000, 'longlat'),
  single(4258, 'ETRS89', etrs89, 'longlat'),
  single(4269, 'NAD83', nad83, 'longlat'),
  single(4171, 'RGF93', rgf93, 'longlat'),
  single(4283, 'GDA94', gda94, 'longlat'),
  single(7844, 'GDA2020', gda2020, 'longlat'),
  single(4674, 'SIRGAS 2000', sirgas, 'longlat'),
  single(6318, 'NAD83(2011)', nad2011, 'longlat'),
  single(6668, 'JGD2011', jgd2011, 'longlat'),
  single(4167, 'NZGD2000', nzgd, 'longlat'),
  {
    epsg: 3857,
    name: 'WGS 84 / Pseudo-Mercator',
    definition:
      '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs',
    datum: 'WGS84',
  },
  single(32661, 'WGS 84 / UPS North (N,E)', wgs84, 'stere +lat_0=90 +lon_0=0 +k=0.994 +x_0=2000000 +y_0=2000000'),
  single(32761, 'WGS 84 / UPS South (N,E)', wgs84, 'stere +lat_0=-90 +lon_0=0 +k=0.994 +x_0=2000000 +y_0=2000000'),
  single(3031, 'WGS 84 / Antarctic Polar Stereographic', wgs84, 'stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +x_0=0 +y_0=0'),
  single(
    3413,
    'WGS 84 / NSIDC Sea Ice Polar Stereographic North',
    wgs84,
    'stere +lat_0=90 +lat_ts=70 +lon_0=-45 +x_0=0 +y_0=0',
  ),
  single(3035, 'ETRS89-extended / LAEA Europe', etrs89, 'laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000'),
  single(2154, 'RGF93 / Lambert-93', rgf93, 'lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000'),
  single(5070, 'NAD83 / Conus Albers', nad83, 'aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0'),
  single(
    2193,
    'NZGD2000 / New Zealand Transverse Mercator 2000',
    nzgd,
    'tmerc +lat_0=0 +lon_0=173 +k=0.9996 +x_0=1600000 +y_0=10000000',
  ),
  {
    epsg: 27700,
    name: 'OSGB36 / British National Grid',
    // EPSG transformation 1314 (about 2 m), the one that needs no grid file
    definition:
      '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs',
    datum: 'OSGB36',
  },
];

interface Family {
  readonly first: number;
  readonly last: number;
  entry(epsg: number): EpsgEntry;
}

const utm = (first: number, last: number, frame: Frame, label: string, firstZone: number, south = false): Family => ({
  first,
  last,
  entry(epsg) {
    const zone = firstZone + epsg - first;
    const projection = `utm +zone=${zone}${south ? ' +south' : ''}`;
    return single(epsg, `${label} / UTM zone ${zone}${south ? 'S' : 'N'}`, frame, projection);
  },
});

/** CGCS2000 Gauss-Krüger belts: with the zone number before the easting, or with 500 km alone. */
const gaussKruger = (first: number, firstZone: number, zoneDeg: 3 | 6, withZone: boolean): Family => ({
  first,
  last: first + (zoneDeg === 3 ? 20 : 10),
  entry(epsg) {
    const zone = firstZone + epsg - first;
    const meridianDeg = zoneDeg === 3 ? zone * 3 : zone * 6 - 3;
    const eastingM = withZone ? zone * 1_000_000 + 500_000 : 500_000;
    const belt = `${zoneDeg === 3 ? '3-degree ' : ''}Gauss-Kruger ${withZone ? `zone ${zone}` : `CM ${meridianDeg}E`}`;
    const projection = `tmerc +lat_0=0 +lon_0=${meridianDeg} +k=1 +x_0=${eastingM} +y_0=0`;
    return single(epsg, `CGCS2000 / ${belt}`, cgcs2000, projection);
  },
});

const families: readonly Family[] = [
  utm(32601, 32660, wgs84, 'WGS 84', 1),
  utm(32701, 32760, wgs84, 'WGS 84', 1, true),
  utm(26901, 26923, nad83, 'NAD83', 1),
  utm(25828, 25838, etrs89, 'ETRS89', 28),
  utm(28348, 28358, gda94, 'GDA94', 48, true),
  utm(7846, 7859, gda2020, 'GDA2020', 46, true),
  utm(31965, 31976, sirgas, 'SIRGAS 2000', 11),
  utm(31977, 31985, sirgas, 'SIRGAS 2000', 17, true),
  utm(6330, 6348, nad2011, 'NAD83(2011)', 1),
  utm(6688, 6692, jgd2011, 'JGD2011', 51),
  gaussKruger(4491, 13, 6, true),
  gaussKruger(4502, 13, 6, false),
  gaussKruger(4513, 25, 3, true),
  gaussKruger(4534, 25, 3, false),
];

/** The entry of a code, null where the code is not among those carried here. @see https://epsg.org */
export function epsgEntry(epsg: number): EpsgEntry | null {
  const family = families.find(({ first, last }) => epsg >= first && epsg <= last);
  return family?.entry(epsg) ?? singles.find((entry) => entry.epsg === epsg) ?? null;
}

/** Every code carried here. */
export function knownEpsgCodes(): readonly number[] {
  const ranges = families.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  return [...singles.map(({ epsg }) => epsg), ...ranges];
}
