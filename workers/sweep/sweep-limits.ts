import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';

export const sweepLimitsSchema = z.strictObject({
  format: z.literal('tianwatch-sweep/1').describe('name and version of this format'),
  leastAgeHours: z.number().min(1).describe('nothing that was used within so many hours is taken away'),
  cacheBytes: z
    .int()
    .min(0)
    .describe('size of the chunk cache that is kept (bytes); what was used longest ago goes first'),
  scratchDays: z.number().min(1).describe('how long files of ended runs stay that only their stages needed'),
  itemDays: z
    .number()
    .min(7)
    .describe('how long Items of STAC APIs stay that no watch lists and no pair or run refers to any more'),
  resultDays: z
    .number()
    .min(1)
    .nullable()
    .describe('how long results of runs that workers did stay in the image store; null: for good'),
  source: z.string().min(1).describe('where the limits come from'),
  verified: z.boolean().describe('whether somebody has held them against the text of the source'),
});
export type SweepLimits = z.infer<typeof sweepLimitsSchema>;

/** `config/sweep.json`. @throws AppError CONFIG_INVALID */
export function loadSweepLimits(): SweepLimits {
  const text = readFileSync(new URL('../../config/sweep.json', import.meta.url), 'utf8');
  const parsed = sweepLimitsSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = `config/sweep.json: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}.`;
  throw new AppError('CONFIG_INVALID', what, 'Restore the file, or correct the value.');
}
