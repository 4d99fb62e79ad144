import { z } from 'zod';
import { type TendingYear, tendingGroupSchema } from '../../pipeline/season/tending-group.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import { batchesOf } from './track-rows.ts';

const groupsSchema = z.array(tendingGroupSchema);

/** What a series says of projects takes the place of what it said. */
export async function putTending(
  sql: Sql,
  source: string,
  { tending, at }: { readonly tending: readonly TendingYear[]; readonly at: string },
): Promise<void> {
  await queriesOn(sql).deleteFrom('tending').where('source', '=', source).execute();
  for (const batch of batchesOf(tending))
    await queriesOn(sql)
      .insertInto('tending')
      .values(batch.map((year) => ({ ...year, groups: jsonb(year.groups), recorded_at: new Date(at) })))
      .execute();
}

/** What all series say of all projects, in a fixed order. */
export async function selectTending(sql: Sql): Promise<TendingYear[]> {
  const rows = await queriesOn(sql)
    .selectFrom('tending')
    .select(['source', 'project', 'year', 'groups'])
    .orderBy('project')
    .orderBy('year')
    .orderBy('source')
    .execute();
  return rows.map(({ source, project, year, groups }) => ({
    source,
    project,
    year,
    groups: groupsSchema.parse(groups),
  }));
}
