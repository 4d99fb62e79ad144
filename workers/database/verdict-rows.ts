import type { Axis, VerdictWord } from '../../pipeline/alert/alert.ts';
import type { GroundDeg, PlacedVerdict } from '../../pipeline/alert/case.ts';
import { queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { VerdictRow } from './tables.ts';
import { type Box, batchesOf } from './track-rows.ts';

export function placedVerdictOf(row: VerdictRow): PlacedVerdict {
  return {
    id: row.id,
    axis: row.axis as Axis,
    track: row.track,
    says: row.says as VerdictWord,
    date: row.date,
    evidence: row.evidence as readonly string[],
    ground: row.ground as GroundDeg | null,
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
