import type { AlertRules } from '../../pipeline/alert/alert-rules.ts';
import { heirsByGround } from '../../pipeline/alert/case.ts';
import type { TendingYear } from '../../pipeline/season/tending-group.ts';
import { appendEvents } from './event.ts';
import { raiseAround, unionOf } from './raise-alerts.ts';
import type { Sql } from './sql.ts';
import type { TrackRow } from './tables.ts';
import { putTending } from './tending-rows.ts';
import {
  type RecordedTrack,
  putLineage,
  placedTrackOf,
  putTracks,
  saysTheSame,
  selectKnown,
  selectTracksIn,
  trackEvent,
  trackRowOf,
} from './track-rows.ts';

/** What a pair of dates or a series shows now. */
export interface SeriesRecord {
  /** names the pair or the series; the same looks, or more of them, again have the same name */
  readonly source: string;
  /** null: no run, a series */
  readonly runId: string | null;
  readonly tracks: readonly RecordedTrack[];
  /** `others`: these are all tracks of the source; else which of those known are gone, and why */
  readonly gone: 'others' | readonly { readonly track: string; readonly why: string }[];
  /** why one of the others is gone, by its id; else the looks no longer show it */
  readonly whyGone?: Readonly<Record<string, string>>;
  /** what a series says of the tending of projects: all that it says */
  readonly tending?: readonly TendingYear[];
}

export interface RecordedSeries {
  /** tracks that were not known, that say something else now, or that are gone */
  readonly tracks: number;
  /** alerts that were opened or changed */
  readonly alerts: number;
}

const othersGone = 'the looks of its series, taken together, no longer show it';

/**
 * Record what a source shows and bring the alerts to it, in the caller's transaction, with events and outbox. Alerts
 * follow from what all sources show and from verdicts, whatever came first; the same again changes nothing.
 */
export async function recordSeries(
  sql: Sql,
  record: SeriesRecord,
  { rules, at }: { readonly rules: AlertRules; readonly at: string },
): Promise<RecordedSeries> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.alerts'))");
  const { source, runId, tracks, gone, whyGone = {}, tending } = record;
  if (tending !== undefined) await putTending(sql, source, { tending, at });
  const by = runId === null ? `series ${source}` : `run ${runId}`;
  const byId = new Map(tracks.map((track) => [track.id, trackRowOf(track, { source, runId, at })]));
  const named = gone === 'others' ? [] : gone.map(({ track }) => track);
  const known = await selectKnown(sql, gone === 'others' ? source : null, [...byId.keys(), ...named]);
  const changed: TrackRow[] = [];
  for (const row of byId.values()) {
    const before = known.get(row.id);
    // of one pair, a run that knew less never overwrites one that knew more
    if (before && gone !== 'others' && before.gone === null && before.look > row.look) continue;
    if (!before || !saysTheSame(before, row)) changed.push(row);
  }
  const why = new Map(
    gone === 'others'
      ? [...known.values()].flatMap(({ id, source: from }) =>
          from === source && !byId.has(id) ? [[id, whyGone[id] ?? othersGone]] : [],
        )
      : gone.map(({ track, why: reason }) => [track, reason] as const),
  );
  const left = [...known.values()]
    .filter((row) => why.has(row.id) && row.gone === null)
    .map((row): TrackRow => ({ ...row, gone: why.get(row.id)!, recorded_at: new Date(at) }));
  if (changed.length + left.length === 0) return { tracks: 0, alerts: 0 };
  await putTracks(sql, [...changed, ...left]);
  await putLineage(sql, tracks);
  const successors = new Map([
    ...(await heirs(sql, left, rules)),
    ...tracks.flatMap(({ id, formerIds }) => formerIds.map((former) => [former, id] as const)),
  ]);
  const alerts = await raiseAround(sql, {
    touched: [...changed, ...left, ...changed.flatMap(({ id }) => known.get(id) ?? [])],
    successors,
    rules,
    by,
    at,
  });
  const kindOf = ({ id }: TrackRow): string => (known.has(id) ? 'track-changed' : 'track-found');
  await appendEvents(sql, [
    ...changed.map((row) => trackEvent(row, { kind: kindOf(row), by, at })),
    ...left.map((row) => trackEvent(row, { kind: 'track-gone', by, at })),
    ...alerts,
  ]);
  return { tracks: changed.length + left.length, alerts: alerts.length };
}

/** Of tracks that are gone, those of the same source that lie there now: another outline of the same change. */
async function heirs(sql: Sql, left: readonly TrackRow[], rules: AlertRules): Promise<ReadonlyMap<string, string>> {
  const box = unionOf(left);
  if (box === null) return new Map();
  const sources = new Set(left.map(({ source }) => source));
  const present = (await selectTracksIn(sql, box)).filter(({ source }) => sources.has(source));
  return heirsByGround(left.map(placedTrackOf), present.map(placedTrackOf), rules.sameGroundFraction);
}
