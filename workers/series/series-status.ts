import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../database/event.ts';
import { failureSchema, runStates } from '../run-status.ts';
import { type SeriesRequest, sourceOf } from './series-request.ts';

export const seriesStages = ['open', 'measure', 'infer', 'weigh', 'detect', 'track', 'write'] as const;
export type SeriesStage = (typeof seriesStages)[number];

/** One series as everybody sees it: progress while it runs, outcome when it has ended. */
export const seriesStatusSchema = z.object({
  runId: z.string(),
  state: z.enum(runStates),
  stage: z.enum(seriesStages),
  /** parts of the stage: looks, or chunks of looks */
  parts: z.object({ done: z.int(), total: z.int() }),
  request: z.looseObject({ scenes: z.string(), aoi: z.string().nullable(), out: z.string() }),
  summary: z.record(z.string(), z.unknown()).nullable(),
  error: failureSchema.nullable(),
  /** ISO-8601 UTC */
  createdAt: z.string(),
  changedAt: z.string(),
});
export type SeriesStatus = z.infer<typeof seriesStatusSchema>;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Identity of a series as a run: what was asked, apart from `force`. */
export const seriesRunIdOf = ({ force: _force, ...asked }: SeriesRequest): string => hashOf(canonicalJson(asked));

/**
 * What a series keeps to itself while it runs, sorted: its own name, what its tracks are recorded under, the folder it
 * writes. Two that share one of them go one after the other.
 */
export function namesOf(request: SeriesRequest): readonly string[] {
  const source = sourceOf(request).replace(' ', '-');
  return [`run-${seriesRunIdOf(request)}`, source, `out-${hashOf(request.out)}`].toSorted();
}
