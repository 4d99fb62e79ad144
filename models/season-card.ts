import { z } from 'zod';
import { seasonInputSchema } from '../pipeline/season/season-features.ts';

const bilingual = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });

const tableSchema = z.strictObject({
  file: z.string().min(1).describe('network `tianwatch-curve-net/1`, relative to the card'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'wants 64 hex digits'),
  bytes: z.number().int().positive(),
});

/** The contract of a season model: what it looks at in a parcel's series, and what it says. */
export const seasonCardSchema = z.strictObject({
  format: z.literal('tianwatch-season-card/2'),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  version: z.string().min(1),
  status: z.enum(['experimental', 'stable']).describe('experimental: never tried on a real year of its region'),
  title: bilingual,
  weights: tableSchema,
  input: seasonInputSchema,
  metrics: z
    .array(z.strictObject({ name: z.string(), value: z.number(), on: z.string(), note: z.string().optional() }))
    .describe('measured, with what they were measured on'),
  licence: z.string().min(1),
  trainingData: z.array(z.strictObject({ name: z.string(), licence: z.string(), use: z.string() })),
  knownFailures: z.array(bilingual),
  decisions: z.array(z.string()).describe('dated lines'),
});
export type SeasonCard = z.infer<typeof seasonCardSchema>;
