import { z } from 'zod';

/** What the files of a scene do not say themselves; the strings are parsed where scenes are opened. */
export const sceneRequestSchema = z.strictObject({
  files: z
    .array(z.string().min(1))
    .min(1)
    .describe('absolute paths or URLs (s3://, https://) of GeoTIFFs of one date, or one STAC Item'),
  bands: z.string().optional().describe('band names in file order, e.g. R,G,B,NIR'),
  sensor: z.string().optional(),
  acquired: z.string().optional().describe('ISO-8601 date'),
  scale: z.string().optional().describe('reflectance = DN · scale + offset'),
});
export type SceneRequest = z.infer<typeof sceneRequestSchema>;

const layerChoice = z.string().regex(/^(current|none|[0-9a-f]{6,64}(,[0-9a-f]{6,64})*)$/);

/** The one door's sentence: which scenes, which model, which grid, where to. */
export const runRequestSchema = z.strictObject({
  before: sceneRequestSchema,
  after: sceneRequestSchema,
  model: z
    .string()
    .describe(
      'id of a shipped card, path of a card, `auto` for the first shipped one that fits, or `none` for IR-MAD and change vectors alone',
    ),
  grid: z
    .string()
    .regex(/^(before|after|\d{4,6}:\d+(\.\d+)?)$/)
    .describe('before, after or <epsg>:<metres>'),
  aoi: z.string().optional().describe('absolute path of a GeoJSON polygon file, longitude/latitude'),
  baseline: layerChoice
    .optional()
    .describe(
      'imported baselines: `current` (newest of each kind up to the later date), `none`, or their ids, comma-separated',
    ),
  project: layerChoice.optional().describe('imported projects: likewise'),
  out: z.string().describe('absolute path of the folder to write'),
  priority: z
    .enum(['normal', 'high'])
    .optional()
    .describe('high: eight chunks for each one of a normal run; default high with `aoi`, else normal'),
  county: z
    .string()
    .regex(/^\d{6}$/)
    .optional()
    .describe(
      'county code of GB/T 2260 for which it is done: runs of one county share its turns among others; default: the one with most of the ground, by the newest land survey or projects',
    ),
  force: z.boolean().describe('replace a folder that is not ours'),
});
export type RunRequest = z.infer<typeof runRequestSchema>;
