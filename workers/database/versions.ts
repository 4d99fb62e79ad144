import { AppError } from '../../pipeline/errors.ts';
import {
  type LayerKind,
  type LayerRef,
  layerKinds,
  layerName,
  layerRefSchema,
  projectKinds,
} from '../../pipeline/parcel/layer-ref.ts';
import type { NewVersion, Recorded, Version } from '../registry/record.ts';
import type { Candidate } from '../registry/resolve.ts';
import { appendEvents } from './event.ts';
import { recordProjects } from './project-rows.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { BaselineRow } from './tables.ts';
import { knowUser } from './users.ts';

const isProjectKind = (kind: string): boolean => (projectKinds as readonly string[]).includes(kind);

export function refOf(row: BaselineRow): LayerRef {
  return layerRefSchema.parse({
    kind: row.kind,
    zone: row.zone === '' ? null : row.zone,
    id: row.layer,
    asOf: row.as_of,
    key: row.object_key,
    file: row.file,
    features: row.features,
  });
}

function versionOf(row: BaselineRow): Version {
  return {
    ...refOf(row),
    number: row.number,
    state: row.state,
    areaM2: row.area_m2,
    facts: row.facts as Version['facts'],
    importedBy: row.imported_by,
    importedAt: row.imported_at.toISOString(),
  };
}

/** Versions of these kinds, by kind and zone, the latest first. */
export async function selectVersions(sql: Sql, kinds: readonly LayerKind[]): Promise<readonly BaselineRow[]> {
  return queriesOn(sql)
    .selectFrom('baseline')
    .selectAll()
    .where('kind', 'in', [...kinds])
    .orderBy('kind')
    .orderBy('zone')
    .orderBy('as_of', 'desc')
    .orderBy('number', 'desc')
    .execute();
}

export async function listVersions(sql: Sql, kinds: readonly LayerKind[]): Promise<readonly Version[]> {
  return (await selectVersions(sql, kinds)).map(versionOf);
}

/** All versions, to choose from. */
export async function listCandidates(sql: Sql): Promise<readonly Candidate[]> {
  return (await selectVersions(sql, layerKinds)).map((row) => ({ ref: refOf(row), number: row.number }));
}

const nameOf = (row: Pick<BaselineRow, 'kind' | 'zone' | 'as_of' | 'number'>): string =>
  `${row.zone === '' ? row.kind : `${row.kind}/${row.zone}`}@${row.as_of}${row.number === 1 ? '' : `#${row.number}`}`;

/**
 * Record a version; what it supersedes is marked in the same transaction. Recorded twice, it is one version.
 *
 * @throws AppError CONFLICT when another content has this date, or when a set of projects was merged with one
 *   that is no longer the newest
 */
export async function recordVersion(sql: Sql, version: NewVersion, at: string): Promise<Recorded> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.registry'))");
  const zone = version.zone ?? '';
  const all = await selectVersions(sql, [version.kind]);
  const others = all.filter((row) => row.zone === zone);
  // a set of projects that a file does not change is the set that is there
  const latest =
    isProjectKind(version.kind) && others[0]?.layer === version.id
      ? others[0]
      : others.find((row) => row.as_of === version.asOf);
  if (latest?.layer === version.id) return { version: versionOf(latest), isNew: false, superseded: [] };
  refuseConflict(version, others, latest);
  const { by, why } = version.actor;
  await knowUser(sql, by, at);
  const isLatest = (others[0]?.as_of ?? '') <= version.asOf;
  const row: BaselineRow = {
    kind: version.kind,
    zone,
    as_of: version.asOf,
    number: (latest?.number ?? 0) + 1,
    layer: version.id,
    object_key: version.key,
    file: version.file,
    features: version.features,
    area_m2: version.areaM2,
    facts: version.facts,
    state: isLatest ? 'current' : 'superseded',
    imported_by: by,
    imported_at: new Date(at),
  };
  const database = queriesOn(sql);
  await database
    .insertInto('baseline')
    .values({ ...row, facts: jsonb(row.facts) })
    .execute();
  const superseded = isLatest ? others.filter(({ state }) => state === 'current') : [];
  for (const { as_of, number } of superseded) {
    const place = database.updateTable('baseline').set({ state: 'superseded' }).where('kind', '=', row.kind);
    await place.where('zone', '=', zone).where('as_of', '=', as_of).where('number', '=', number).execute();
  }
  const { layer, file, features, area_m2: areaM2, state } = row;
  const subjects = [
    { subjectId: nameOf(row), kind: 'version-recorded', body: { by, why, layer, file, features, areaM2, state } },
    ...superseded.map((old) => ({
      subjectId: nameOf(old),
      kind: 'version-superseded',
      body: { by, why: `superseded by ${nameOf(row)}` },
    })),
  ];
  await appendEvents(
    sql,
    subjects.map((told) => ({ subject: 'baseline', at, ...told })),
  );
  await recordProjects(sql, version, at);
  return { version: versionOf(row), isNew: true, superseded: superseded.map(refOf) };
}

function refuseConflict(version: NewVersion, others: readonly BaselineRow[], latest: BaselineRow | undefined): void {
  const name = layerName(version);
  if (!isProjectKind(version.kind)) {
    if (!latest) return;
    throw new AppError(
      'CONFLICT',
      `There is another ${name} of ${version.asOf} already: ${latest.layer.slice(0, 12)}, from ${latest.file}, imported by ${latest.imported_by} on ${latest.imported_at.toISOString().slice(0, 10)}.`,
      'A version is never edited: import the corrected file with a later --as-of, which supersedes it.',
      { kind: version.kind, zone: version.zone, asOf: version.asOf },
    );
  }
  const [newest] = others;
  if (newest && newest.as_of > version.asOf)
    throw new AppError(
      'CONFLICT',
      `The newest set of ${name}s is as of ${newest.as_of}, this file as of ${version.asOf}.`,
      'Projects are merged forward in time: give a later --as-of, or import the older file first into a fresh data folder.',
    );
  if ((newest?.layer ?? null) === version.basedOn) return;
  throw new AppError(
    'CONFLICT',
    `The set of ${name}s has changed while the file was read: it is now ${newest?.layer.slice(0, 12) ?? 'empty'}.`,
    'Give the same command again.',
  );
}
