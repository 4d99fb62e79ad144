import { z } from 'zod';
import { layerRefSchema } from '../../pipeline/parcel/layer-ref.ts';

/** Who changes something, and why; the time is the database's holder's. */
export const actorSchema = z.strictObject({ by: z.string().min(1), why: z.string().min(1) });
export type Actor = z.infer<typeof actorSchema>;

export const storedProjectSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  county: z.string(),
  towns: z.array(z.string()),
  stage: z.string(),
  startDate: z.string().nullable(),
  endDate: z.string().nullable(),
  areaM2: z.number(),
  digest: z.string().describe('sha256 over attributes and boundary'),
});
export type StoredProject = z.infer<typeof storedProjectSchema>;

export const workKinds = ['contiguous', 'high-standard', 'reclaimed', 'added', 'redeveloped'] as const;

export const storedSubProjectSchema = z.strictObject({
  id: z.string(),
  project: z.string(),
  work: z.enum(workKinds),
  plannedCode: z.string(),
  town: z.string(),
  plannedM2: z.number(),
  areaM2: z.number(),
  digest: z.string(),
});
export type StoredSubProject = z.infer<typeof storedSubProjectSchema>;

/** A layer whose object is in the image store, to be recorded as a version; the projects it adds or changes with it. */
export const newVersionSchema = z.strictObject({
  ...layerRefSchema.shape,
  areaM2: z.number(),
  /** what the import found: counts, coordinate system, encoding, repairs */
  facts: z.record(z.string(), z.unknown()),
  actor: actorSchema,
  /** for sets of projects: the layer that this set was merged with, null for the first */
  basedOn: z.string().nullable(),
  projects: z.array(storedProjectSchema),
  subProjects: z.array(storedSubProjectSchema),
});
export type NewVersion = z.infer<typeof newVersionSchema>;

export const versionSchema = z.strictObject({
  ...layerRefSchema.shape,
  number: z.number().int().describe('counts the whole sets of projects of one date; 1 for every other kind'),
  state: z.enum(['current', 'superseded']).describe('superseded: a later one of its kind is there'),
  areaM2: z.number().describe('sum of the areas of its features (m²)'),
  facts: z.record(z.string(), z.unknown()).describe('what the import found'),
  importedBy: z.string().describe('who imported it'),
  importedAt: z.string().describe('when (ISO-8601 UTC)'),
});
export type Version = z.infer<typeof versionSchema>;

export const recordedSchema = z.strictObject({
  version: versionSchema.describe('the version that is there now'),
  isNew: z.boolean().describe('false: the same content was there already'),
  superseded: z.array(layerRefSchema).describe('versions that it supersedes'),
});
export type Recorded = z.infer<typeof recordedSchema>;
