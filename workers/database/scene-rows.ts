import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';

/** A scene that a run has read. */
export interface SeenScene {
  /** sha256 over the sha256 of its files */
  readonly id: string;
  readonly files: readonly { readonly file: string; readonly sha256: string }[];
  /** ISO-8601, null where no file says it */
  readonly acquired: string | null;
  readonly sensor: string | null;
  readonly gsdM: number;
}

/** Know scenes by their content; the same files again, wherever they lie, are the same scene. */
export async function recordScenes(
  sql: Sql,
  { runId, scenes, at }: { readonly runId: string; readonly scenes: readonly SeenScene[]; readonly at: string },
): Promise<void> {
  if (scenes.length === 0) return;
  await queriesOn(sql)
    .insertInto('scene')
    .values(
      scenes.map(({ id, files, acquired, sensor, gsdM }) => ({
        id,
        files: jsonb(files),
        acquired,
        sensor,
        gsd_m: gsdM,
        first_run: runId,
        recorded_at: new Date(at),
      })),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}
