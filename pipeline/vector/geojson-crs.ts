import { crsFromEpsg } from '../geo/crs.ts';
import type { CrsClaim } from './crs-choice.ts';
import { unreadable } from './feature.ts';

const defaultClaim: CrsClaim = { crs: crsFromEpsg(4326), how: 'RFC 7946 的规定 as RFC 7946 has it', isDefault: true };

/**
 * System of a GeoJSON file by its `crs` member, which RFC 7946 abolished and older files have.
 *
 * @param member parsed value; undefined where there is none
 * @throws AppError INPUT_INVALID where it names what is not carried
 * @see GeoJSON 2008, section 3
 */
export function geojsonCrs(file: string, member: unknown): CrsClaim {
  if (member === undefined || member === null) return defaultClaim;
  const { properties } = member as { readonly properties?: { readonly name?: unknown; readonly code?: unknown } };
  const name = String(properties?.name ?? properties?.code ?? '');
  if (/CRS:?84|CRS84/i.test(name)) return { crs: crsFromEpsg(4326), how: `按 crs 成员 by its crs member (${name})` };
  const code = /(\d{4,6})\s*$/.exec(name)?.[1];
  if (code === undefined)
    throw unreadable(
      file,
      `its crs member names no system this program knows (${name || JSON.stringify(member).slice(0, 80)}).`,
      'Give --crs EPSG:<code>.',
    );
  return { crs: crsFromEpsg(Number(code)), how: `按 crs 成员 by its crs member (${name})` };
}
