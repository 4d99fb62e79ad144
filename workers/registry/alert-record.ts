import { z } from 'zod';
import { projectTendingSchema } from '../../pipeline/season/tending-group.ts';
import { alertStates, axes, verdictWords } from '../../pipeline/alert/alert.ts';

const text = z.string();
const maybe = text.nullable();

/** An alert as commands and other programs see it. */
export const shownAlertSchema = z.strictObject({
  id: text.describe('computed from axis and track'),
  axis: z.enum(axes).describe('land class, or planting'),
  track: text.describe('the track whose judgement it tells'),
  tracks: z.array(text).describe('all tracks on its ground'),
  kind: text.describe('category of the track: what is suspected'),
  severity: text.describe('normal, high, severe'),
  state: z.enum(alertStates).describe('what is asked of whom'),
  certainty: text.describe('probable, or confirmed by looks or on the spot'),
  areaM2: z.number().describe('newest area (m²)'),
  rule: text.describe('rule that raised it'),
  ruleVersion: z.number().describe('version of its file'),
  policies: z
    .array(z.object({ id: text, version: z.number(), isPossible: z.boolean().optional() }))
    .describe('named rules that it touches, or may touch'),
  evidence: z.array(text).describe('keys of stored evidence'),
  county: maybe.describe('code (6 digits)'),
  town: maybe.describe('code (9 digits)'),
  village: maybe.describe('code (12 digits)'),
  askedOn: text.describe('ISO-8601 day on which it asked last'),
  dueDate: maybe.describe('ISO-8601 day; null: it asks for nobody'),
  task: maybe.describe('the errand that it is part of'),
  assignee: maybe.describe('who it was given to'),
  tending: z
    .array(projectTendingSchema)
    .readonly()
    .describe(
      'projects that its ground lies on: whether their tending period 管护期 runs and their payment is held, today',
    ),
  history: z
    .array(z.object({ date: text, event: text, state: text, zh: text, en: text, by: text }))
    .describe('what happened, in order of date'),
});
export type ShownAlert = z.infer<typeof shownAlertSchema>;

const groundSchema = z
  .array(z.array(z.array(z.tuple([z.number(), z.number()]).readonly()).readonly()).readonly())
  .readonly();

/** One alert with what a look at it is held against. */
export const alertDetailSchema = z.strictObject({
  alert: shownAlertSchema,
  /** coordinates of a MultiPolygon (degrees); null: not known */
  ground: groundSchema.nullable(),
  /** ISO date before which the ground was as it had been; null: not known */
  since: maybe,
  facts: z.record(text, z.unknown()),
  verdicts: z.array(z.object({ id: text, says: text, date: text, by: text, why: text, evidence: z.array(text) })),
});
export type AlertDetail = z.infer<typeof alertDetailSchema>;

export const shownTaskSchema = z.strictObject({
  id: text,
  place: text,
  quarter: text,
  state: z.enum(['open', 'done']),
  dueDate: text,
  alerts: z.array(text),
});
export type ShownTask = z.infer<typeof shownTaskSchema>;

/** What became of the messages that were due. */
export const sentSchema = z.strictObject({
  sent: z.int(),
  failed: z.int(),
  /** not sent yet, those that are not due included */
  left: z.int(),
  /** of the last failure */
  why: text.nullable(),
});
export type Sent = z.infer<typeof sentSchema>;

/** Which alerts; what is left out does not narrow. */
export const alertFilterSchema = z.strictObject({
  states: z.array(z.enum(alertStates)).readonly().optional(),
  /** county, town or village: codes that begin so */
  place: text.optional(),
  limit: z.int().min(1).max(2000),
});
export type AlertFilter = z.infer<typeof alertFilterSchema>;

export const evidenceKinds = ['photo', 'tower-still', 'document'] as const;

export const newVerdictSchema = z.strictObject({
  alert: text,
  says: z.enum(verdictWords),
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  by: text,
  why: text,
  evidence: z.array(
    z.strictObject({
      key: text,
      kind: z.enum(evidenceKinds),
      file: text,
      bytes: z.number(),
      facts: z.record(text, z.unknown()),
    }),
  ),
});
export type NewVerdict = z.infer<typeof newVerdictSchema>;
