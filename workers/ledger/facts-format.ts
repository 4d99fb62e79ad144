import { z } from 'zod';
import { lookKinds } from '../../pipeline/ledger/facts.ts';
import { tendingYearSchema } from '../../pipeline/season/tending-group.ts';

const category = z.enum(['non-farm', 'non-grain', 'recovered', 'other', 'review']);

/** A reading as it goes from the database to whoever makes a ledger; bytes are base64. */
const storedReadingSchema = z.object({
  id: z.string(),
  look: z.string(),
  date: z.string(),
  kind: z.enum(lookKinds),
  sensor: z.string().nullable(),
  gsdM: z.number(),
  reference: z.string(),
  referenceDate: z.string().nullable(),
  classes: z.record(z.string(), z.string()),
  observations: z.array(
    z.object({
      subject: z.enum(['sub-project', 'survey']),
      subjectId: z.string(),
      town: z.string(),
      areaM2: z.number(),
      seenM2: z.number(),
      outline: z.string(),
      cells: z.string().nullable(),
    }),
  ),
  sightings: z.array(
    z.object({
      id: z.string(),
      category,
      classBefore: z.string(),
      classAfter: z.string(),
      areaM2: z.number(),
      probability: z.number(),
      lonDeg: z.number(),
      latDeg: z.number(),
      shape: z.string(),
    }),
  ),
});
export type StoredReading = z.infer<typeof storedReadingSchema>;

export const ledgerFactsSchema = z.object({
  readings: z.array(storedReadingSchema),
  reported: z.array(
    z.object({
      month: z.string(),
      project: z.string(),
      subProject: z.string().nullable(),
      town: z.string().nullable(),
      work: z.string().nullable(),
      reportedM2: z.number(),
    }),
  ),
  tending: z.array(tendingYearSchema),
});
export type LedgerFacts = z.infer<typeof ledgerFactsSchema>;
