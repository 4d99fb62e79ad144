import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';

const source = z.string().min(1).describe('where the limits come from');
const verified = z.boolean().describe('whether somebody has held them against the text of the source');

export const importLimitsSchema = z.strictObject({
  format: z.literal('tianwatch-import-limits/1').describe('name and version of this format'),
  repair: z
    .strictObject({
      maxChangeFraction: z.number().gt(0).max(1).describe('part of its area by which a repair may change a feature'),
      maxChangeM2: z.number().gt(0).describe('area by which it may change it (m²); refused when both are exceeded'),
      source,
      verified,
    })
    .describe('repair of invalid geometries'),
  overlap: z
    .strictObject({
      leastM2: z.number().gt(0).describe('shared area from which on two features overlap (m²)'),
      source,
      verified,
    })
    .describe('ground that two features of one layer both claim'),
  gap: z
    .strictObject({
      leastM2: z.number().gt(0).describe('area from which on a hole between parcels is told (m²)'),
      source,
      verified,
    })
    .describe('ground of no parcel that parcels of a survey enclose'),
  project: z
    .strictObject({
      leastOwnCountyFraction: z
        .number()
        .min(0)
        .max(1)
        .describe('part of a project that has to lie on surveyed parcels of its county'),
      plannedToleranceFraction: z
        .number()
        .gt(0)
        .describe('part of its outline by which the planned area of a sub-project may differ from it'),
      source,
      verified,
    })
    .describe('projects'),
  listedRows: z.number().int().min(1).describe('rows that a problem lists at most; the others are counted'),
});
export type ImportLimits = z.infer<typeof importLimitsSchema>;

/** `config/import.json`. @throws AppError CONFIG_INVALID */
export function loadImportLimits(): ImportLimits {
  const text = readFileSync(new URL('../../config/import.json', import.meta.url), 'utf8');
  const parsed = importLimitsSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = `config/import.json: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}.`;
  throw new AppError('CONFIG_INVALID', what, 'Restore the file, or correct the value.');
}
