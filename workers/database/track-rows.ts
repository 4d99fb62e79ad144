import { z } from 'zod';
import type { AlertTrack, Axis, TrackState } from '../../pipeline/alert/alert.ts';
import type { GroundDeg, PlacedTrack } from '../../pipeline/alert/case.ts';
import type { Severity } from '../../pipeline/rule/reason.ts';
import { canonicalJson, type NewEvent } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { TrackRow } from './tables.ts';

/** A named rule of `config/rules/policy.json` that a track may touch. */
export interface NamedPolicy {
  readonly id: string;
  readonly version: number;
  /** the image alone cannot tell */
  readonly isPossible: boolean;
}

/** A track as its source says it now, and what the rules say of it. Codes are null where no baseline lies there. */
export interface RecordedTrack extends AlertTrack {
  /** newest outline; null where it is not known */
  readonly ground: GroundDeg | null;
  readonly confirmedOn: string | null;
  readonly looksToConfirm: number | null;
  /** ids it would have had if earlier looks were missing: alerts told under them become its own */
  readonly formerIds: readonly string[];
  readonly parents: readonly string[];
  readonly policies: readonly NamedPolicy[];
  /** one a look, small */
  readonly observations: readonly unknown[];
  /** 6, 9 and 12 digits */
  readonly county: string | null;
  readonly town: string | null;
  readonly village: string | null;
  /** as-of date of the land survey that the rule was told, null where there was none */
  readonly surveyAsOf: string | null;
  /** what else is said of it, small */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Rows a statement: one message to the database thread stays small. */
export const batchRows = 500;

export function* batchesOf<T>(all: readonly T[], size = batchRows): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

/** Box of longitudes and latitudes, as rows have it. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export function boxOfGround(ground: GroundDeg | null): Box | null {
  if (ground === null || ground.length === 0) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ground.flat(2)) {
    west = Math.min(west, x);
    south = Math.min(south, y);
    east = Math.max(east, x);
    north = Math.max(north, y);
  }
  return { west, south, east, north };
}

const noBox = { west: null, south: null, east: null, north: null };

export function trackRowOf(
  track: RecordedTrack,
  { source, runId, at }: { readonly source: string; readonly runId: string | null; readonly at: string },
): TrackRow {
  const version = String(track.ruleVersion).padStart(9, '0');
  return {
    id: track.id,
    run_id: runId,
    category: track.category,
    severity: track.severity,
    state: track.state,
    is_lawful: track.isLawful,
    area_m2: track.areaM2,
    county: track.county,
    town: track.town,
    village: track.village,
    first_seen: track.firstSeen,
    last_seen: track.lastSeen,
    rule: track.rule,
    rule_version: track.ruleVersion,
    facts: track.facts,
    // what knew the survey says more than what of the same day did not
    look: [track.lastSeen, track.surveyAsOf ?? '', version, runId ?? ''].join('/'),
    recorded_at: new Date(at),
    source,
    axis: track.axis,
    confirmed_on: track.confirmedOn,
    looks_to_confirm: track.looksToConfirm,
    merged_into: track.mergedInto,
    history: track.history,
    observations: track.observations,
    policies: track.policies,
    ground: track.ground,
    ...(boxOfGround(track.ground) ?? noBox),
    gone: null,
  };
}

const cropYearSchema = z.object({ cropYear: z.number().int() });

/** Crop year in facts of a track or verdict of planting; null: there is none. */
export const cropYearOf = (facts: unknown): number | null => cropYearSchema.safeParse(facts).data?.cropYear ?? null;

export function placedTrackOf(row: TrackRow): PlacedTrack {
  return {
    id: row.id,
    axis: row.axis as Axis,
    source: row.source,
    state: row.state as TrackState,
    mergedInto: row.merged_into,
    category: row.category,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    areaM2: row.area_m2,
    history: row.history as AlertTrack['history'],
    severity: row.severity as Severity,
    isLawful: row.is_lawful,
    rule: row.rule,
    ruleVersion: row.rule_version,
    ground: row.ground as GroundDeg | null,
    cropYear: cropYearOf(row.facts),
  };
}

/** What a row says, apart from when and by which run it was written. */
const said = ({ recorded_at: _at, run_id: _run, ...row }: TrackRow): string => canonicalJson(row);

export const saysTheSame = (a: TrackRow, b: TrackRow): boolean => said(a) === said(b);

/**
 * Tracks of these ids, and all of a source, those that are gone too.
 *
 * @param source null: those of the ids alone
 */
export async function selectKnown(
  sql: Sql,
  source: string | null,
  ids: readonly string[],
): Promise<Map<string, TrackRow>> {
  const database = queriesOn(sql);
  const rows =
    source === null ? [] : await database.selectFrom('track').selectAll().where('source', '=', source).execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const batch of batchesOf(ids.filter((id) => !known.has(id))))
    for (const row of await database
      .selectFrom('track')
      .selectAll()
      .where('id', 'in', [...batch])
      .execute())
      known.set(row.id, row);
  return known;
}

export async function selectTracks(sql: Sql, ids: readonly string[]): Promise<TrackRow[]> {
  const rows: TrackRow[] = [];
  for (const batch of batchesOf(ids))
    rows.push(
      ...(await queriesOn(sql)
        .selectFrom('track')
        .selectAll()
        .where('id', 'in', [...batch])
        .execute()),
    );
  return rows;
}

/** Tracks that their sources still show and whose boxes meet this one. */
export function selectTracksIn(sql: Sql, { west, south, east, north }: Box): Promise<TrackRow[]> {
  return queriesOn(sql)
    .selectFrom('track')
    .selectAll()
    .where('gone', 'is', null)
    .where('west', '<=', east)
    .where('east', '>=', west)
    .where('south', '<=', north)
    .where('north', '>=', south)
    .execute();
}

export async function putTracks(sql: Sql, rows: readonly TrackRow[]): Promise<void> {
  for (const batch of batchesOf(rows))
    await queriesOn(sql)
      .insertInto('track')
      .values(
        batch.map((row) => ({
          ...row,
          facts: jsonb(row.facts),
          history: jsonb(row.history),
          observations: jsonb(row.observations),
          policies: jsonb(row.policies),
          ground: jsonb(row.ground),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(({ ref }) =>
          Object.fromEntries(
            Object.keys(batch[0]!)
              .filter((name) => name !== 'id')
              .map((name) => [name, ref(`excluded.${name as keyof TrackRow}`)]),
          ),
        ),
      )
      .execute();
}

export async function putLineage(sql: Sql, tracks: readonly RecordedTrack[]): Promise<void> {
  const rows = tracks.flatMap(({ id, parents }) => parents.map((parent) => ({ parent, child: id })));
  for (const batch of batchesOf(rows))
    await queriesOn(sql)
      .insertInto('track_lineage')
      .values([...batch])
      .onConflict((conflict) => conflict.columns(['parent', 'child']).doNothing())
      .execute();
}

export function trackEvent(
  row: TrackRow,
  { kind, by, at }: { readonly kind: string; readonly by: string; readonly at: string },
): NewEvent {
  const { id, source, category, severity, state, is_lawful: isLawful, area_m2: areaM2, gone } = row;
  const why = gone ?? `${row.rule} v${row.rule_version}`;
  const body = { by, why, source, category, severity, state, isLawful, areaM2 };
  return { subject: 'track', subjectId: id, kind, body, at };
}

/** Tracks that a source still shows, and where. */
export async function selectLive(
  sql: Sql,
  source: string,
): Promise<readonly { readonly id: string; readonly ground: GroundDeg | null }[]> {
  const query = queriesOn(sql).selectFrom('track').select(['id', 'ground']);
  const rows = await query.where('source', '=', source).where('gone', 'is', null).orderBy('id').execute();
  return rows.map(({ id, ground }) => ({ id, ground: ground as GroundDeg | null }));
}
