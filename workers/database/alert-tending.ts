import { projectTending, type ProjectTending } from '../../pipeline/season/tending-group.ts';
import type { TendingRules } from '../../pipeline/season/season-rules.ts';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import { selectTending } from './tending-rows.ts';
import { batchesOf } from './track-rows.ts';

/** The day on which tending is asked, and by what rules. */
export interface TendingDay {
  /** ISO-8601 */
  readonly on: string;
  /** last day of a crop year, MM-DD */
  readonly yearTo: string;
  readonly rules: TendingRules;
}

interface OnProjects {
  readonly projects?: readonly { readonly id: string }[];
}

/** Tending and payment of the projects below each of these tracks, as a ledger of that day has them. */
export async function tendingOfTracks(
  sql: Sql,
  tracks: readonly string[],
  { on, yearTo, rules }: TendingDay,
): Promise<ReadonlyMap<string, readonly ProjectTending[]>> {
  const projectsOf = new Map<string, readonly string[]>();
  for (const batch of batchesOf(tracks))
    for (const { id, facts } of await queriesOn(sql)
      .selectFrom('track')
      .select(['id', 'facts'])
      .where('id', 'in', [...batch])
      .execute())
      projectsOf.set(id, [...new Set(((facts ?? {}) as OnProjects).projects?.map((project) => project.id))].toSorted());
  const wanted = [...new Set([...projectsOf.values()].flat())];
  if (wanted.length === 0) return new Map();
  const years = await selectTending(sql);
  const known = new Map<string, ProjectTending>();
  for (const batch of batchesOf(wanted))
    for (const { id, end_date: endDate } of await queriesOn(sql)
      .selectFrom('project')
      .select(['id', 'end_date'])
      .where('id', 'in', [...batch])
      .execute()) {
      const own = years.filter(({ project }) => project === id);
      known.set(id, projectTending({ id, endDate }, own, { on, yearTo, rules }));
    }
  return new Map([...projectsOf].map(([track, ids]) => [track, ids.flatMap((id) => known.get(id) ?? [])]));
}
