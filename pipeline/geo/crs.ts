import proj4 from 'proj4';

import { AppError } from '../errors.ts';
import type { Crs } from '../types.ts';
import { epsgEntry, knownEpsgCodes } from './epsg.ts';
import { datumKey, isTied, projDatum, projectionOf, signatureOf, type Parameters } from './signature.ts';
import { horizontalWkt, parseWkt, wktDatumName, wktEpsg } from './wkt.ts';

/**
 * The system of an EPSG code, from definitions carried in the program (nothing is downloaded).
 *
 * @throws AppError INPUT_INVALID for a code that is not carried
 */
export function crsFromEpsg(epsg: number): Crs {
  const entry = epsgEntry(epsg);
  if (entry === null) {
    throw new AppError(
      'INPUT_INVALID',
      `EPSG:${epsg} is not a coordinate system this program carries.`,
      'Reproject the file first (gdalwarp or, of polygons, ogr2ogr -t_srs EPSG:4490 …) or, for the output grid, give another --grid <epsg>:<m>.',
      { epsg },
    );
  }
  const { definition, name } = entry;
  return { epsg, definition, name, isGeographic: definition.startsWith('+proj=longlat') };
}

/**
 * The system that WKT 1, ESRI WKT, WKT 2 or a proj string describes; its EPSG code where the parameters agree
 * with the register, whatever code or name the text claims.
 *
 * @throws AppError INPUT_INVALID where it cannot be read, or where its datum has no known tie to WGS 84
 */
export function crsFromWkt(text: string): Crs {
  const trimmed = text.trim();
  const root = trimmed.startsWith('+') ? null : parseWkt(trimmed);
  const node = root === null ? null : horizontalWkt(root);
  const claimed = node === null ? null : wktEpsg(node);
  const name = node?.values[0] ?? trimmed;
  const definition = node?.text ?? trimmed;
  const code = /^EPSG:(\d+)$/i.exec(trimmed)?.[1];
  if (code !== undefined) return crsFromEpsg(Number(code));
  if (node === null && !trimmed.startsWith('+'))
    throw unreadable(root?.values[0] ?? name, 'it is neither geographic nor projected');
  const projection = parseDefinition(name, definition);
  if (projection.projName === 'geocent') throw unreadable(name, 'it is geocentric');
  if (!isTied(projection))
    throw unreadable(name, 'its datum has no known relation to WGS 84, positions may be off by 100 m');
  const datum = node === null ? projDatum(definition) : datumKey(wktDatumName(node));
  const found = registered(signatureOf(projection, datum), claimed);
  if (found !== null) return crsFromEpsg(found);
  return { epsg: null, definition, name, isGeographic: projection.projName === 'longlat' };
}

/** Whether both describe the same coordinates (frame, projection and units; names do not count). */
export function sameCrs(a: Crs, b: Crs): boolean {
  if (a.definition === b.definition && a.epsg === b.epsg) return true;
  return crsSignature(a) === crsSignature(b);
}

/**
 * A function from coordinates of one system to those of another, `[x, y]` both (longitude first).
 * What has no image (beyond the projection's reach) becomes `[NaN, NaN]`.
 */
export function projector(from: Crs, to: Crs): (x: number, y: number) => readonly [number, number] {
  if (sameCrs(from, to)) return (x, y) => [x, y];
  const { forward } = proj4(projectionOf(from.definition), projectionOf(to.definition));
  return (x, y) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return [Number.NaN, Number.NaN];
    const point = forward({ x, y });
    return Number.isFinite(point.x) && Number.isFinite(point.y) ? [point.x, point.y] : [Number.NaN, Number.NaN];
  };
}

function parseDefinition(name: string, definition: string): Parameters {
  // proj4 reads these ESRI methods as another projection (wrong by hemispheres), so they are not trusted to it
  if (/Stereographic_North_Pole|"Stereographic"/i.test(definition))
    throw unreadable(name, 'its projection method is not supported');
  try {
    return projectionOf(definition);
  } catch (error) {
    throw unreadable(name, error instanceof Error ? error.message : String(error), error);
  }
}

function unreadable(name: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'INPUT_INVALID',
    `the coordinate system "${name.slice(0, 120)}" cannot be used: ${reason}.`,
    'Assign the right one (gdal_edit.py -a_srs EPSG:…) or reproject the file (gdalwarp -t_srs EPSG:4490 …).',
    { crs: name },
    cause,
  );
}

const signatures = new Map<string, string>();

function crsSignature(crs: Crs): string {
  const key = `${crs.epsg} ${crs.definition}`;
  const known = signatures.get(key);
  if (known !== undefined) return known;
  const signature = computeSignature(crs);
  signatures.set(key, signature);
  return signature;
}

function computeSignature(crs: Crs): string {
  const entry = crs.epsg === null ? null : epsgEntry(crs.epsg);
  if (entry !== null) return signatureOf(projectionOf(entry.definition), entry.datum);
  const node = parseWkt(crs.definition);
  return signatureOf(
    projectionOf(crs.definition),
    node === null ? projDatum(crs.definition) : datumKey(wktDatumName(node)),
  );
}

let register: ReadonlyMap<string, number> | null = null;

/** The code with this signature; the claimed one where several share it. */
function registered(signature: string, claimed: number | null): number | null {
  const entry = claimed === null ? null : epsgEntry(claimed);
  if (entry !== null && signatureOf(projectionOf(entry.definition), entry.datum) === signature) return claimed;
  register ??= new Map(
    knownEpsgCodes().map(
      (epsg) => [crsSignature({ epsg, definition: '', name: '', isGeographic: false }), epsg] as const,
    ),
  );
  return register.get(signature) ?? null;
}
