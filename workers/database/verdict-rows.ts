import { z } from 'zod';
import { type StoredVerdict, storedVerdictSchema } from '../../pipeline/report/label-export.ts';
import type { Axis, VerdictWord } from '../../pipeline/alert/alert.ts';
import type { GroundDeg, PlacedVerdict } from '../../pipeline/alert/case.ts';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { VerdictRow } from './tables.ts';
import { type Box, batchesOf, cropYearOf } from './track-rows.ts';

export function placedVerdictOf(row: VerdictRow): PlacedVerdict {
  return {
    id: row.id,
    axis: row.axis as Axis,
    track: row.track,
    says: row.says as VerdictWord,
    date: row.date,
    evidence: row.evidence as readonly string[],
    ground: row.ground as GroundDeg | null,
    cropYear: cropYearOf(row.facts),
  };
}

/** Verdicts whose ground meets a box, and those on tracks of these ids. */
export async function selectVerdicts(sql: Sql, box: Box | null, tracks: readonly string[]): Promise<VerdictRow[]> {
  const database = queriesOn(sql);
  const found = new Map<string, VerdictRow>();
  const keep = (rows: readonly VerdictRow[]): void => rows.forEach((row) => found.set(row.id, row));
  if (box !== null)
    keep(
      await database
        .selectFrom('verdict')
        .selectAll()
        .where('west', '<=', box.east)
        .where('east', '>=', box.west)
        .where('south', '<=', box.north)
        .where('north', '>=', box.south)
        .execute(),
    );
  for (const batch of batchesOf(tracks))
    keep(
      await database
        .selectFrom('verdict')
        .selectAll()
        .where('track', 'in', [...batch])
        .execute(),
    );
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const facts = z
  .object({ classBefore: z.string(), classAfter: z.string(), dateBefore: z.string().nullable() })
  .partial();

/** Every verdict with what its track says of the change, by id. */
export async function listStoredVerdicts(sql: Sql): Promise<readonly StoredVerdict[]> {
  const rows = await queriesOn(sql)
    .selectFrom('verdict')
    .leftJoin('track', 'track.id', 'verdict.track')
    .select(['verdict.id', 'verdict.track', 'verdict.axis', 'verdict.says', 'verdict.date', 'verdict.given_by'])
    .select(['verdict.ground', 'track.first_seen', 'track.facts', 'track.ground as track_ground', 'track.category'])
    .orderBy('verdict.id')
    .execute();
  return rows.map((row) => {
    const said = facts.safeParse(row.facts ?? {}).data ?? {};
    return storedVerdictSchema.parse({
      id: row.id,
      track: row.track,
      axis: row.axis,
      says: row.says,
      date: row.date,
      givenBy: row.given_by,
      ground: row.ground ?? row.track_ground ?? null,
      classBefore: said.classBefore ?? null,
      classAfter: said.classAfter ?? null,
      dateBefore: said.dateBefore?.slice(0, 10) ?? null,
      category: row.category,
      dateAfter: row.first_seen ? row.first_seen.slice(0, 10) : null,
    });
  });
}
