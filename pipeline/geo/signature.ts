import proj4 from 'proj4';

type Projection = InstanceType<typeof proj4.Proj>;
type Figure = 'long0' | 'lat0' | 'lat1' | 'lat2' | 'k0' | 'x0' | 'y0' | 'to_meter' | 'from_greenwich' | 'rf';
/** What proj4 fills in beyond its declared fields; angles in radians. */
export type Parameters = Projection &
  Partial<Record<Figure, number>> & { projName?: string; names?: readonly string[] };

const projections = new Map<string, Parameters>();

/** proj4's object for a definition; made once. Throws whatever proj4 throws. */
export function projectionOf(definition: string): Parameters {
  const known = projections.get(definition);
  if (known !== undefined) return known;
  const projection: Parameters = new proj4.Proj(definition);
  projections.set(definition, projection);
  return projection;
}

const noDatum = 5;
const gridShift = 3;

/** Whether positions can be tied to WGS 84: frames within 2 m of it share its ellipsoid, others need their shift. */
export function isTied(projection: Parameters): boolean {
  const { a, rf = 0, sphere } = projection;
  const { datum_type: kind } = projection.datum as { datum_type: number };
  const isModern = Math.abs(a - 6378137) < 0.01 && (sphere || Math.abs(rf - 298.25722) < 1e-4);
  return kind !== gridShift && (kind !== noDatum || isModern);
}

const spellings: readonly (readonly [RegExp, string])[] = [
  [/^(wgs(19)?84|worldgeodeticsystem1984)/, 'WGS84'],
  [/^(china(geodeticcoordinatesystem)?2000|cgcs2000)/, 'CGCS2000'],
  [/^(northamerican(datum)?1983|nad(19)?83)$/, 'NAD83'],
  [/^(nad(19)?83(nationalspatialreferencesystem)?2011)$/, 'NAD83(2011)'],
  [/^(etrs(19)?89|europeanterrestrialreferencesystem1989)/, 'ETRS89'],
  [/^(rgf(19)?93|reseaugeodesiquefrancais1993)/, 'RGF93'],
  [/^(osgb(19)?36|ordnancesurveyofgreatbritain1936)/, 'OSGB36'],
  [/^(gda(19)?94|geocentricdatumofaustralia1994)/, 'GDA94'],
  [/^(gda2020|geocentricdatumofaustralia2020)/, 'GDA2020'],
  [/^(sirgas2000|sistemadereferenciageocentricoparalasamericas2000)/, 'SIRGAS2000'],
  [/^(jgd2011|japanesegeodeticdatum2011)/, 'JGD2011'],
  [/^(nzgd2000|newzealandgeodeticdatum2000)/, 'NZGD2000'],
];

/** One word per datum, however WKT, ESRI or proj spell it. */
export function datumKey(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/^d_/, '')
    .replaceAll(/[^a-z0-9]/g, '');
  const known = spellings.find(([pattern]) => pattern.test(plain));
  if (known !== undefined) return known[1];
  return plain;
}

/** The same of a proj string; '' where it names an ellipsoid alone. */
export function projDatum(definition: string): string {
  return datumKey(/\+datum=(\S+)/.exec(definition)?.[1] ?? '');
}

const methods: readonly (readonly [RegExp, string])[] = [
  [/transverse.?mercator/i, 'tmerc'],
  [/conformal conic/i, 'lcc'],
  [/azimuthal/i, 'laea'],
  [/albers/i, 'aea'],
];

const degrees = (value = 0) => Math.round((value * 180e9) / Math.PI) / 1e9 + 0;

/** Everything that decides the coordinates, as one comparable line (mm, 1e-9 degrees). */
export function signatureOf(projection: Parameters, datum: string): string {
  const title = projection.names?.[0] ?? projection.projName ?? '';
  const method = methods.find(([pattern]) => pattern.test(title))?.[1] ?? title.toLowerCase();
  const shape = [method, datum, Math.round(projection.a * 1e3), degrees(projection.from_greenwich)];
  if (method === 'longlat') return shape.join('|');
  const parallels =
    method === 'lcc' || method === 'aea' ? [projection.lat1, projection.lat2].map(degrees).sort((p, q) => p - q) : [];
  const { x0 = 0, y0 = 0, k0 = 1, to_meter: unitM = 1 } = projection;
  const numbers = [
    degrees(projection.long0),
    degrees(projection.lat0),
    ...parallels,
    Math.round(k0 * 1e9),
    Math.round(x0 * 1e3),
    Math.round(y0 * 1e3),
    unitM,
  ];
  return [...shape, ...numbers].join('|');
}
