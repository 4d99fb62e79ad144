import { z } from 'zod';
import type { ChunkPayload, RunPayload } from '../flow.ts';

export const runPayload: z.ZodType<RunPayload> = z.strictObject({
  runId: z.string(),
  round: z.int().min(1),
  version: z.string().optional(),
  lane: z.string().optional(),
});
export const chunkPayload: z.ZodType<ChunkPayload> = z.strictObject({
  runId: z.string(),
  round: z.int().min(1),
  version: z.string().optional(),
  index: z.int().min(0),
  lane: z.string().optional(),
});

/** What the payloads of all jobs have in common, and `index` where it is a chunk's. */
export const anyPayload = z.object({
  runId: z.string(),
  round: z.int().min(1),
  version: z.string().optional(),
  index: z.int().optional(),
  lane: z.string().optional(),
});
