import { sql as text } from 'kysely';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';

/** URIs of kept documents that remembered pairs were made from, sorted; those of superseded pairs are needed by nobody. */
export async function selectNeededItems(sql: Sql): Promise<readonly string[]> {
  const paths = queriesOn(sql)
    .selectFrom('watched_pair')
    .select(text<string>`jsonb_array_elements(files)->>'path'`.as('path'))
    .where('state', '<>', 'superseded')
    .as('file');
  const rows = await queriesOn(sql)
    .selectFrom(paths)
    .select('file.path')
    .distinct()
    .where('file.path', 'like', 'image-store:%')
    .orderBy('file.path')
    .execute();
  return rows.map(({ path }) => path);
}
