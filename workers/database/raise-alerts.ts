import type { AlertRules } from '../../pipeline/alert/alert-rules.ts';
import type { Alert, AlertState, Transition } from '../../pipeline/alert/alert.ts';
import { casesOf, coversOf, type PlacedTrack } from '../../pipeline/alert/case.ts';
import { type Case, raiseAlert } from '../../pipeline/alert/raise.ts';
import {
  alertEvent,
  alertIdOf,
  alertRowOf,
  dropAlerts,
  isSameAlert,
  putAlerts,
  putOutbox,
  selectAlerts,
} from './alert-rows.ts';
import type { NewEvent } from './event.ts';
import type { Sql } from './sql.ts';
import type { AlertRow, TrackRow } from './tables.ts';
import { renewTasks } from './task-rows.ts';
import { type Box, placedTrackOf, selectTracks, selectTracksIn } from './track-rows.ts';
import { placedVerdictOf, selectVerdicts } from './verdict-rows.ts';

interface Raise {
  /** rows as they are and were: what lies there is judged anew */
  readonly touched: readonly TrackRow[];
  /** former id → id of the track that it is now */
  readonly successors: ReadonlyMap<string, string>;
  readonly rules: AlertRules;
  readonly by: string;
  /** ISO-8601 UTC */
  readonly at: string;
}

/** Box of all of them; null: none has one. */
export function unionOf(rows: readonly Pick<TrackRow, 'west' | 'south' | 'east' | 'north'>[]): Box | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const row of rows) {
    if (row.west === null) continue;
    west = Math.min(west, row.west);
    south = Math.min(south, row.south!);
    east = Math.max(east, row.east!);
    north = Math.max(north, row.north!);
  }
  return west <= east ? { west, south, east, north } : null;
}

const isWithin = (inner: Box | null, outer: Box | null): boolean =>
  inner === null ||
  (outer !== null &&
    inner.west >= outer.west &&
    inner.south >= outer.south &&
    inner.east <= outer.east &&
    inner.north <= outer.north);

/** Every case that one of the tracks is in, whole. */
async function casesAround(
  sql: Sql,
  ids: ReadonlySet<string>,
  { touched, rules }: Raise,
): Promise<{ readonly cases: readonly Case[]; readonly rows: ReadonlyMap<string, TrackRow>; readonly covers: Covers }> {
  let box = unionOf(touched);
  for (;;) {
    const inBox = box === null ? [] : await selectTracksIn(sql, box);
    const rows = new Map(inBox.map((row) => [row.id, row]));
    for (const row of await selectTracks(
      sql,
      [...ids].filter((id) => !rows.has(id)),
    ))
      if (row.gone === null) rows.set(row.id, row);
    const verdicts = await selectVerdicts(sql, box, [...rows.keys()]);
    const placed = [...rows.values()].map(placedTrackOf);
    const all = casesOf(placed, verdicts.map(placedVerdictOf), rules);
    const covers = coversOf(placed, rules);
    const cases = linkedCases(all, ids, covers);
    // a member that reaches beyond the box may touch what was not asked for
    const members = cases.flatMap(({ tracks }) => tracks.flatMap(({ id }) => rows.get(id) ?? []));
    const reach = unionOf(members);
    if (isWithin(reach, box)) return { cases, rows, covers };
    box = unionOf([...members, ...(box === null ? [] : [box])]);
  }
}

type Covers = ReturnType<typeof coversOf>;

/** Cases of these tracks; planting on ground that changed is judged with the change, and by it. */
function linkedCases(all: readonly Case[], ids: ReadonlySet<string>, covers: Covers): readonly Case[] {
  const has = ({ tracks }: Case, wanted: ReadonlySet<string>) => tracks.some(({ id }) => wanted.has(id));
  const asked = new Set(memberIds(all.filter((from) => has(from, ids))));
  const above = [...covers].filter(([id, on]) => asked.has(id) || on.some(({ track }) => asked.has(track.id)));
  const linked = above.flatMap(([id, on]) => [id, ...on.map(({ track }) => track.id)]);
  const wanted = new Set([...asked, ...linked]);
  return all.filter((from) => has(from, wanted));
}

/** States in which a changed piece of ground has been told of. */
const told: readonly AlertState[] = ['open', 'confirmed', 'lawful', 'recovering', 'closed'];

/**
 * Alerts of cases. A parcel that standing alerts of changed ground cover is no second errand for what was planted there:
 * it has none of its own, unless a person has spoken of it.
 *
 * @returns with them ids of tracks whose planting another alert tells
 */
function raiseCases(
  { cases, covers }: { readonly cases: readonly Case[]; readonly covers: Covers },
  rules: AlertRules,
): { readonly alerts: readonly Alert[]; readonly explained: ReadonlySet<string> } {
  const alerts = cases.flatMap((from) => {
    const alert = raiseAlert(from, rules, alertIdOf);
    return alert === null ? [] : [{ from, alert }];
  });
  const standing = new Set(alerts.flatMap(({ alert }) => (told.includes(alert.state) ? alert.tracks : [])));
  const isCovered = ({ id }: { readonly id: string }): boolean => {
    const bySource = new Map<string, number>();
    for (const { track, fraction } of covers.get(id) ?? [])
      if (standing.has(track.id)) bySource.set(track.source, (bySource.get(track.source) ?? 0) + fraction);
    return Math.max(0, ...bySource.values()) >= rules.explainedFraction;
  };
  const explained = new Set(
    alerts.flatMap(({ from, alert: { axis } }) =>
      axis === 'planting' && from.verdicts.length === 0 && from.tracks.some(isCovered) ? memberIds([from]) : [],
    ),
  );
  return {
    alerts: alerts.flatMap(({ alert }) => (explained.has(alert.track) ? [] : [alert])),
    explained,
  };
}

/** Where an alert that is no longer raised under its id went; undefined: nowhere. */
function heirOf(row: AlertRow, raised: readonly AlertRow[], successors: Raise['successors']): AlertRow | undefined {
  const tracks = row.tracks as readonly string[];
  const ids = new Set(tracks.flatMap((id) => [id, successors.get(id) ?? id]));
  return raised.find(({ axis, tracks: own }) => axis === row.axis && (own as string[]).some((id) => ids.has(id)));
}

const byRules = { zh: '依现行规则不再构成疑似', en: 'by the rules as they are now it is no suspicion' };
const byChange = {
  zh: '地块上的地类变化线索已包含此事',
  en: 'the alert of the changed ground on this parcel tells it',
};

function withdrawn(
  row: AlertRow,
  { gone, isExplained }: { readonly gone: string | null; readonly isExplained: boolean },
  at: string,
): AlertRow {
  if (row.state === 'withdrawn') return row;
  const last: Transition = {
    date: at.slice(0, 10),
    event: 'withdrawn',
    state: 'withdrawn',
    ...(gone === null ? (isExplained ? byChange : byRules) : { zh: '重新处理后不再发现', en: gone }),
    by: row.track,
  };
  const history = [...(row.history as Transition[]), last];
  return { ...row, state: 'withdrawn', due_date: null, task: null, history };
}

/**
 * Judge anew what lies where tracks changed: alerts are opened, moved on, named by the tracks they are of now, or
 * withdrawn with the reason. Errands and outbox are brought to it.
 *
 * @returns events, yet to be appended
 */
export async function raiseAround(sql: Sql, raise: Raise): Promise<readonly NewEvent[]> {
  const { touched, successors, rules, by, at } = raise;
  const ids = new Set(touched.map(({ id }) => id));
  const affected = await selectAlerts(sql, [...ids, ...successors.keys()], []);
  for (const { tracks } of affected) for (const id of tracks as string[]) ids.add(id);
  const around = await casesAround(sql, ids, raise);
  const { cases, rows } = around;
  const { alerts, explained } = raiseCases(around, rules);
  const raised = alerts.map((alert) => alertRowOf(alert, rows.get(alert.judgedBy)!, at));
  const known = new Map(
    [
      ...affected,
      ...(await selectAlerts(
        sql,
        memberIds(cases),
        raised.map(({ id }) => id),
      )),
    ].map((row) => [row.id, row]),
  );
  const gone = new Map(touched.map(({ id, gone: why }) => [id, why]));
  const before = new Map(known);
  const dropped: string[] = [];
  const moves: NewEvent[] = [];
  const kept: AlertRow[] = [];
  const present = new Set(raised.map(({ id }) => id));
  for (const row of known.values()) {
    if (present.has(row.id)) continue;
    const heir = heirOf(row, raised, successors);
    if (heir === undefined)
      kept.push(withdrawn(row, { gone: gone.get(row.track) ?? null, isExplained: explained.has(row.track) }, at));
    else {
      dropped.push(row.id);
      const body = { by, why: 'the same change under another track', as: heir.id };
      moves.push({ subject: 'alert', subjectId: row.id, kind: 'alert-continued', body, at });
      if (!before.has(heir.id)) before.set(heir.id, row);
    }
  }
  const after = [
    ...raised.map((row) => ({ ...row, assignee: before.get(row.id)?.assignee ?? null })),
    ...kept,
  ].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const changed = after.filter((row) => {
    const old = before.get(row.id);
    return !old || !isSameAlert(old, row);
  });
  await dropAlerts(sql, dropped);
  await putAlerts(sql, changed);
  const events = changed.map((row) => alertEvent(row, { before: before.get(row.id), by, at }));
  await putOutbox(sql, events, at);
  const tasks = [
    ...changed,
    ...dropped.flatMap((id) => known.get(id) ?? []),
    ...changed.flatMap(({ id }) => before.get(id) ?? []),
  ];
  await renewTasks(
    sql,
    tasks.flatMap(({ task }) => (task === null ? [] : [task])),
    at,
  );
  return [...moves, ...events];
}

const memberIds = (cases: readonly { readonly tracks: readonly Pick<PlacedTrack, 'id'>[] }[]): readonly string[] =>
  cases.flatMap(({ tracks }) => tracks.map(({ id }) => id));
