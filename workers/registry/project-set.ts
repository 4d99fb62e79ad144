import { createHash } from 'node:crypto';
import { AppError } from '../../pipeline/errors.ts';
import { type LayerFeature, type ParcelLayer, buildLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import { canonicalJson } from '../database/event.ts';
import type { ProblemList } from './problem.ts';
import type { StoredProject, StoredSubProject } from './record.ts';

/** One project or sub-project of a set. */
export interface SetMember {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly polygons: LayerFeature['polygons'];
  readonly areaM2: number;
  /** sha256 over attributes and boundary, apart from where and when it was given */
  readonly digest: string;
}

/** Columns that say where and when a member was given, not what it is. */
const circumstances = new Set(['row', 'asOf']);

export function membersOf(layer: ParcelLayer): readonly SetMember[] {
  return Array.from({ length: layer.featureCount }, (_, feature) => {
    const attributes = Object.fromEntries(
      Object.entries(layer.columns).map(([name, values]) => [name, values[feature] ?? '']),
    );
    const polygons = polygonsOf(layer, feature);
    return {
      id: attributes['id'] ?? '',
      attributes,
      polygons,
      areaM2: layer.areaM2[feature] ?? 0,
      digest: digestOf(attributes, polygons),
    };
  });
}

function digestOf(attributes: SetMember['attributes'], polygons: SetMember['polygons']): string {
  const said = Object.entries(attributes).filter(([name]) => !circumstances.has(name));
  const hash = createHash('sha256').update(canonicalJson(Object.fromEntries(said)));
  for (const polygon of polygons) {
    hash.update('polygon');
    for (const ring of polygon)
      hash.update('ring').update(new Uint8Array(ring.buffer, ring.byteOffset, ring.byteLength));
  }
  return hash.digest('hex');
}

export interface MergedSet {
  readonly layer: ParcelLayer;
  /** members that are new or have changed */
  readonly fresh: readonly SetMember[];
}

/**
 * The whole set after a file: what the file says, and of what it does not name what was known. By id.
 *
 * Each member carries the date of the file that last changed it (`asOf`). One that changes without a later date is
 * told as PROJECT_CHANGED.
 *
 * @throws AppError CONFLICT when the file lies in another region than the set
 */
export function mergeSet(
  known: ParcelLayer | null,
  given: ParcelLayer,
  { asOf, problems }: { readonly asOf: string; readonly problems: ProblemList },
): MergedSet {
  const { centre } = given;
  if (known && (known.centre.lonDeg !== centre.lonDeg || known.centre.latDeg !== centre.latDeg))
    throw new AppError(
      'CONFLICT',
      `The file lies about ${centre.lonDeg}, ${centre.latDeg}, the known projects about ${known.centre.lonDeg}, ${known.centre.latDeg} (longitude, latitude).`,
      'Keep projects of different regions in different data folders (TIANWATCH_DATA).',
    );
  const knownMembers = new Map((known ? membersOf(known) : []).map((member) => [member.id, member]));
  const members = new Map(knownMembers);
  const fresh: SetMember[] = [];
  for (const member of membersOf(given)) {
    const before = knownMembers.get(member.id);
    if (before?.digest === member.digest) continue;
    if (before && asOf !== '' && (before.attributes['asOf'] ?? '') >= asOf)
      problems.add('PROJECT_CHANGED', {
        what: `${member.id} is known as of ${before.attributes['asOf'] ?? '?'} with other content`,
        todo: 'What has changed since then is of a later date: give a later --as-of.',
        row: Number(member.attributes['row']),
      });
    fresh.push(member);
    members.set(member.id, { ...member, attributes: { ...member.attributes, asOf } });
  }
  const features = [...members.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { layer: buildLayer({ centre, features }), fresh };
}

export function storedProject({ id, attributes, areaM2, digest }: SetMember): StoredProject {
  const text = (name: string): string => attributes[name] ?? '';
  return {
    id,
    name: text('name'),
    county: text('county'),
    towns: text('towns').split(',').filter(Boolean),
    stage: text('stage'),
    startDate: text('startDate') || null,
    endDate: text('endDate') || null,
    areaM2,
    digest,
  };
}

export function storedSubProject({ id, attributes, areaM2, digest }: SetMember): StoredSubProject {
  const text = (name: string): string => attributes[name] ?? '';
  return {
    id,
    project: text('project'),
    work: text('work') as StoredSubProject['work'],
    plannedCode: text('plannedCode'),
    town: text('town'),
    plannedM2: text('plannedM2') === '' ? areaM2 : Number(text('plannedM2')),
    areaM2,
    digest,
  };
}
