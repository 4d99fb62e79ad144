import { z } from 'zod';
import { runRequestSchema } from '../../pipeline/request.ts';
import { runStates } from '../run-status.ts';

const sceneSchema = z.strictObject({
  name: z.string(),
  id: z.string().describe('of its content'),
  acquired: z.string().nullable(),
});

/** A pair of scenes that a watch has begun, as it is remembered. */
export const watchedPairSchema = z.strictObject({
  id: z.string().describe('sha256 over folder, settings and contents'),
  folder: z.string().describe('where the watch puts its results'),
  out: z.string().describe('folder of the result'),
  before: sceneSchema,
  after: sceneSchema,
  files: z
    .array(z.strictObject({ path: z.string(), version: z.string() }))
    .describe('as they were when the run was begun'),
  state: z.enum(['begun', 'ended', 'superseded']),
  runId: z.string(),
  outcome: z.string().nullable().describe('how the run ended; of a failed one the code of its error'),
});
export type WatchedPair = z.infer<typeof watchedPairSchema>;

/** What is known of it and of its run now. */
export const knownPairSchema = z.strictObject({
  ...watchedPairSchema.shape,
  runState: z.enum(runStates).nullable(),
  runError: z.string().nullable().describe('code of its error'),
  runRequest: runRequestSchema.nullable().describe('as its run was asked for'),
});
/** What whoever is about to run a pair is told. */
export const pairClaimSchema = z.strictObject({
  step: z.enum(['run', 'adopt', 'done']).describe('see `nextStep`'),
  since: z.string().describe('ISO-8601, when it was begun: a run that has ended since then is its run'),
});
export type PairClaim = z.infer<typeof pairClaimSchema>;
export type KnownPair = z.infer<typeof knownPairSchema>;
