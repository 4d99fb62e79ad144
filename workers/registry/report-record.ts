import { z } from 'zod';
import { actorSchema } from './record.ts';

export const storedReportRowSchema = z.strictObject({
  line: z.number().int(),
  month: z.string().nullable(),
  /** of the project */
  county: z.string().nullable(),
  project: z.string(),
  subProject: z.string().nullable(),
  town: z.string().nullable(),
  work: z.string().nullable(),
  plannedM2: z.number().nullable(),
  reportedM2: z.number().nullable(),
  refused: z.string().nullable(),
  cells: z.array(z.string()),
});
export type StoredReportRow = z.infer<typeof storedReportRowSchema>;

/** A file of monthly reports to be recorded. */
export const newReportSchema = z.strictObject({
  /** sha256 over what was read out of it */
  id: z.string(),
  file: z.string(),
  /** problems, notes and totals as they were found */
  facts: z.record(z.string(), z.unknown()),
  rows: z.array(storedReportRowSchema),
  actor: actorSchema,
  /** a month and county that is known with other content is superseded, not refused */
  supersedes: z.boolean(),
});
export type NewReport = z.infer<typeof newReportSchema>;

export const reportVersionSchema = z.strictObject({
  month: z.string().describe('yyyy-mm'),
  county: z.string().describe('6 digits'),
  number: z.number().int().describe('counts the versions of this month and county'),
  state: z.enum(['current', 'superseded']).describe('superseded: a later version is there'),
  report: z.string().describe('sha256 over what was read out of the file'),
  file: z.string().describe('name of the file'),
  rows: z.number().int().describe('rows that count'),
  reportedM2: z.number().describe('sum of what is reported (m²)'),
  refusedRows: z.number().int().describe('rows of this month and county in the file that do not count'),
  importedBy: z.string().describe('who imported it'),
  importedAt: z.string().describe('when (ISO-8601 UTC)'),
});
export type ReportVersion = z.infer<typeof reportVersionSchema>;

/** A file as it was imported: what does not count is here with its reason. */
export const storedReportSchema = z.strictObject({
  report: z.string().describe('sha256 over what was read out of the file'),
  file: z.string().describe('name of the file'),
  sheet: z.string().nullable().describe('of a workbook'),
  rows: z.number().int().describe('all rows'),
  refused: z
    .array(
      z.strictObject({
        line: z.number().int().describe('1-based, of the file'),
        reason: z.string().describe('why the row does not count'),
        cells: z.array(z.string()).describe('as the file has them'),
      }),
    )
    .describe('rows that do not count'),
  problems: z
    .array(
      z.object({
        code: z.string().describe('word of the table of report problems'),
        effect: z.string().describe('of the problem'),
        message: z.string().describe('which rows, which values, what was expected'),
      }),
    )
    .describe('what was found, and accepted where it had to be'),
  notes: z
    .array(z.strictObject({ line: z.number().int().describe('1-based'), text: z.string().describe('of it') }))
    .describe('lines that are no rows'),
  importedBy: z.string().describe('who imported it'),
  importedAt: z.string().describe('when (ISO-8601 UTC)'),
});
export type StoredReport = z.infer<typeof storedReportSchema>;

export const recordedReportSchema = z.strictObject({
  isNew: z.boolean().describe('false: the same content was there already'),
  versions: z.array(reportVersionSchema).describe('months and counties that are new or were superseded by this file'),
});
export type RecordedReport = z.infer<typeof recordedReportSchema>;
