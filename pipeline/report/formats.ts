import { z } from 'zod';

/**
 * The contract of every document a run writes. `docs/formats.md` is generated from the descriptions here.
 */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const m2 = z.number().min(0);
const fraction = z.number().min(0).max(1);
const dataDate = z.string().nullable().describe('ISO-8601 date of acquisition (UTC); null where no file says it');
const bilingual = z.strictObject({ zh: z.string(), en: z.string() });

export const warningSchema = z.strictObject({
  code: z.string().describe('stable word, e.g. DATE_UNKNOWN'),
  message: z.string(),
  todo: z.string(),
});
export type Warning = z.infer<typeof warningSchema>;

export const patchPropertiesSchema = z.strictObject({
  id: z.string().describe('derived from the content: the same patch of the same scenes has the same id'),
  classBefore: z.string().describe('class seen before (majority of pixels), English key of the class map'),
  classAfter: z.string().describe('class changed into (majority of pixels)'),
  classBeforeZh: z.string(),
  classAfterZh: z.string(),
  probability: fraction.describe('mean probability of change over the pixels'),
  areaM2: m2.describe('sum of the ellipsoidal areas of the pixels, m²'),
  pixels: z.number().int().positive(),
  state: z.enum(['suspected', 'watch']).describe('疑似 suspected: at or above minAreaM2; 观察 watch: below it'),
  minAreaM2: m2.describe('minimum area in force: max(class minimum, 20 px)'),
  dateBefore: dataDate,
  dateAfter: dataDate,
});
export type PatchProperties = z.infer<typeof patchPropertiesSchema>;

export const coverageSchema = z.strictObject({
  gridM2: m2.describe('area of the whole grid, inside the area of interest where one is given'),
  observedM2: m2.describe('seen on both dates'),
  unobservedM2: m2.describe('not seen on at least one date; says nothing about change'),
  unobservedFraction: fraction,
  reasonsM2: z.strictObject({
    outside: m2.describe('outside the overlap of the two scenes'),
    nodata: m2.describe('nodata, NaN, alpha or mask in either scene'),
    cloud: m2.describe('cloud or haze, dilated, in either scene'),
    shadow: m2.describe('cloud shadow, dilated, in either scene'),
    failed: m2.describe('chunks that failed for good'),
  }),
});
export type Coverage = z.infer<typeof coverageSchema>;

const changedClassSchema = z.strictObject({
  classBefore: z.string(),
  classAfter: z.string(),
  suspected: z.number().int().min(0).describe('patches'),
  watch: z.number().int().min(0).describe('patches below the minimum area'),
  suspectedM2: m2,
  watchM2: m2,
});

export const droppedSchema = z.strictObject({
  slivers: z.strictObject({ patches: z.number().int().min(0), pixels: z.number().int().min(0), areaM2: m2 }),
});

export const summarySchema = z.strictObject({
  format: z.literal('tianwatch-summary/1'),
  state: z
    .enum(['done', 'partial'])
    .describe('partial: chunks failed for good; the hole is in coverage.reasonsM2.failed'),
  notice: bilingual,
  dateBefore: dataDate,
  dateAfter: dataDate,
  sensorBefore: z.string().nullable(),
  sensorAfter: z.string().nullable(),
  model: z.string().describe('id@version, or none'),
  gsdM: z.number().positive().describe('ground sampling distance of the grid, m'),
  coverage: coverageSchema,
  changedM2: m2.describe('area of all pixels at or above the threshold, dropped slivers included'),
  patches: z.strictObject({
    suspected: z.number().int().min(0),
    watch: z.number().int().min(0),
    suspectedM2: m2,
    watchM2: m2,
    dropped: droppedSchema.describe('pixels above the threshold that are in no patch, and why'),
  }),
  changes: z.array(changedClassSchema).describe('by class before and after, largest suspected area first'),
  warnings: z.array(warningSchema),
});
export type Summary = z.infer<typeof summarySchema>;

const fileSchema = z.strictObject({ file: z.string(), bytes: z.number().int().min(0), sha256 });

export const manifestSchema = z.strictObject({
  format: z.literal('tianwatch-run/1'),
  id: sha256.describe('derived from scenes, model, grid, configuration and code'),
  state: z.enum(['done', 'partial']),
  code: z.strictObject({ name: z.literal('tianwatch'), version: z.string(), pixelsVersion: sha256 }),
  inputs: z.array(
    fileSchema.extend({ role: z.enum(['before', 'after', 'aoi']), acquired: dataDate, sensor: z.string().nullable() }),
  ),
  model: z
    .strictObject({
      id: z.string(),
      version: z.string(),
      cardSha256: sha256,
      weightsSha256: sha256,
      thresholdFraction: fraction,
    })
    .nullable()
    .describe('null: IR-MAD and change vectors alone'),
  config: z.array(fileSchema).describe('rule and class files that shaped the result'),
  grid: z.strictObject({
    epsg: z.number().int().nullable(),
    crs: z.string(),
    affine: z.array(z.number()).length(6),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    gsdM: z.number().positive(),
  }),
  bands: z.array(z.string()).describe('bands that took part, in order'),
  statistics: z
    .unknown()
    .describe('pair statistics: shift, radiometry, IR-MAD, change vectors; doi:10.1109/TIP.2006.888195'),
  chunks: z.strictObject({
    total: z.number().int(),
    failed: z.array(z.strictObject({ chunk: z.number().int(), why: z.string() })),
  }),
  coverage: coverageSchema,
  counts: z.strictObject({
    suspected: z.number().int(),
    watch: z.number().int(),
    changedPixels: z.number().int(),
    dropped: droppedSchema,
  }),
  warnings: z.array(warningSchema),
  outputs: z.array(fileSchema).describe('every file of the folder but run.json itself'),
  timing: z
    .record(z.string(), z.unknown())
    .describe('clock times and speeds; the only part that differs between two runs'),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What every screen and file says until a person has confirmed (自然资发〔2023〕258号). */
export const notice = {
  zh: '机器结果均为疑似线索，须经实地核查确认，不作为处罚依据。',
  en: 'Machine findings are suspected clues; a field check decides. They are no ground for a penalty.',
} as const;
