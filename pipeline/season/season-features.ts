import { z } from 'zod';
import { fieldIndexNames, type FieldIndex } from './field-index.ts';
import type { SeasonCurves } from './season-curve.ts';

/** How a season model looks at a year; part of its card. */
export const seasonInputSchema = z.strictObject({
  yearFrom: z
    .string()
    .regex(/^\d{2}-\d{2}$/)
    .describe('first day of the first step, MM-DD, in the calendar year before'),
  stepDays: z.number().int().positive().describe('length of a step'),
  steps: z.number().int().positive().describe('steps of the year'),
  lambda: z.number().positive().describe('stiffness of the Whittaker smoother'),
  indices: z
    .array(z.enum(fieldIndexNames as readonly [FieldIndex, ...FieldIndex[]]))
    .min(1)
    .describe('indices whose curves are features, step by step, in this order'),
  gaps: z.boolean().describe('log(1 + days) to the nearest clear look is a feature too, after the curves'),
});
export type SeasonInput = z.infer<typeof seasonInputSchema>;

/** Features of a year: the smooth curves of the indices one after the other, then the gaps. */
export function seasonFeatures({ curves, gapDays }: SeasonCurves, { indices, gaps }: SeasonInput): Float32Array {
  const parts = indices.map((index) => curves[index] ?? gapDays.map(() => Number.NaN));
  return Float32Array.from([...parts, ...(gaps ? [gapDays.map(Math.log1p)] : [])].flatMap((part) => [...part]));
}
