import { z } from 'zod';
import { runRequestSchema } from '../../pipeline/request.ts';
import { pairRules } from '../../pipeline/arrival/pair.ts';

const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/);
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** A `WatchRequest` as it is stored. */
export const watchRequestSchema = z.strictObject({
  where: z.string(),
  out: z.string(),
  settings: runRequestSchema.pick({ model: true, grid: true, aoi: true, baseline: true, project: true, county: true }),
  flags: z.strictObject({
    bands: z.string().optional(),
    sensor: z.string().optional(),
    acquired: z.string().optional(),
    scale: z.string().optional(),
  }),
  rule: z.enum(pairRules),
  cloudFraction: z.number().min(0).max(1),
  from: day.nullable(),
  parts: z.array(z.string()).readonly(),
  settleMs: z.number().positive(),
});

/** When an area is looked at for scenes. */
export const scheduleSchema = z.strictObject({
  area: z.string().min(1).max(100).describe('what people call it; one schedule an area'),
  pattern: z.string().min(1).describe('cron, five or six fields'),
  zone: z.string().min(1).describe('IANA time zone of the pattern'),
  season: z
    .strictObject({ name: z.string(), from: monthDay, to: monthDay })
    .nullable()
    .describe('days of the year in which it fires; null: all'),
  request: watchRequestSchema.describe('what is watched and how'),
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const storedScheduleSchema = z.strictObject({
  ...scheduleSchema.shape,
  addedMs: z.number().describe('ms since 1970'),
  lastSlotMs: z.number().nullable().describe('last slot that was served'),
  lastOutcome: z.string().nullable(),
});
export type StoredSchedule = z.infer<typeof storedScheduleSchema>;

export const firingSchema = z.strictObject({
  area: z.string(),
  slotMs: z.number(),
  cause: z.enum(['due', 'caught-up']),
});
export type Firing = z.infer<typeof firingSchema>;

/** `new`: this call claimed the slot; `begun`: somebody had, and did not end it; `ended`: it was served. */
export const claimSchema = z.enum(['new', 'begun', 'ended']);
export type Claim = z.infer<typeof claimSchema>;
